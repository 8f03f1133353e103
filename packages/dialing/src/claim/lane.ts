import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'

export type LaneRow = {
  trunk_id: string
  livekit_trunk_id: string
  numbers: string[]
  calls_per_second: number
  max_concurrency: number
  open_calls: number
  next_start_ms: number
  pass: number
  slowed_until: Date | null
  slowed_reason: string | null
}

/**
 * Locks the lane for the rest of the transaction. Two statements: what the second one counts, it must see after the
 * wait for the lock and not before.
 */
export async function lockLane(tx: Tx, trunkId: string): Promise<LaneRow | undefined> {
  await tx.execute(sql`select 1 from lanes where trunk_id = ${trunkId} for update`)
  const [lane] = await tx.execute<LaneRow>(sql`
    select l.trunk_id, t.livekit_trunk_id, t.numbers, t.calls_per_second, t.max_concurrency, l.next_start_ms, l.pass,
      l.slowed_until, l.slowed_reason,
      (select count(*)::int from calls c where c.trunk_id = l.trunk_id
        and c.status in ('pending', 'calling', 'answered') and c.starts_at is not null) as open_calls
    from lanes l join trunks t on t.id = l.trunk_id
    where l.trunk_id = ${trunkId} and t.archived_at is null`)
  return lane && { ...lane, slowed_until: lane.slowed_until && new Date(lane.slowed_until) }
}
