import type { Tx } from '@outdial/database/client'
import { intervalOf } from '@outdial/policy/pacing'
import { sql } from 'drizzle-orm'
import { logEach } from '../event-log.ts'
import type { CallStart } from './insert-calls.ts'
import type { LaneRow } from './lane.ts'

/** Gives waiting single calls their start, oldest first and before any campaign: somebody is waiting for each of them. */
export async function admitSingleCalls(
  tx: Tx,
  input: { lane: LaneRow; now: Date; horizonMs: number; refillMs: number },
): Promise<{ starts: CallStart[]; nextStartMs: number; wakeAt: Date | null }> {
  const { lane, now } = input
  const slots = Math.max(0, lane.max_concurrency - lane.open_calls)
  const waiting = await tx.execute<{ id: string }>(sql`
    select id from calls where trunk_id = ${lane.trunk_id} and status = 'pending' and starts_at is null
    order by id limit ${slots} for update skip locked`)
  const starts: CallStart[] = []
  let nextStartMs = lane.next_start_ms
  for (const { id } of waiting) {
    const atMs = Math.max(now.getTime(), nextStartMs)
    if (atMs > now.getTime() + input.horizonMs) return { starts, nextStartMs, wakeAt: new Date(atMs - input.refillMs) }
    const startsAt = new Date(atMs)
    const entry = { kind: 'claimed', at: now, workspaceId: sql`workspace_id` } as const
    await tx.execute(sql`
      with admitted as (
        update calls set starts_at = ${startsAt.toISOString()}::timestamptz where id = ${id} returning *)
      ${logEach(sql`admitted`, { ...entry, callId: id, trunkId: lane.trunk_id, details: { startsAt } })}`)
    starts.push({ callId: id, startsAt })
    nextStartMs = atMs + intervalOf(lane.calls_per_second)
  }
  return { starts, nextStartMs, wakeAt: null }
}
