/**
 * The life of a call, as a fold: `applySignal` takes what is known and one signal, and returns what is known then.
 *
 * Signals come from several mouths, twice, late, or in any order. So nothing here depends on the order: moments are
 * kept as the earliest that anyone told, a leg that left without a clear reason only arms a check, and terminal
 * states absorb: they gather what is told late, and stay what they are. What follows from a change (notices, the contact's next attempt) is read off by comparing before
 * and after, in the transaction that stores it.
 */
import { addProviderNews, conversationOf, failureOf } from './provider-news.ts'
import type { LegEnd, ProviderNews, Signal, TranscriptLine } from './signal.ts'
import type { CallStatus, Disposition, Outcome } from './states.ts'
import { fullerTranscript, hearLine, type LiveLine } from './transcript.ts'

export type CallFacts = {
  status: CallStatus
  disposition: Disposition | null
  outcome: Outcome | null
  outcomeAt: Date | null
  permittedAt: Date | null
  /** The mark that is written right before the request to dial leaves. */
  dialedAt: Date | null
  ringingAt: Date | null
  answeredAt: Date | null
  agentJoinedAt: Date | null
  /** No agent came in time; the call ends for that reason once its leg is gone. */
  agentMissingAt: Date | null
  endedAt: Date | null
  hangupRequestedAt: Date | null
  sipCallId: string | null
  providerCallId: string | null
  providerNews: ProviderNews | null
  sipStatusCode: number | null
  endReason: string | null
  legEndedAt: Date | null
  legEnd: string | null
  dialDay: string | null
  burned: boolean
  checkAt: Date | null
  settledAt: Date | null
  reportedAt: Date | null
  callbackAt: Date | null
  summary: string | null
  answers: Record<string, unknown> | null
  transcript: TranscriptLine[] | null
  /** The same as it was heard live. */
  liveTranscript: LiveLine[] | null
  /** Its words were erased: no others are taken. */
  transcriptDeletedAt: Date | null
}

/** Allowances for the network, in ms of the dialer's clock. */
export type CallTimings = {
  /** After a leg left without a clear reason: how long the clear one may still come. */
  graceMs: number
  /** After the answer: how long an agent may take to join. */
  agentDeadlineMs: number
  /** After the end of a conversation: how long the agent's report may take. */
  reportGraceMs: number
}

/** Every move a call can make; the diagram in docs/call-lifecycle.md is generated from it. */
export const callMoves = {
  pending: {
    calling: 'the permit to dial is given: one conditional update',
    failed: 'released undialed: paused, stopped, window closed, suppressed',
  },
  calling: {
    answered: 'the callee picks up',
    completed: 'the leg left after an answer that nobody had reported yet',
    failed: 'busy, no answer, rejected, invalid, refused, or unknown after the deadline',
  },
  answered: {
    completed: 'the leg left, the room finished, or LiveKit no longer knows it',
    failed: 'no agent joined in time',
  },
  completed: {},
  failed: {},
} as const satisfies Record<CallStatus, Partial<Record<CallStatus, string>>>

export function isTerminal(status: CallStatus): boolean {
  return status === 'completed' || status === 'failed'
}

/**
 * What is known of a call after all of `signals`, told at whatever time. Those that decide on what is known go last:
 * they have to know what was told beside them.
 */
export function foldSignals(call: CallFacts, signals: readonly Signal[], timings: CallTimings): CallFacts {
  const isDecision = ({ kind }: Signal) => kind === 'settle'
  const inOrder = [...signals.filter((signal) => !isDecision(signal)), ...signals.filter(isDecision)]
  return inOrder.reduce((known, signal) => applySignal(known, signal, timings), call)
}

/** What is known of a call after `signal`. Never changes its argument; unknown or repeated news change nothing. */
export function applySignal(call: CallFacts, signal: Signal, timings: CallTimings): CallFacts {
  if (call.status === 'pending') return call
  const told = notBefore(call.permittedAt, signal)
  return settle(hear(call, told, timings), told, timings)
}

/** Nothing happens to a call before its permit: LiveKit's events know only the second, and its clock may be behind. */
function notBefore(permittedAt: Date | null, signal: Signal): Signal {
  const isOurs = signal.kind === 'agent_report' || permittedAt === null || signal.at >= permittedAt
  return isOurs ? signal : { ...signal, at: permittedAt }
}

