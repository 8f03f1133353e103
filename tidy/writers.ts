import { isCode, isTest, lineAt, type Source } from './source.ts'

/**
 * Which folders of packages/dialing/src write which table. Most tables have one writer; where a row passes through
 * several stages, each stage is named, and nothing else may write there.
 */
export const writers: Record<string, readonly string[]> = {
  workspaces: ['workspaces'],
  api_keys: ['workspaces'],
  idempotency_keys: ['workspaces'],
  assistants: ['assistants'],
  trunks: ['trunks'],
  phone_numbers: ['trunks'],
  contact_lists: ['contacts'],
  contacts: ['contacts'],
  csv_files: ['contacts'],
  csv_rejects: ['contacts'],
  suppressions: ['contacts', 'calls'],
  campaigns: ['campaigns'],
  campaign_zones: ['campaigns'],
  campaign_contacts: ['campaigns', 'claim', 'calls'],
  campaign_runtime: ['campaigns', 'claim', 'calls'],
  lanes: ['campaigns', 'claim', 'calls'],
  lane_wakes: ['wake-lane.ts', 'claim'],
  lane_paces: ['dial'],
  campaign_paces: ['dial'],
  calls: ['claim', 'dial', 'calls', 'sweep', 'campaigns'],
  signals: ['calls'],
  parked_signals: ['calls'],
  notices: ['notices'],
  notice_endpoints: ['notices'],
  notice_deliveries: ['notices'],
  audit_log: ['audit.ts'],
  event_log: ['event-log.ts'],
  recordings: ['recordings'],
}

const drizzleWrite = /\.(insert|update|delete)\(\s*(?:\w+\.)?(\w+)\s*\)/g
const sqlWrite =
  /\b(insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+(?:only\s+)?"?(?:\$\{(\w+)\}|(\w+))/gi

/** Writes to a table from a place that is not its writer. Tests write what they like. */
export function findForeignWrites(sources: Source[], declared = writers): string[] {
  const tableOf = new Map(
    Object.keys(declared).flatMap((table) => [
      [table, table],
      [toCamelCase(table), table],
    ]),
  )
  return sources
    .filter((source) => isCode(source) && !isTest(source) && /^(apps|packages)\//.test(source.path))
    .flatMap((source) => {
      const place = placeOf(source.path)
      return writesIn(source.text).flatMap(({ name, offset }) => {
        const table = tableOf.get(name)
        if (!table || declared[table]?.includes(place)) return []
        const line = lineAt(source.text, offset)
        return [`${source.path}:${line} writes ${table}, which is written by ${declared[table]?.join(', ')} only`]
      })
    })
}

/** Tables of the schema whose writer nobody declared. */
export function findUndeclaredTables(sources: Source[], declared = writers): string[] {
  return sources
    .filter(({ path }) => path.startsWith('packages/database/src/schema/'))
    .flatMap(({ text }) => [...text.matchAll(/\bpgTable\(\s*'(\w+)'/g)].map((match) => match[1] ?? ''))
    .filter((table) => !declared[table])
    .map((table) => `the table ${table} has no declared writer; name it in tidy/writers.ts`)
}

function writesIn(text: string): { name: string; offset: number }[] {
  const drizzle = [...text.matchAll(drizzleWrite)].map((match) => ({ name: match[2] ?? '', offset: match.index }))
  const raw = [...text.matchAll(sqlWrite)].map((match) => ({ name: match[2] ?? match[3] ?? '', offset: match.index }))
  return [...drizzle, ...raw]
}

function placeOf(path: string): string {
  return /^packages\/dialing\/src\/([^/]+)/.exec(path)?.[1] ?? path
}

function toCamelCase(table: string): string {
  return table.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
