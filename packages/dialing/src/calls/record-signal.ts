import { setTimeout as delay } from 'node:timers/promises'
import { builtOnce } from '@outdial/database/client'
import { isConnectionError } from '@outdial/database/connection-error'
import { calls } from '@outdial/database/schema/calls'
import type { Signal, SignalSource } from '@outdial/policy/signal'
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { type ApplyDeps, applyCall, type Read, unappliedOfCall, versionOfCall } from './apply-signals.ts'

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
 * belongs to no call of ours is not stored. Where applying fails, the appliers are woken instead, and the sweep after them.
 */
export async function hearSignal(deps: ApplyDeps, event: SignalEvent): Promise<Recorded> {
  const { status, read } = await store(deps, event)
  if (status === 'recorded' && read) await applyCall(deps, { read, now: event.receivedAt })
  return status
}

/** Stores it the same way, and leaves applying it to whoever is woken. */
export async function recordSignal(deps: Pick<Deps, 'db' | 'queue'>, event: SignalEvent): Promise<Recorded> {
  const { status } = await store(deps, event)
  if (status === 'recorded') await deps.queue.apply()
  return status
}

/** One of the three commits that have to reach the disk before anything goes on; the others are a dial's permit and mark. */
async function store(deps: Pick<Deps, 'db'>, event: SignalEvent): Promise<{ status: Recorded; read: Read | null }> {
  const [insert, about] =
    'callId' in event.about ? [insertById, event.about.callId] : [insertByRoom, event.about.roomName]
  const { source, eventId, event: name, content } = event
  const [found] = await insert(deps.db).execute({
    ...{ about, source, eventId, name },
    ...{ content: JSON.stringify(content), receivedAt: event.receivedAt.toISOString() },
  })
  if (!found) return { status: 'not_ours', read: null }
  const { recordedId: id, others, before, version } = found
  if (!id) return { status: 'repeated', read: null }
  const heard = [...(others ?? []), { id, content, receivedAt: event.receivedAt }]
  return { status: 'recorded', read: { before, version, heard } }
}

const insertById = insertion(sql`c.id`, calls.id)
const insertByRoom = insertion(sql`c.room_name`, calls.roomName)

/** Inserts a signal, and reads its call as it is, with what else it has heard and nobody has applied. */
function insertion(key: SQL, column: typeof calls.id | typeof calls.roomName) {
  const given = (name: string) => sql.placeholder(name)
  return builtOnce((db) => {
    const recorded = db.$with('recorded', { id: sql<string>`id`.as('id') }).as(sql`
      insert into signals (source, event_id, event, workspace_id, call_id, room_name, content, received_at)
      select ${given('source')}::signal_source, ${given('eventId')}::text, ${given('name')}::text, c.workspace_id, c.id,
        c.room_name, ${given('content')}::jsonb, ${given('receivedAt')}::timestamptz
      from calls c where ${key} = ${given('about')} on conflict do nothing returning id`)
    return db
      .with(recorded)
      .select({
        before: calls,
        version: versionOfCall,
        others: unappliedOfCall,
        recordedId: sql<string | null>`(select id from recorded)`,
        onDisk: sql`set_config('synchronous_commit', 'on', true)`,
      })
      .from(calls)
      .where(eq(column, given('about')))
      .prepare('store_signal')
  })
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
