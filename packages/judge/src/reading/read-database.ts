import postgres from 'postgres'
import type { LogEntry, Told } from '../evidence.ts'
import { EvidenceError } from '../evidence-error.ts'

const rowsAtOnce = 5_000

type LogRow = Omit<LogEntry, 'at' | 'recordedAt'> & { at: Date; recordedAt: Date }
type CampaignRow = { id: string; status: string; total: number; waiting: number; claimed: number; finished: number }

/**
 * The event log and what the product's tables say of campaigns and calls, all of one instant.
 * @param databaseUrl of a role that sees all workspaces, such as the owner
 * @throws EvidenceError when the database cannot be read
 */
export async function readDatabase(databaseUrl: string): Promise<{ log: LogEntry[]; told: Told }> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connection: { application_name: 'outdial judge' } })
  try {
    return await sql.begin('isolation level repeatable read read only', async (tx) => {
      const log = await readLog(tx)
      return { log, told: await readTold(tx) }
    })
  } catch (error) {
    throw explain(error)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function readLog(tx: postgres.TransactionSql): Promise<LogEntry[]> {
  const log: LogEntry[] = []
  const rows = tx<LogRow[]>`
    select id, at, recorded_at as "recordedAt", kind, workspace_id as "workspaceId", campaign_id as "campaignId",
      contact_id as "contactId", call_id as "callId", trunk_id as "trunkId", details
    from event_log order by id`
  for await (const chunk of rows.cursor(rowsAtOnce)) {
    for (const row of chunk) {
      log.push({ ...row, at: row.at.toISOString(), recordedAt: row.recordedAt.toISOString() })
    }
  }
  return log
}

async function readTold(tx: postgres.TransactionSql): Promise<Told> {
  const campaigns = await tx<CampaignRow[]>`
    select c.id, c.execution_status as status, r.contacts_total as total, r.contacts_waiting as waiting,
      r.contacts_claimed as claimed, r.contacts_finished as finished
    from campaigns c join campaign_runtime r on r.campaign_id = c.id order by c.id`
  const calls = await tx<{ campaignId: string; ending: string; count: number }[]>`
    select campaign_id as "campaignId", coalesce(disposition::text, status::text) as ending, count(*)::int as count
    from calls where origin = 'campaign' group by 1, 2`
  const open = await tx<{ id: string }[]>`select id from calls where status in ('pending', 'calling', 'answered')`
  const endings = Map.groupBy(calls, ({ campaignId }) => campaignId)
  return {
    campaigns: campaigns.map(({ id, status, ...contacts }) => ({
      ...{ id, status, contacts },
      calls: Object.fromEntries((endings.get(id) ?? []).map(({ ending, count }) => [ending, count])),
    })),
    openCalls: open.map(({ id }) => id),
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? error.code : undefined
  if (code === '42P01') {
    return new EvidenceError(
      `The database is not of this version (${error.message}). Bring it up to date: outdial migrate.`,
    )
  }
  if (code === '42501') {
    return new EvidenceError(
      `The database does not let this role read (${error.message}). Use the owner of the tables.`,
    )
  }
  return new EvidenceError(`The database cannot be read: ${error.message || String(code)}. Check DATABASE_URL.`)
}
