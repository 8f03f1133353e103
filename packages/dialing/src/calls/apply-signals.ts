/**
 * Moves calls. The only place that does, apart from the permit to dial and the release of what was never dialed.
 *
 * Takes the signals of one call at a time, under the call's row, folds them by policy, and writes in the same
 * transaction what follows. Several appliers may run at once: the call's row makes them take turns.
 */
import type { Tx } from '@outdial/database/client'
import { calls, signals } from '@outdial/database/schema/calls'
import { applySignal, type CallFacts, type CallTimings } from '@outdial/policy/call-lifecycle'
import { signalSchema } from '@outdial/policy/signal'
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { actOnChange, type LaneNews } from './act-on-change.ts'
import { tellLane } from './tell-lane.ts'

const batchSize = 200
const storedSignals = z.array(signalSchema)

/** Allowances for the network in real milliseconds; the dialer's clock may run faster. */
export function callTimings(clockSpeed: number): CallTimings {
  return {
    graceMs: 5_000 * clockSpeed,
    agentDeadlineMs: 15_000 * clockSpeed,
    reportGraceMs: 10_000 * clockSpeed,
  }
}

/** Applies everything that waits. Returns how many calls it moved. */
export async function applySignals(
  deps: Pick<Deps, 'db' | 'queue' | 'clockSpeed' | 'log'>,
  now: Date,
): Promise<number> {
  let moved = 0
  for (;;) {
    const waiting = await deps.db.execute<{ call_id: string }>(sql`
      select distinct call_id from (
        select call_id from signals where applied_at is null order by id limit ${batchSize}) oldest`)
    let progress = 0
    for (const { call_id } of waiting) progress += await applyToCall(deps, { callId: call_id, now })
    moved += progress
    if (progress === 0) return moved
  }
}

async function applyToCall(
  deps: Pick<Deps, 'db' | 'queue' | 'clockSpeed' | 'log'>,
  input: { callId: string; now: Date },
): Promise<number> {
  const news = await deps.db.transaction((tx) => moveCall(tx, { ...input, clockSpeed: deps.clockSpeed }))
  if (!news) return 0
  await spread(deps, { news, now: input.now })
  return 1
}

/** Applies what a call has heard, or one signal of it, in the caller's transaction. Null when there is nothing to apply. */
export async function moveCall(
  tx: Tx,
  input: { callId: string; signalId?: string; now: Date; clockSpeed: number },
): Promise<LaneNews | null> {
  const [call] = await tx.select().from(calls).where(eq(calls.id, input.callId)).for('update')
  if (!call) return null
  const heard = await tx
    .select()
    .from(signals)
    .where(
      and(
        eq(signals.callId, call.id),
        isNull(signals.appliedAt),
        input.signalId ? eq(signals.id, input.signalId) : undefined,
      ),
    )
    .orderBy(asc(signals.id))
  if (heard.length === 0) return null
  const content = heard.flatMap((row) => storedSignals.parse(row.content))
  const timings = callTimings(input.clockSpeed)
  const after = content.reduce((known, signal) => applySignal(known, signal, timings), factsOf(call))
  await tx.update(calls).set(after).where(eq(calls.id, call.id))
  const ids = heard.map((row) => row.id)
  await tx.update(signals).set({ appliedAt: input.now }).where(inArray(signals.id, ids))
  return actOnChange(tx, { call, after, signals: content, now: input.now })
}

/** Only what policy knows of a call: the rest of the row is not its to write. */
function factsOf(call: CallFacts): CallFacts {
  const { status, disposition, outcome, outcomeAt, permittedAt, ringingAt, answeredAt, agentJoinedAt, endedAt } = call
  const { hangupRequestedAt, sipCallId, providerCallId, sipStatusCode, endReason, legEndedAt, legEnd } = call
  const { dialDay, burned, checkAt, settledAt, reportedAt, callbackAt, summary, answers, transcript } = call
  return {
    ...{ status, disposition, outcome, outcomeAt, permittedAt, ringingAt, answeredAt, agentJoinedAt, endedAt },
    ...{ hangupRequestedAt, sipCallId, providerCallId, sipStatusCode, endReason, legEndedAt, legEnd },
    ...{ dialDay, burned, checkAt, settledAt, reportedAt, callbackAt, summary, answers, transcript },
  }
}

/** What the change means for the lane happens after the commit: a lane's row may not be locked while a call's is. */
async function spread(deps: Pick<Deps, 'db' | 'queue' | 'log'>, input: { news: LaneNews; now: Date }): Promise<void> {
  const { news, now } = input
  if (news.trunkId && news.pace !== 'none')
    await tellLane(deps, { trunkId: news.trunkId, pace: news.pace, reason: news.reason, now })
  if (news.trunkId && news.slotFreed) await deps.queue.tick(news.trunkId)
}
