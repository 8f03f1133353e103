/**
 * Restores the truth. Everything here is found with plain SQL, whatever became of the jobs: losing every job costs at
 * most the interval between two sweeps. Runs in every scheduler, at once with the others; all it does may be done twice.
 */
import { sql } from 'drizzle-orm'
import { matchParked } from '../calls/hear-provider.ts'
import { releaseCall } from '../calls/release-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { failStaleImports } from '../contacts/import-csv.ts'
import type { Deps } from '../deps.ts'
import { wakePostmen } from '../notices/wake-postmen.ts'
import { checkCalls } from './check-calls.ts'

/** Real time after which a job is taken for lost. */
const lostAfterMs = 3_000
/** Real time after which a call that nobody dials is taken back. */
const givenUpAfterMs = 10_000
const batchSize = 500

type Moments = { now: Date; lostBefore: Date }

export type Sweep = {
  dials: number
  ticks: number
  fills: number
  unapplied: number
  checked: number
  unparked: number
  noticesDue: boolean
}

/** Looks once for everything that got lost. Returns what it found. */
export async function sweep(deps: Deps, now: Date): Promise<Sweep> {
  const beganMs = performance.now()
  const heardAt = () => new Date(now.getTime() + (performance.now() - beganMs) * deps.clockSpeed)
  const lostBefore = new Date(now.getTime() - lostAfterMs * deps.clockSpeed)
  await failStaleImports(deps, now)
  return {
    dials: await redeliverDials(deps, { now, lostBefore }),
    ticks: await wakeLanes(deps, { now, lostBefore }),
    fills: await resumeFills(deps),
    unapplied: await wakeAppliers(deps, lostBefore),
    checked: await checkCalls(deps, { now, heardAt }),
    unparked: await matchParked(deps, now),
    noticesDue: await wakePostmen(deps, now),
  }
}

/**
 * Claimed calls whose start has passed and that nobody dials: the job is gone, or its worker is. A job's id makes a
 * second one impossible, and a dead worker's is there for a while: then the contact is set free for another call.
 */
async function redeliverDials(deps: Deps, { now, lostBefore }: Moments): Promise<number> {
  const late = await deps.db.execute<{ id: string; starts_at: string }>(sql`
    select id, starts_at from calls where status = 'pending' and starts_at <= ${lostBefore.toISOString()}::timestamptz
    order by starts_at limit ${batchSize}`)
  const givenUpBefore = now.getTime() - givenUpAfterMs * deps.clockSpeed
  const [lost, givenUp] = [[], []] as [string[], string[]]
  for (const call of late) (new Date(call.starts_at).getTime() <= givenUpBefore ? givenUp : lost).push(call.id)
  for (const callId of givenUp) {
    await releaseCall(deps, { callId, reason: 'No worker dialed it in time.', finish: null, now })
  }
  if (lost.length > 0) await deps.queue.dial(lost.map((callId) => ({ callId, delayMs: 0 })))
  return late.length
}

/**
 * Lanes that should have been woken, single calls that wait, and lanes with work that nothing would ever wake. Where a
 * tick has not helped for a while (its job may be held by a dead scheduler), the sweep claims by itself.
 */
async function wakeLanes(deps: Deps, { now, lostBefore }: Moments): Promise<number> {
  const lanes = await deps.db.execute<{ trunk_id: string; overdue: boolean }>(sql`
    select l.trunk_id, coalesce(l.next_wake_at <= ${lostBefore.toISOString()}::timestamptz, false) or noted.overdue as overdue
    from lanes l cross join lateral (
      select exists (select from lane_wakes w where w.trunk_id = l.trunk_id
        and w.recorded_at <= clock_timestamp() - ${lostAfterMs} * interval '1 millisecond') as overdue) noted
    where l.next_wake_at <= ${now.toISOString()}::timestamptz or noted.overdue
      or exists (select from calls c where c.trunk_id = l.trunk_id and c.status = 'pending' and c.starts_at is null
        and c.created_at <= ${lostBefore.toISOString()}::timestamptz)
      or (l.next_wake_at is null and exists (
        select from campaign_runtime r join campaigns c on c.id = r.campaign_id
        where r.trunk_id = l.trunk_id and c.execution_status = 'running'
          and (r.contacts_waiting > 0 or r.contacts_claimed = 0)))`)
  for (const { trunk_id: trunkId, overdue } of lanes) {
    if (overdue) await claimForLane(deps, { trunkId, now })
    else await deps.queue.tick(trunkId)
  }
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
