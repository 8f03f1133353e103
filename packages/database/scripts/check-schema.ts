import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../src/embedded.ts'
import { migrate } from '../src/migrate.ts'
import * as assistants from '../src/schema/assistants.ts'
import * as calls from '../src/schema/calls.ts'
import * as campaigns from '../src/schema/campaigns.ts'
import * as contacts from '../src/schema/contacts.ts'
import * as eventLog from '../src/schema/event-log.ts'
import * as notices from '../src/schema/notices.ts'
import * as recordings from '../src/schema/recordings.ts'
import * as workspaces from '../src/schema/workspaces.ts'
import { dumpSchema } from './dump-schema.ts'

const migrations = fileURLToPath(new URL('../../../migrations', import.meta.url))
const schemaFile = join(migrations, 'schema.sql')

/** Ends with 1 when the migrations lag behind the schema, or schema.sql behind the migrations. `--write` renews it. */
async function main(): Promise<void> {
  const missing = await findMissingStatements()
  const dump = await dumpMigrated()
  if (process.argv.includes('--write')) await writeFile(schemaFile, dump)
  const current = await readFile(schemaFile, 'utf8').catch(() => '')
  if (missing.length > 0) {
    console.error(`The schema says more than the migrations do:\n\n${missing.join('\n')}\n`)
    console.error('Add a migration: pnpm --filter @outdial/database generate, then: npm run schema')
  }
  if (current !== dump) {
    console.error(`migrations/schema.sql is not what the migrations make:\n\n${firstDifference(current, dump)}\n`)
    console.error('Write it anew and read what changed: npm run schema')
  }
  process.exitCode = missing.length > 0 || current !== dump ? 1 : 0
}

/** The same comparison that `drizzle-kit generate` makes, without writing anything. */
async function findMissingStatements(): Promise<string[]> {
  const journal = JSON.parse(await readFile(join(migrations, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[]
  }
  const number = journal.entries.at(-1)?.tag.split('_')[0] ?? ''
  const snapshot = JSON.parse(await readFile(join(migrations, `meta/${number}_snapshot.json`), 'utf8')) as {
    id: string
  }
  const schema = {
    ...assistants,
    ...calls,
    ...campaigns,
    ...contacts,
    ...eventLog,
    ...notices,
    ...recordings,
    ...workspaces,
  }
  return generateMigration(snapshot, generateDrizzleJson(schema, snapshot.id, undefined, 'snake_case'))
}

async function dumpMigrated(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'outdial-schema-'))
  const server = await startEmbeddedPostgres({ directory: join(parent, 'postgres'), temporary: true })
  const sql = postgres(server.url, { max: 1, onnotice: () => {} })
  try {
    await migrate(server.url)
    return await dumpSchema(sql)
  } finally {
    await sql.end({ timeout: 2 })
    await server.stop()
    await rm(parent, { recursive: true, force: true })
  }
}

function firstDifference(current: string, wanted: string): string {
  const [before, after] = [current.split('\n'), wanted.split('\n')]
  const line = after.findIndex((text, index) => text !== before[index])
  const at = line === -1 ? after.length : line
  return [
    `line ${at + 1}`,
    ...before.slice(at, at + 3).map((text) => `- ${text}`),
    ...after.slice(at, at + 3).map((text) => `+ ${text}`),
  ].join('\n')
}

await main()