function hear(call: CallFacts, signal: Signal, timings: CallTimings): CallFacts {
  switch (signal.kind) {
    case 'leg_joined':
      return {
        ...call,
        sipCallId: call.sipCallId ?? signal.sipCallId ?? null,
        providerCallId: call.providerCallId ?? signal.providerCallId ?? null,
      }
    case 'ringing':
      return { ...call, ringingAt: earliest(call.ringingAt, signal.at) }
    case 'agent_joined':
      return { ...call, agentJoinedAt: earliest(call.agentJoinedAt, signal.at) }
    case 'answered':
      return hearAnswer(call, signal, timings)
    case 'dial_failed':
      return hearRefusal(call, signal)
    case 'dial_unclear':
      return call.status === 'calling'
        ? { ...call, endReason: signal.reason, checkAt: earliest(call.checkAt, signal.at) }
        : call
    case 'leg_left':
      return hearLegLeft(call, signal, timings)
    case 'room_finished':
      return hearRoomFinished(call, signal, timings)
    case 'provider_answered':
    case 'provider_ended':
      return hearProvider(call, signal, timings)
    case 'agent_missing':
      return isTerminal(call.status) ? call : { ...call, agentMissingAt: earliest(call.agentMissingAt, signal.at) }
    case 'settle':
      return decideOnWhatIsKnown(call, signal.at)
    case 'agent_report':
      return hearReport(call, signal)
    case 'said':
      return hearWords(call, signal)
    case 'recording':
    case 'transferred':
      return call
  }
}

function hearAnswer(call: CallFacts, signal: Signal & { kind: 'answered' }, timings: CallTimings): CallFacts {
  if (call.status === 'failed' && call.answeredAt === null) return call
  const answeredAt = earliest(call.answeredAt, signal.at)
  const known = { ...call, answeredAt, sipCallId: call.sipCallId ?? signal.sipCallId ?? null }
  if (call.status !== 'calling') return known
  if (call.legEndedAt) return complete(known, call.legEndedAt)
  return { ...known, status: 'answered', checkAt: after(answeredAt, timings.agentDeadlineMs) }
}

function hearRefusal(call: CallFacts, signal: Signal & { kind: 'dial_failed' }): CallFacts {
  if (call.status !== 'calling') return call
  return {
    ...fail(call, signal.disposition, { at: signal.at, reason: signal.reason }),
    sipStatusCode: signal.sipStatusCode ?? null,
    burned: signal.burnsAttempt,
    dialDay: signal.reached ? call.dialDay : null,
  }
}

function hearLegLeft(call: CallFacts, signal: Signal & { kind: 'leg_left' }, timings: CallTimings): CallFacts {
  const known = {
    ...call,
    sipCallId: call.sipCallId ?? signal.sipCallId ?? null,
    providerCallId: call.providerCallId ?? signal.providerCallId ?? null,
    legEnd: call.legEnd === null || call.legEnd === 'room' ? signal.reason : call.legEnd,
    legEndedAt: earliest(call.legEndedAt, signal.at),
  }
  if (call.status === 'failed') return known
  if (call.status !== 'calling' || signal.wasAnswered) return complete(known, signal.at)
  return { ...known, checkAt: earliest(call.checkAt, after(signal.at, timings.graceMs)) }
}

function hearRoomFinished(
  call: CallFacts,
  signal: Signal & { kind: 'room_finished' },
  timings: CallTimings,
): CallFacts {
  const known = { ...call, legEnd: call.legEnd ?? 'room', legEndedAt: earliest(call.legEndedAt, signal.at) }
  if (call.status === 'failed') return known
  if (call.status !== 'calling') return complete(known, signal.at)
  return { ...known, checkAt: earliest(call.checkAt, after(signal.at, timings.graceMs)) }
}

/** Has LiveKit asked in a while, if it has not told by then. An answered call is looked at anyway. */
function hearProvider(
  call: CallFacts,
  signal: Signal & { kind: 'provider_answered' | 'provider_ended' },
  timings: CallTimings,
): CallFacts {
  const known = { ...call, providerNews: addProviderNews(call.providerNews, signal) }
  if (call.status !== 'calling') return known
  return { ...known, checkAt: earliest(call.checkAt, after(signal.at, timings.graceMs)) }
}

/**
 * A newer report counts for what it says, an older one for what nobody has said since. When each field was said is not
 * kept: a report that comes after a newer one is taken to be older than all that is known.
 */
function hearReport(call: CallFacts, signal: Signal & { kind: 'agent_report' }): CallFacts {
  const newer = call.reportedAt === null || signal.at >= call.reportedAt
  const pick = <T>(told: T | undefined, before: T | null): T | null =>
    newer ? (told ?? before) : (before ?? told ?? null)
  const merged = newer ? { ...call.answers, ...signal.answers } : { ...signal.answers, ...call.answers }
  return {
    ...withOutcome(call, signal),
    reportedAt: newer ? signal.at : call.reportedAt,
    callbackAt: pick(signal.callbackAt, call.callbackAt),
    summary: pick(signal.summary, call.summary),
    answers: call.answers || signal.answers ? merged : null,
    transcript: call.transcriptDeletedAt ? null : fullerTranscript(call.transcript, signal.transcript ?? null),
  }
}

function hearWords(call: CallFacts, { at, line }: Signal & { kind: 'said' }): CallFacts {
  if (call.transcriptDeletedAt) return call
  const told = { ...line, at: line.at.toISOString(), toldAt: at.toISOString() }
  return { ...call, liveTranscript: hearLine(call.liveTranscript, told) }
}

