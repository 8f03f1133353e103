import { setTimeout as delay } from 'node:timers/promises'
import { isConnectionError } from '@outdial/database/connection-error'
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

/** Real time: as long as a database may take to come back before the sweep has to find out by itself. */
const patienceMs = 120_000
const firstPauseMs = 100
const longestPauseMs = 5_000

/**
 * The same for news that will not be told again, such as LiveKit's answer to a dial: a database that cannot be reached
 * is waited for, up to `patienceMs` of real time. Never throws for its sake; `gave_up` leaves the call to the sweep.
 */
export async function recordSignalPatiently(
  deps: Pick<Deps, 'db' | 'queue' | 'log'>,
  event: SignalEvent,
  options: { patienceMs?: number } = {},
): Promise<Awaited<ReturnType<typeof recordSignal>> | 'gave_up'> {
  const giveUpAtMs = performance.now() + (options.patienceMs ?? patienceMs)
  const what = { source: event.source, event: event.event, ...event.about }
  for (let tries = 1; ; tries++) {
    try {
      return await recordSignal(deps, event)
    } catch (error) {
      if (!isConnectionError(error)) throw error
      const pauseMs = Math.min(firstPauseMs * 2 ** (tries - 1), longestPauseMs)
      if (performance.now() + pauseMs > giveUpAtMs) {
        deps.log.error({ ...what, err: error, tries }, 'what was heard of a call is lost: the database stayed away')
        return 'gave_up'
      }
      if (tries === 1) deps.log.warn({ ...what, err: error }, 'the database is away; what was heard of a call waits')
      await delay(pauseMs)
    }
  }
}
