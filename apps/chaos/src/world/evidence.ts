import type { Evidence, LedgerCall, LogEntry, Told } from '@outdial/judge/evidence'
import type postgres from 'postgres'
import { z } from 'zod'
import type { ApiClient } from './api-client.ts'
import type { World } from './world.ts'

/** All that a judge needs: what the network saw, what the dialer decided, what the product says of itself. */
export function evidence(world: World): Promise<Required<Evidence>> {
  const apis = world.workspaces.map(({ api }) => api)
  return gatherEvidence({ readLedger: () => world.simulator.ledger(), sql: world.sql, apis })
}

/** The same for an installation of another make: `sql` as the owner of the tables, `apis` one of each workspace. */
export async function gatherEvidence(from: {
  readLedger: () => Promise<LedgerCall[]>
  sql: postgres.Sql
  apis: ApiClient[]
}): Promise<Required<Evidence>> {
  const [ledger, log, told] = await Promise.all([from.readLedger(), readLog(from.sql), Promise.all(from.apis.map(ask))])
  return {
    ledger,
    log,
    told: {
      campaigns: told.flatMap((each) => each.campaigns),
      openCalls: told.flatMap((each) => each.openCalls),
    },
  }
}

async function readLog(sql: postgres.Sql): Promise<LogEntry[]> {
  const rows = await sql<(Omit<LogEntry, 'at' | 'recordedAt'> & { at: Date; recordedAt: Date })[]>`
    select id, at, recorded_at as "recordedAt", kind, workspace_id as "workspaceId", campaign_id as "campaignId",
      contact_id as "contactId", call_id as "callId", trunk_id as "trunkId", details
    from event_log order by id`
  return rows.map((row) => ({ ...row, at: row.at.toISOString(), recordedAt: row.recordedAt.toISOString() }))
}

const campaign = z.object({ id: z.string() })
const standing = z.object({
  executionStatus: z.string(),
  contacts: z.object({ total: z.int(), waiting: z.int(), claimed: z.int(), finished: z.int() }),
})
const counts = z.record(z.string(), z.int())
const stats = z.object({ calls: z.object({ byStatus: counts, byDisposition: counts }) })
const call = z.object({ id: z.string() })
const openStatuses = ['pending', 'calling', 'answered'] as const

async function ask(api: ApiClient): Promise<Told> {
  const campaigns = []
  for (const { id } of await api.list('/campaigns', campaign)) {
    const { executionStatus, contacts } = await api.get(`/campaigns/${id}/status`, standing)
    const { calls } = await api.get(`/outbound-calls/campaign/${id}/stats`, stats)
    const open = Object.entries(calls.byStatus).filter(([status]) => openStatuses.some((each) => each === status))
    campaigns.push({
      ...{ id, status: executionStatus, contacts },
      calls: { ...calls.byDisposition, ...Object.fromEntries(open) },
    })
  }
  const openCalls = []
  for (const status of openStatuses) openCalls.push(...(await api.list(`/calls?status=${status}`, call)))
  return { campaigns, openCalls: openCalls.map(({ id }) => id) }
}
