/**
 * True stories of calls, as LiveKit, the agent, our own dial and the sweep would tell them, for tests of everything that
 * hears them in another order, twice, late or in part.
 */
import fc from 'fast-check'
import type { CallFacts } from './call-lifecycle.ts'
import type { LegEnd, Signal } from './signal.ts'
import { type Disposition, outcomes } from './states.ts'

export type CallStory = {
  /** What is known when the phone begins to ring. */
  call: CallFacts
  /** All that is ever told of it, but for the sweep's last word. */
  signals: Signal[]
  /** Whether somebody, or a mailbox, picked up. */
  wasAnswered: boolean
  /** When everything is over, in ms from the permit. */
  overMs: number
}

export const storyBegins = new Date('2026-03-02T12:00:00.000Z')
export const storyTimings = { graceMs: 5_000, agentDeadlineMs: 15_000, reportGraceMs: 10_000 }

const at = (ms: number) => new Date(storyBegins.getTime() + Math.round(ms))
/** LiveKit's events know only the second. */
const inSeconds = (ms: number) => new Date(Math.floor(at(ms).getTime() / 1_000) * 1_000)

export const justDialed: CallFacts = {
  status: 'calling',
  disposition: null,
  outcome: null,
  outcomeAt: null,
  permittedAt: storyBegins,
  dialedAt: at(250),
  ringingAt: null,
  answeredAt: null,
  agentJoinedAt: null,
  agentMissingAt: null,
  endedAt: null,
  hangupRequestedAt: null,
  sipCallId: null,
  providerCallId: null,
  providerNews: null,
  sipStatusCode: null,
  endReason: null,
  legEndedAt: null,
  legEnd: null,
  dialDay: '2026-03-02',
  burned: true,
  checkAt: at(35_000),
  settledAt: null,
  reportedAt: null,
  callbackAt: null,
  summary: null,
  answers: null,
  transcript: null,
  liveTranscript: null,
  transcriptDeletedAt: null,
}

const joined: Signal = { kind: 'leg_joined', at: at(300), sipCallId: 'SCL_1' }
const ids = { sipCallId: 'SCL_1', providerCallId: 'CA1' }

/** How the worker that dialed learned of it; nothing when it was killed. */
const unclear = (ms: number): Signal => ({ kind: 'dial_unclear', at: at(ms), reason: 'LiveKit did not say (timeout).' })

/** Some of them get lost on the way, in the order they happened. */
const someOf = (signals: Signal[]): fc.Arbitrary<Signal[]> => fc.subarray(signals)

type Talk = {
  answerMs: number
  talkMs: number
  dial: 'answered' | 'unclear' | 'died'
  latencyMs: number
  agentMs: number | null
  sweepShare: number | null
  ends: LegEnd
  closesMs: number
}

const talk: fc.Arbitrary<Talk> = fc.record({
  answerMs: fc.integer({ min: 400, max: 29_000 }),
  talkMs: fc.integer({ min: 0, max: 90_000 }),
  dial: fc.constantFrom('answered', 'unclear', 'died'),
  latencyMs: fc.integer({ min: 0, max: 2_000 }),
  agentMs: fc.option(fc.integer({ min: 100, max: 40_000 })),
  sweepShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  ends: fc.constantFrom('left', 'removed', 'room_deleted', 'failed'),
  closesMs: fc.integer({ min: 0, max: 20_000 }),
})

/** What an agent says: an opt-out at once, and at the end everything once more. What it has said, it says again. */
function reportsFrom(fromMs: number, toMs: number): fc.Arbitrary<Signal[]> {
  const times = fc.uniqueArray(fc.integer({ min: fromMs, max: toMs + 2_000 }), { maxLength: 3 })
  const parts = fc.array(
    fc.record(
      {
        outcome: fc.constantFrom(...outcomes),
        summary: fc.constantFrom('short', 'longer'),
        callbackAt: fc.integer({ min: 3_600_000, max: 7_200_000 }).map(at),
        answers: fc.record({ a: fc.nat(3) }),
      },
      { requiredKeys: [] },
    ),
    { minLength: 3, maxLength: 3 },
  )
  return fc.tuple(times, parts).map(([moments, said]) =>
    moments
      .toSorted((a, b) => a - b)
      .map((ms, i) => ({
        kind: 'agent_report',
        at: at(ms),
        ...Object.assign({}, ...said.slice(0, i + 1)),
        transcript: linesUntil(i + 1),
      })),
  )
}

