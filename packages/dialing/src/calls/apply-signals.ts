/**
 * Moves calls. The only place that does, apart from the permit to dial and the release of what was never dialed.
 *
 * Takes the signals of one call at a time, under the call's row, folds them by policy, and writes in the same
 * transaction what follows. Several appliers may run at once: the call's row makes them take turns.
 */
import type { Tx } from '@outdial/database/client'
import { isConnectionError } from '@outdial/database/connection-error'
import { calls, signals } from '@outdial/database/schema/calls'
import { applySignal, type CallFacts, type CallTimings } from '@outdial/policy/call-lifecycle'
import { signalSchema } from '@outdial/policy/signal'
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { uuids } from '../campaigns/feed-contacts.ts'
import type { Deps } from '../deps.ts'
import { logEach } from '../event-log.ts'
import { wakeLane } from '../wake-lane.ts'
import { actOnChange, appliedEntry, type LaneNews } from './act-on-change.ts'
import type { Call } from './call-data.ts'
import { tellLane } from './tell-lane.ts'

const batchSize = 50
const storedSignals = z.array(signalSchema)

/** Allowances for the network in real milliseconds; the dialer's clock may run faster. */
export function callTimings(clockSpeed: number): CallTimings {
  return {
    graceMs: 5_000 * clockSpeed,
    agentDeadlineMs: 15_000 * clockSpeed,
    reportGraceMs: 10_000 * clockSpeed,
  }
}

export type ApplyDeps = Pick<Deps, 'db' | 'queue' | 'clockSpeed' | 'log'>

/**
 * Applies a batch of what waits. A call that another applier has in hand is left for the end, so that several share
 * the work instead of queueing behind each other. Returns false when nothing was waiting.
 */
export async function applySignals(deps: ApplyDeps, now: Date): Promise<boolean> {
  const waiting = await deps.db.execute<{ call_id: string }>(sql`
    select distinct call_id from (
      select call_id from signals where applied_at is null and problem is null order by id limit ${batchSize}) oldest`)
  const busy: string[] = []
  for (const { call_id: callId } of waiting) {
    if ((await apply(deps, { callId, now, wait: false })) === 'busy') busy.push(callId)
  }
  for (const callId of busy) await apply(deps, { callId, now, wait: true })
  return waiting.length > 0
}

/**
 * Applies what one call has heard, by whoever has just stored it. Never throws and never waits for another applier: where
 * that is not possible now, the appliers are woken.
 */
export async function applyCall(deps: ApplyDeps, input: { callId: string; now: Date }): Promise<void> {
  const done = await apply(deps, { ...input, wait: false }).catch(() => 'busy' as const)
  if (done === 'busy') await deps.queue.apply()
}

/**
 * Trouble with one call must not keep the others waiting: it is written beside the signals, which stay unapplied.
 * A database that went away or chose us to end a deadlock is no such trouble: the sweep wakes somebody to try again.
 */
async function apply(deps: ApplyDeps, input: { callId: string; now: Date; wait: boolean }): Promise<'done' | 'busy'> {
  const { callId, now } = input
  const locking = input.wait ? {} : ({ skipLocked: true } as const)
  try {
    const news = await deps.db.transaction(async (tx) => {
      const [call] = await tx.select().from(calls).where(eq(calls.id, callId)).for('update', locking)
      return call ? moveCall(tx, { call, now, clockSpeed: deps.clockSpeed }) : 'busy'
    })
    if (news === 'busy') return 'busy'
    if (news) await spread(deps, { news, now })
  } catch (error) {
    if (isDeadlock(error) && !input.wait) return 'busy'
    if (isConnectionError(error) || isDeadlock(error)) throw error
    deps.log.error({ err: error, callId }, 'signals of a call could not be applied')
    const problem = error instanceof Error ? error.message : String(error)
    await deps.db
      .update(signals)
      .set({ problem })
      .where(and(eq(signals.callId, callId), isNull(signals.appliedAt)))
  }
  return 'done'
}

function isDeadlock(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === '40P01' || at.code === '40001')) return true
  }
  return false
}

/**
 * Applies what a call has heard, or one signal of it, in the caller's transaction, which holds the call's row.
 * Null when there is nothing to apply.
 */
export async function moveCall(
  tx: Tx,
  input: { call: Call; signalId?: string; now: Date; clockSpeed: number },
): Promise<LaneNews | null> {
  const { call, signalId } = input
  const unapplied = and(eq(signals.callId, call.id), isNull(signals.appliedAt))
  const heard = await tx
    .select()
    .from(signals)
    .where(signalId ? and(unapplied, eq(signals.id, signalId)) : unapplied)
    .orderBy(asc(signals.id))
  if (heard.length === 0) return null
  // Some came while the batch was under way: what follows from them must not be counted from before they were heard.
  const now = new Date(Math.max(input.now.getTime(), ...heard.map((row) => row.receivedAt.getTime())))
  const content = heard.flatMap((row) => storedSignals.parse(row.content))
  const timings = callTimings(input.clockSpeed)
  const after = content.reduce((known, signal) => applySignal(known, signal, timings), factsOf(call))
  await tx.update(calls).set(after).where(eq(calls.id, call.id))
  const ids = heard.map((row) => row.id)
  await tx.execute(sql`
    with applied as (
      update signals set applied_at = ${now.toISOString()}::timestamptz, problem = null
      where id = any(${uuids(ids)}) returning id)
    ${logEach(sql`(select count(*) from applied) once`, appliedEntry({ ...call, ...after }, { signals: content, now }))}`)
  const news = await actOnChange(tx, { call, after, signals: content, now })
  if (news.slotFreed) await wakeLane(tx, call)
  return news
}

/** Only what policy knows of a call: the rest of the row is not its to write. */
function factsOf(call: CallFacts): CallFacts {
  return {
    status: call.status,
    disposition: call.disposition,
    outcome: call.outcome,
    outcomeAt: call.outcomeAt,
    permittedAt: call.permittedAt,
    dialedAt: call.dialedAt,
    ringingAt: call.ringingAt,
    answeredAt: call.answeredAt,
    agentJoinedAt: call.agentJoinedAt,
    agentMissingAt: call.agentMissingAt,
    endedAt: call.endedAt,
    hangupRequestedAt: call.hangupRequestedAt,
    sipCallId: call.sipCallId,
    providerCallId: call.providerCallId,
    providerNews: call.providerNews,
    sipStatusCode: call.sipStatusCode,
    endReason: call.endReason,
    legEndedAt: call.legEndedAt,
    legEnd: call.legEnd,
    dialDay: call.dialDay,
    burned: call.burned,
    checkAt: call.checkAt,
    settledAt: call.settledAt,
    reportedAt: call.reportedAt,
    callbackAt: call.callbackAt,
    summary: call.summary,
    answers: call.answers,
    transcript: call.transcript,
    liveTranscript: call.liveTranscript,
    transcriptDeletedAt: call.transcriptDeletedAt,
  }
}

/** What the change means for the lane happens after the commit: a lane's row may not be locked while a call's is. */
async function spread(deps: Pick<Deps, 'db' | 'queue' | 'log'>, input: { news: LaneNews; now: Date }): Promise<void> {
  const { news, now } = input
  if (news.trunkId && news.pace !== 'none')
    await tellLane(deps, { trunkId: news.trunkId, pace: news.pace, reason: news.reason, now })
  if (news.trunkId && news.slotFreed) await deps.queue.tick(news.trunkId)
}
