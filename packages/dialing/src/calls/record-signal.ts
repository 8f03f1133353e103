import { setTimeout as delay } from 'node:timers/promises'
import { isConnectionError } from '@outdial/database/connection-error'
import type { Signal, SignalSource } from '@outdial/policy/signal'
import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { type ApplyDeps, applyCall } from './apply-signals.ts'

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

type Recorded = 'recorded' | 'repeated' | 'not_ours'

/**
 * Stores what the outside said, once, and applies it. Stored for good when it returns: the sender may be told so. What
 * belongs to no call of ours is not stored. Where the call is in somebody else's hands, or applying fails, the appliers
 * are woken instead, and the sweep after them.
 */
export async function hearSignal(deps: ApplyDeps, event: SignalEvent): Promise<Recorded> {
  const { status, callId } = await store(deps, event)
  if (status === 'recorded' && callId) await applyCall(deps, { callId, now: event.receivedAt })
  return status
}

/** Stores it the same way, and leaves applying it to whoever is woken. */
export async function recordSignal(deps: Pick<Deps, 'db' | 'queue'>, event: SignalEvent): Promise<Recorded> {
  const { status } = await store(deps, event)
  if (status === 'recorded') await deps.queue.apply()
  return status
}

/** One of the two commits that have to reach the disk before anything goes on; the other is the mark of a dial. */
async function store(deps: Pick<Deps, 'db'>, event: SignalEvent): Promise<{ status: Recorded; callId: string | null }> {
  const call = 'callId' in event.about ? sql`c.id = ${event.about.callId}` : sql`c.room_name = ${event.about.roomName}`
  const [result] = await deps.db.execute<{ call_id: string | null; recorded: boolean }>(sql`
    with call as (select c.id, c.workspace_id, c.room_name from calls c where ${call}),
    recorded as (
      insert into signals (source, event_id, event, workspace_id, call_id, room_name, content, received_at)
      select ${event.source}, ${event.eventId}, ${event.event}, workspace_id, id, room_name,
        ${JSON.stringify(event.content)}::jsonb, ${event.receivedAt.toISOString()}::timestamptz
      from call on conflict do nothing returning id)
    select (select id from call) as call_id, exists (select from recorded) as recorded,
      set_config('synchronous_commit', 'on', true)`)
  const callId = result?.call_id ?? null
  if (!callId) return { status: 'not_ours', callId }
  return { status: result?.recorded ? 'recorded' : 'repeated', callId }
}

/** Real time: as long as a database may take to come back before the sweep has to find out by itself. */
const patienceMs = 120_000
const firstPauseMs = 100
const longestPauseMs = 5_000

/**
 * The same for news that will not be told again, such as LiveKit's answer to a dial: a database that cannot be reached
 * is waited for, up to `patienceMs` of real time. Never throws for its sake; `gave_up` leaves the call to the sweep.
 */
export async function hearSignalPatiently(
  deps: ApplyDeps,
  event: SignalEvent,
  options: { patienceMs?: number } = {},
): Promise<Recorded | 'gave_up'> {
  const giveUpAtMs = performance.now() + (options.patienceMs ?? patienceMs)
  const what = { source: event.source, event: event.event, ...event.about }
  for (let tries = 1; ; tries++) {
    try {
      return await hearSignal(deps, event)
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