function linesUntil(count: number) {
  return Array.from({ length: count }, (_, i) => ({ speaker: 'agent' as const, text: `line ${i}`, at: at(20_000 + i) }))
}

/** Heard live: two wordings of one line, and another. */
function wordsFrom(ms: number): Signal[] {
  const line = { id: 'SG_1', speaker: 'callee' as const, at: at(ms), isFinal: false }
  return [
    { kind: 'said', at: inSeconds(ms), line: { ...line, text: 'Who' } },
    {
      kind: 'said',
      at: inSeconds(ms + 900),
      line: { ...line, at: at(ms + 900), text: 'Who is there?', isFinal: true },
    },
    { kind: 'said', at: inSeconds(ms), line: { ...line, id: 'SG_2', text: 'Hello?' } },
  ]
}

const conversation: fc.Arbitrary<CallStory> = talk.chain((given) => {
  const { answerMs, latencyMs, agentMs, sweepShare } = given
  const endMs = answerMs + given.talkMs
  const joins = agentMs !== null && agentMs <= endMs
  const sweepMs = sweepShare === null ? null : answerMs + sweepShare * given.talkMs
  const answered: Signal = { kind: 'answered', at: at(answerMs + latencyMs), sipCallId: 'SCL_1' }
  const told: Signal[] = [
    joined,
    { kind: 'ringing', at: at(350) },
    ...(given.dial === 'answered' ? [answered] : given.dial === 'unclear' ? [unclear(answerMs + latencyMs)] : []),
    ...(joins ? ([{ kind: 'agent_joined', at: at(agentMs) }] as const) : []),
    ...(sweepMs === null ? [] : ([{ ...answered, at: at(sweepMs) }] as const)),
    ...(sweepMs !== null && joins && agentMs <= sweepMs ? ([{ kind: 'agent_joined', at: at(sweepMs) }] as const) : []),
    { kind: 'leg_left', at: inSeconds(endMs), reason: given.ends, wasAnswered: true, ...ids },
    { kind: 'room_finished', at: inSeconds(endMs + given.closesMs) },
    { kind: 'provider_answered', at: inSeconds(answerMs) },
    { kind: 'provider_ended', at: inSeconds(endMs), disposition: 'completed', reason: 'Twilio: it was answered.' },
    ...wordsFrom(answerMs),
  ]
  const reports = joins ? reportsFrom(Math.max(answerMs, agentMs), endMs) : fc.constant<Signal[]>([])
  return fc.record({
    call: hungUpWithin(answerMs, endMs),
    signals: fc.tuple(someOf(told), reports.chain(someOf)).map((parts) => parts.flat()),
    wasAnswered: fc.constant(true),
    overMs: fc.constant(endMs + given.closesMs + 5_000),
  })
})

const endings: Record<string, { reason: LegEnd; effect?: 'slow_lane' | 'stop_campaign'; sipStatusCode?: number }> = {
  busy: { reason: 'rejected', sipStatusCode: 486 },
  no_answer: { reason: 'unavailable', sipStatusCode: 480 },
  rejected: { reason: 'rejected', sipStatusCode: 603 },
  invalid_number: { reason: 'left', sipStatusCode: 404 },
  trunk_error: { reason: 'failed', effect: 'slow_lane', sipStatusCode: 503 },
}

