import type { Tx } from '@outdial/database/client'
import { type Ramp, spacedSecondMs } from '@outdial/policy/pacing'
import { sql } from 'drizzle-orm'

export type LaneRow = {
  trunk_id: string
  livekit_trunk_id: string
  numbers: string[]
  calls_per_second: number
  max_concurrency: number
  open_calls: number
  /** After all that is planned, and no sooner than the pace allows once what is claimed has been dialed. */
  next_start_ms: number
  pass: number
  slowed_until: Date | null
  slowed_reason: string | null
  ramp_up_seconds: number
  ramp_from_ms: number | null
}

/** A lane that started nothing for so long begins again slowly. */
const idleMs = 60_000

/** The ramp that the lane is on at `nowMs`, which may begin just then; null when it runs at its full pace. */
export function rampOf(lane: LaneRow, nowMs: number): Ramp | null {
  const begins = lane.slowed_until !== null || lane.next_start_ms + idleMs < nowMs
  const fromMs = begins ? nowMs : lane.ramp_from_ms
  const durationMs = lane.ramp_up_seconds * 1_000
  return fromMs !== null && fromMs + durationMs > nowMs ? { fromMs, durationMs } : null
}

/**
 * Locks the lane for the rest of the transaction. Two statements: what the second one counts, it must see after the
 * wait for the lock and not before.
 */
export async function lockLane(
  tx: Tx,
  { trunkId, inHandMs }: { trunkId: string; inHandMs: number },
): Promise<LaneRow | undefined> {
  await tx.execute(sql`select 1 from lanes where trunk_id = ${trunkId} for update`)
  const [lane] = await tx.execute<LaneRow>(sql`
    with woken as (delete from lane_wakes where trunk_id = ${trunkId})
    select l.trunk_id, t.livekit_trunk_id, t.numbers, t.calls_per_second, t.max_concurrency, l.pass,
      l.slowed_until, l.slowed_reason, t.ramp_up_seconds, l.ramp_from_ms, now.open_calls,
      greatest(l.next_start_ms, p.starts_ms[cardinality(p.starts_ms)] - ${inHandMs}::double precision
        + (now.undialed + 1) * ${spacedSecondMs}::double precision / t.calls_per_second) as next_start_ms
    from lanes l join trunks t on t.id = l.trunk_id left join lane_paces p on p.trunk_id = l.trunk_id
    cross join lateral (
      select count(*)::int as open_calls, count(*) filter (where c.dialed_at is null)::int as undialed
      from calls c where c.trunk_id = l.trunk_id
        and c.status in ('pending', 'calling', 'answered') and c.starts_at is not null) now
    where l.trunk_id = ${trunkId} and t.archived_at is null`)
  return lane && { ...lane, slowed_until: lane.slowed_until && new Date(lane.slowed_until) }
}
