import type { Signal, SignalSource } from '@outdial/policy/signal'
import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'

export type SignalEvent = {
  source: SignalSource
  /** Unique within its source; a repeat is stored once. */
  eventId: string
  /** What the source calls it, such as `participant_left`. */
  event: string
  about: { callId: string } | { roomName: string }
  content: Signal[]
  receivedAt: Date
}

/**
 * Stores what the outside said, once, and wakes whoever applies it. Committed when it returns: the sender may be told
 * so. What belongs to no call of ours is not stored.
 */
export async function recordSignal(
  deps: Pick<Deps, 'db' | 'queue'>,
  event: SignalEvent,
): Promise<'recorded' | 'repeated' | 'not_ours'> {
  const call = 'callId' in event.about ? sql`c.id = ${event.about.callId}` : sql`c.room_name = ${event.about.roomName}`
  const [result] = await deps.db.execute<{ ours: boolean; recorded: boolean }>(sql`
    with call as (select c.id, c.workspace_id, c.room_name from calls c where ${call}),
    recorded as (
      insert into signals (source, event_id, event, workspace_id, call_id, room_name, content, received_at)
      select ${event.source}, ${event.eventId}, ${event.event}, workspace_id, id, room_name,
        ${JSON.stringify(event.content)}::jsonb, ${event.receivedAt.toISOString()}::timestamptz
      from call on conflict do nothing returning id)
    select exists (select from call) as ours, exists (select from recorded) as recorded`)
  if (!result?.ours) return 'not_ours'
  if (!result.recorded) return 'repeated'
  await deps.queue.apply()
  return 'recorded'
}