const refusal: fc.Arbitrary<CallStory> = fc
  .record({
    disposition: fc.constantFrom<Disposition>('busy', 'no_answer', 'rejected', 'invalid_number', 'trunk_error'),
    endMs: fc.integer({ min: 300, max: 30_000 }),
    latencyMs: fc.integer({ min: 0, max: 2_000 }),
    closesMs: fc.integer({ min: 0, max: 20_000 }),
    dial: fc.constantFrom('refused', 'unclear', 'died'),
    burnsAttempt: fc.boolean(),
  })
  .chain(({ disposition, endMs, latencyMs, closesMs, dial, burnsAttempt }) => {
    const ending = endings[disposition] ?? { reason: 'left' as const }
    const refused: Signal = {
      kind: 'dial_failed',
      at: at(endMs + latencyMs),
      disposition,
      reached: true,
      burnsAttempt,
      effect: ending.effect ?? 'none',
      reason: `It ended as ${disposition}.`,
      sipStatusCode: ending.sipStatusCode,
    }
    const told: Signal[] = [
      joined,
      { kind: 'ringing', at: at(350) },
      { kind: 'agent_joined', at: at(280) },
      { kind: 'leg_left', at: inSeconds(endMs), reason: ending.reason, wasAnswered: false, ...ids },
      { kind: 'room_finished', at: inSeconds(endMs + closesMs) },
      {
        kind: 'provider_ended',
        at: inSeconds(endMs),
        // A ring timeout is a cancel to the provider.
        disposition: disposition === 'no_answer' ? 'canceled' : disposition,
        reason: `Twilio: ${disposition}.`,
        sipStatusCode: ending.sipStatusCode,
      },
    ]
    const answer = dial === 'refused' ? [refused] : dial === 'unclear' ? [unclear(endMs + latencyMs)] : []
    return fc.record({
      call: fc.constant(justDialed),
      signals: someOf(told).map((heard) => [...heard, ...answer]),
      wasAnswered: fc.constant(false),
      overMs: fc.constant(endMs + latencyMs + closesMs + 5_000),
    })
  })

/** Hung up by somebody before it was answered. */
const takenBack: fc.Arbitrary<CallStory> = fc
  .record({ endMs: fc.integer({ min: 1_000, max: 29_000 }), dial: fc.constantFrom('refused', 'unclear', 'died') })
  .chain(({ endMs, dial }) => {
    const canceled: Signal = {
      kind: 'dial_failed',
      at: at(endMs + 20),
      ...{ disposition: 'canceled', reached: true, burnsAttempt: true, effect: 'none' },
      reason: 'Hung up before anybody answered.',
    }
    const told: Signal[] = [
      joined,
      { kind: 'leg_left', at: inSeconds(endMs), reason: 'room_deleted', wasAnswered: false, ...ids },
      { kind: 'room_finished', at: inSeconds(endMs) },
      { kind: 'provider_ended', at: inSeconds(endMs), disposition: 'canceled', reason: 'Twilio: it was canceled.' },
      ...(dial === 'refused' ? [canceled] : dial === 'unclear' ? [unclear(endMs + 20)] : []),
    ]
    return fc.record({
      call: fc.constant({ ...justDialed, hangupRequestedAt: at(endMs - 50) }),
      signals: someOf(told),
      wasAnswered: fc.constant(false),
      overMs: fc.constant(endMs + 5_000),
    })
  })

/** Somebody may have asked for the end of a conversation; that is on the row when signals come, and no signal. */
function hungUpWithin(fromMs: number, toMs: number): fc.Arbitrary<CallFacts> {
  return fc
    .option(fc.integer({ min: fromMs, max: toMs }))
    .map((ms) => (ms === null ? justDialed : { ...justDialed, hangupRequestedAt: at(ms) }))
}

/** What the sweep says when LiveKit knows the call no more. */
export function lastWord({ overMs }: CallStory): Signal {
  return { kind: 'settle', at: at(overMs) }
}

export const callStory: fc.Arbitrary<CallStory> = fc.oneof(
  { arbitrary: conversation, weight: 3 },
  { arbitrary: refusal, weight: 2 },
  { arbitrary: takenBack, weight: 1 },
)

/** The signals in any order, any of them told once more. */
export function retold(signals: readonly Signal[]): fc.Arbitrary<Signal[]> {
  return fc
    .tuple(fc.shuffledSubarray([...signals], { minLength: signals.length }), fc.array(fc.nat(1_000)))
    .map(([order, again]) => {
      const told = [...order]
      for (const pick of order.length ? again : []) {
        const repeated = order[pick % order.length]
        if (repeated) told.splice(pick % (told.length + 1), 0, repeated)
      }
      return told
    })
}
