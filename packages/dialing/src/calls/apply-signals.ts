/**
 * Moves calls. The only place that does, apart from the permit to dial and the release of what was never dialed.
 *
 * Takes the signals of one call at a time, folds them by policy, and writes the move with all that follows from it. No
 * lock is held in between: a move is written only over the row that it was made from, else it is made anew.
 */
import { builtOnce, type Db, type Tx } from '@outdial/database/client'
import { isConnectionError } from '@outdial/database/connection-error'
import { calls, signals } from '@outdial/database/schema/calls'
import { type CallFacts, type CallTimings, foldSignals } from '@outdial/policy/call-lifecycle'
import { signalSchema } from '@outdial/policy/signal'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { keepRecordings } from '../recordings/keep-recordings.ts'
import type { Call } from './call-data.ts'
import { decideSettlement, stopWhereNothingWorks } from './follow-up.ts'
import { type LaneNews, newsForLane, tellLane } from './tell-lane.ts'
import { type Move, type Settlement, type Written, writeMove } from './write-move.ts'

const batchSize = 50

/** So often a move is made anew after somebody else moved the call meanwhile; the next applier goes on then. */
const triesMax = 5

/** A call as it is stored, and what it has heard that nobody has applied: read at the same moment. */
export type Read = {
  before: Call
  /** Of the row: PostgreSQL gives every version of a row another `xmin`. */
  version: string
  /** The content has been through JSON. */
  heard: unknown[] | null
}

/** For queries over `calls`. */
export const versionOfCall = sql<string>`calls.xmin::text`

/** The same. FILTER: found by the index of the call, and not by that of all that is unapplied. */
export const unappliedOfCall = sql<unknown[] | null>`(
  select jsonb_agg(jsonb_build_object('id', s.id, 'content', s.content, 'receivedAt', s.received_at) order by s.id)
    filter (where s.applied_at is null)
  from signals s where s.call_id = calls.id)`

const readCall = builtOnce((db) =>
  db
    .select({ before: calls, version: versionOfCall, heard: unappliedOfCall })
    .from(calls)
    .where(eq(calls.id, sql.placeholder('callId')))
    .prepare('read_call'),
)

const heardSchema = z.array(z.object({ id: z.string(), content: z.array(signalSchema), receivedAt: z.coerce.date() }))

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
 * Applies a batch of what waits, in any order, so that appliers side by side seldom have the same call in hand. Returns
 * false when nothing was waiting.
 */
export async function applySignals(deps: ApplyDeps, now: Date): Promise<boolean> {
  const waiting = await deps.db.execute<{ call_id: string }>(sql`
    select call_id from (
      select call_id from signals where applied_at is null and problem is null order by id limit ${batchSize}) oldest
    group by call_id order by random()`)
  for (const { call_id: callId } of waiting) await apply(deps, { callId, now })
  return waiting.length > 0
}

/** Applies what a call has heard, by whoever has just stored it. Never throws: where it cannot, the appliers are woken. */
export async function applyCall(deps: ApplyDeps, { read, now }: { read: Read; now: Date }): Promise<void> {
  const done = await apply(deps, { callId: read.before.id, read, now }).catch(() => 'unfinished' as const)
  if (done === 'unfinished') await deps.queue.apply()
}

/**
 * Trouble with one call must not keep the others waiting: it is written beside the signals, which stay unapplied.
 * A database that went away or chose us to end a deadlock is no such trouble: the sweep wakes somebody to try again.
 */
async function apply(
  deps: ApplyDeps,
  input: { callId: string; read?: Read; now: Date },
): Promise<'done' | 'unfinished'> {
  const { callId, now } = input
  try {
    for (let tries = 0; tries < triesMax; tries++) {
      const known = tries === 0 ? input.read : undefined
      const [read] = known ? [known] : await readCall(deps.db).execute({ callId })
      const move = read && makeMove(read, { now, clockSpeed: deps.clockSpeed })
      if (!move) return 'done'
      const written = await finishMove(deps.db, move)
      if (!written) continue
      await tellLane(deps, { news: newsForLane(move, written), now })
      return 'done'
    }
    return 'unfinished'
  } catch (error) {
    if (isDeadlock(error)) return 'unfinished'
    if (isConnectionError(error)) throw error
    deps.log.error({ err: error, callId }, 'signals of a call could not be applied')
    const problem = error instanceof Error ? error.message : String(error)
    await deps.db
      .update(signals)
      .set({ problem })
      .where(and(eq(signals.callId, callId), isNull(signals.appliedAt)))
    return 'done'
  }
}

function isDeadlock(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === '40P01' || at.code === '40001')) return true
  }
  return false
}

/** Applies one signal of a call in the caller's transaction, which holds the call's row. Null when nothing had to be. */
export async function moveCall(
  tx: Tx,
  input: { callId: string; signalId: string; now: Date; clockSpeed: number },
): Promise<LaneNews | null> {
  const [read] = await readCall(tx).execute({ callId: input.callId })
  const heard = read?.heard?.filter((each) => (each as { id?: unknown }).id === input.signalId)
  const move = read && makeMove({ ...read, heard: heard ?? null }, input)
  if (!move) return null
  const written = await finishMove(tx, move)
  if (!written) throw new Error(`Call ${input.callId} changed while its row was held.`)
  return newsForLane(move, written)
}

/** What a call is once it has heard what waits for it. Null where nothing does. */
function makeMove(read: Read, input: { now: Date; clockSpeed: number }): Move | null {
  const heard = heardSchema.parse(read.heard ?? [])
  if (heard.length === 0) return null
  // Some came while the batch was under way: what follows from them must not be counted from before they were heard.
  const now = new Date(Math.max(input.now.getTime(), ...heard.map(({ receivedAt }) => receivedAt.getTime())))
  const told = heard.flatMap(({ content }) => content)
  const timings = callTimings(input.clockSpeed)
  const after = foldSignals(factsOf(read.before), told, timings)
  return { before: read.before, version: read.version, after, heard, signals: told, now }
}

/** Writes the move, alone or with what only some moves bring along. Null when the call has changed since it was read. */
async function finishMove(db: Db | Tx, move: Move): Promise<Written | null> {
  const settlement = await decideSettlement(db, move)
  if (!bringsMore(move, settlement)) return writeMove(db, move, settlement)
  return db.transaction(async (tx) => {
    const written = await writeMove(tx, move, settlement)
    if (!written) return null
    const told = recordingsIn(move)
    if (told.length > 0) await keepRecordings(tx, { call: move.before, told, now: move.now })
    await stopWhereNothingWorks(tx, { move, failures: written })
    return written
  })
}

function recordingsIn({ signals }: Move) {
  return signals.filter((signal) => signal.kind === 'recording')
}

/** A recording, or a campaign that may have to be stopped. */
function bringsMore(move: Move, settlement: Settlement | null): boolean {
  if (recordingsIn(move).length > 0) return true
  if (!settlement) return false
  const isStopped = move.signals.some((signal) => signal.kind === 'dial_failed' && signal.effect === 'stop_campaign')
  return isStopped || settlement.trunk === 'failed' || move.after.disposition === 'agent_error'
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