/** The last word counts, but nobody who asked not to be called is talked out of it: there the first one does. */
function withOutcome(call: CallFacts, { outcome, at }: Signal & { kind: 'agent_report' }): CallFacts {
  if (!outcome) return call
  if (call.outcome === 'do_not_call') {
    return outcome === 'do_not_call' ? { ...call, outcomeAt: earliest(call.outcomeAt, at) } : call
  }
  const counts = outcome === 'do_not_call' || call.outcomeAt === null || at >= call.outcomeAt
  return counts ? { ...call, outcome, outcomeAt: at } : call
}

function decideOnWhatIsKnown(call: CallFacts, at: Date): CallFacts {
  const conversation = conversationOf(call.providerNews)
  if (call.status === 'answered') return complete(call, conversation?.endedAt ?? at)
  if (call.status !== 'calling') return call
  if (call.dialedAt === null) return neverDialed(call, at)
  // An agent that tells an outcome talked to somebody, even if nobody told the answer.
  if (call.outcomeAt) {
    const answeredAt = latest(call.outcomeAt, call.permittedAt ?? call.outcomeAt)
    return complete({ ...call, answeredAt }, call.legEndedAt ?? conversation?.endedAt ?? at)
  }
  if (conversation) {
    const { answeredAt, endedAt } = conversation
    return complete({ ...call, answeredAt }, call.legEndedAt ?? endedAt ?? at)
  }
  return failOnWhatIsKnown(call, at)
}

function failOnWhatIsKnown(call: CallFacts, at: Date): CallFacts {
  // That somebody asked says nothing of whether it was answered before: that takes a leg that was seen to go.
  if (call.hangupRequestedAt && call.legEnd && call.legEnd !== 'room') {
    return fail(call, 'canceled', { at: call.legEndedAt ?? at, reason: 'Hung up before anybody answered.' })
  }
  const told = failureOf(call.providerNews, call.legEnd)
  if (told) {
    const end = { at: call.legEndedAt ?? new Date(told.atMs), reason: told.reason }
    return { ...fail(call, told.disposition, end), sipStatusCode: told.sipStatusCode }
  }
  const { disposition, reason } =
    legEndings[(call.legEnd ?? 'nothing') as keyof typeof legEndings] ?? legEndings.nothing
  const why = disposition === 'unknown' ? (call.endReason ?? reason) : reason
  return fail(call, disposition, { at: call.legEndedAt ?? at, reason: why })
}

/** A permit without a mark: whoever had it is gone, or finds the call failed and does not dial. The contact loses nothing. */
function neverDialed(call: CallFacts, at: Date): CallFacts {
  const reason = 'Permitted, but never dialed: the process that was to dial it was gone before it did.'
  return { ...fail(call, 'canceled', { at, reason }), burned: false, dialDay: null }
}

const legEndings = {
  rejected: { disposition: 'rejected', reason: 'The callee or the carrier rejected the call.' },
  unavailable: { disposition: 'no_answer', reason: 'Nobody answered.' },
  removed: { disposition: 'canceled', reason: 'The leg was removed from the room before anybody answered.' },
  room_deleted: { disposition: 'canceled', reason: 'The room was deleted before anybody answered.' },
  left: { disposition: 'trunk_error', reason: 'The leg ended before anybody answered; the trunk gave no reason.' },
  failed: { disposition: 'trunk_error', reason: 'The trunk could not place the call.' },
  room: { disposition: 'unknown', reason: 'The room closed and nobody told how the call ended.' },
  nothing: { disposition: 'unknown', reason: 'Nobody told how the call ended, and LiveKit no longer knows it.' },
} as const satisfies Record<LegEnd | 'room' | 'nothing', { disposition: Disposition; reason: string }>

/** Ended calls settle at once, but a conversation waits for its outcome until the report's deadline. */
function settle(call: CallFacts, signal: Signal, timings: CallTimings): CallFacts {
  if (!isTerminal(call.status) || call.settledAt || !call.endedAt) return call
  const complete = call.status === 'failed' || call.outcome !== null || signal.kind === 'settle'
  return complete
    ? { ...call, settledAt: latest(call.endedAt, signal.at), checkAt: null }
    : { ...call, checkAt: after(call.endedAt, timings.reportGraceMs) }
}

/** It ended when the first of its ends was told, and was answered at the latest then. */
function complete(call: CallFacts, at: Date): CallFacts {
  const endedAt = earliest(call.endedAt, at)
  const answeredAt = earliest(call.answeredAt, endedAt)
  if (call.agentMissingAt && call.agentJoinedAt === null && call.reportedAt === null) {
    return fail({ ...call, answeredAt }, 'agent_error', { at: endedAt, reason: 'No agent joined the room in time.' })
  }
  return { ...call, status: 'completed', disposition: 'completed', endReason: null, answeredAt, endedAt }
}

function fail(call: CallFacts, disposition: Disposition, end: { at: Date; reason: string }): CallFacts {
  const endedAt = latest(call.answeredAt ?? end.at, end.at)
  return { ...call, status: 'failed', disposition, endReason: end.reason, endedAt }
}

function earliest(a: Date | null, b: Date): Date {
  return a !== null && a <= b ? a : b
}

function latest(a: Date, b: Date): Date {
  return a >= b ? a : b
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms)
}
