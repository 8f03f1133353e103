/**
 * Restores the truth. Everything here is found with plain SQL, whatever became of the jobs: losing every job costs at
 * most the interval between two sweeps. Runs in every scheduler, at once with the others; all it does may be done twice.
 */
import { sql } from 'drizzle-orm'
import { failStaleImports } from '../contacts/import-csv.ts'
import type { Deps } from '../deps.ts'
import { checkCalls } from './check-calls.ts'

/** Real time after which a job is taken for lost. */
const lostAfterMs = 3_000
const batchSize = 500

export type Sweep = { dials: number; ticks: number; fills: number; unapplied: number; checked: number }

/** Looks once for everything that got lost. Returns what it found. */
export async function sweep(deps: Deps, now: Date): Promise<Sweep> {
  const lostBefore = new Date(now.getTime() - lostAfterMs * deps.clockSpeed)
  await failStaleImports(deps, now)
  return {
    dials: await redeliverDials(deps, lostBefore),
    ticks: await wakeLanes(deps, { now, lostBefore }),
    fills: await resumeFills(deps),
    unapplied: await wakeAppliers(deps, lostBefore),
    checked: await checkCalls(deps, now),
  }
}

/** Claimed calls whose start has passed and that nobody dials: the job is gone. Its id makes a second one impossible. */
async function redeliverDials(deps: Deps, lostBefore: Date): Promise<number> {
  const lost = await deps.db.execute<{ id: string }>(sql`
    select id from calls where status = 'pending' and starts_at <= ${lostBefore.toISOString()}::timestamptz
    order by starts_at limit ${batchSize}`)
  if (lost.length > 0) await deps.queue.dial(lost.map((call) => ({ callId: call.id, delayMs: 0 })))
  return lost.length
}

/** Lanes that should have been woken, single calls that wait, and lanes with work that nothing would ever wake. */
async function wakeLanes(deps: Deps, { now, lostBefore }: { now: Date; lostBefore: Date }): Promise<number> {
  const lanes = await deps.db.execute<{ trunk_id: string }>(sql`
    select l.trunk_id from lanes l
    where l.next_wake_at <= ${now.toISOString()}::timestamptz
      or exists (select from calls c where c.trunk_id = l.trunk_id and c.status = 'pending' and c.starts_at is null
        and c.created_at <= ${lostBefore.toISOString()}::timestamptz)
      or (l.next_wake_at is null and exists (
        select from campaign_runtime r join campaigns c on c.id = r.campaign_id
        where r.trunk_id = l.trunk_id and c.execution_status = 'running'
          and (r.contacts_waiting > 0 or r.contacts_claimed = 0)))`)
  for (const { trunk_id } of lanes) await deps.queue.tick(trunk_id)
  return lanes.length
}

async function resumeFills(deps: Deps): Promise<number> {
  const unfilled = await deps.db.execute<{ campaign_id: string }>(sql`
    select r.campaign_id from campaign_runtime r join campaigns c on c.id = r.campaign_id
    where r.filled_at is null and c.execution_status = 'running'`)
  for (const { campaign_id } of unfilled) await deps.queue.fill(campaign_id)
  return unfilled.length
}

async function wakeAppliers(deps: Deps, lostBefore: Date): Promise<number> {
  const [waiting] = await deps.db.execute<{ count: number }>(sql`
    select count(*)::int as count from (
      select from signals where applied_at is null and received_at <= ${lostBefore.toISOString()}::timestamptz
      limit ${batchSize}) waiting`)
  if (waiting && waiting.count > 0) await deps.queue.apply()
  return waiting?.count ?? 0
}
