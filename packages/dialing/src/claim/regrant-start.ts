import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'

/**
 * A call whose start has passed must not start now: others own this instant. Gives it the lane's next start, under the
 * lane's row like every other start. Returns null, and takes none, when that is after `latestStart` or the call is over.
 */
export async function regrantStart(
  deps: Pick<Deps, 'db'>,
  input: { callId: string; trunkId: string; now: Date; latestStart: Date },
): Promise<Date | null> {
  return deps.db.transaction(async (tx) => {
    const [lane] = await tx.execute<{ next_start_ms: number; calls_per_second: number }>(sql`
      select l.next_start_ms, t.calls_per_second from lanes l join trunks t on t.id = l.trunk_id
      where l.trunk_id = ${input.trunkId} for update of l`)
    if (!lane) return null
    const startMs = Math.max(input.now.getTime(), lane.next_start_ms)
    if (startMs > input.latestStart.getTime()) return null
    const moved = await tx.execute(sql`
      update calls set starts_at = ${new Date(startMs).toISOString()}::timestamptz
      where id = ${input.callId} and status in ('pending', 'calling') returning id`)
    if (moved.length === 0) return null
    await tx.execute(sql`
      update lanes set next_start_ms = ${startMs + 1000 / lane.calls_per_second} where trunk_id = ${input.trunkId}`)
    return new Date(startMs)
  })
}
