import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySignal, type CallFacts, callMoves, foldSignals, isTerminal } from './call-lifecycle.ts'
import type { Signal } from './signal.ts'
import { callStatuses } from './states.ts'
import { justDialed } from './testing.ts'

const at = (ms: number) => new Date(1_000_000 + ms)
const timings = { graceMs: 5_000, agentDeadlineMs: 15_000, reportGraceMs: 10_000 }

const calling: CallFacts = { ...justDialed, permittedAt: at(0), dialedAt: at(0), checkAt: at(35_000) }
const tell = (call: CallFacts, ...signals: Signal[]) =>
  signals.reduce((known, each) => applySignal(known, each, timings), call)
const busy: Signal = {
  kind: 'dial_failed',
  at: at(4_000),
  disposition: 'busy',
  reached: true,
  burnsAttempt: true,
  effect: 'none',
  sipStatusCode: 486,
  reason: 'Busy Here',
}
const answered: Signal = { kind: 'answered', at: at(6_000), sipCallId: 'SCL_1' }
const settle: Signal = { kind: 'settle', at: at(90_000) }

/** What the outside really tells of one call: which signals belong together, and how the call must end. */
const stories: { name: string; signals: Signal[]; ends: Partial<CallFacts> }[] = [
  {
    name: 'a conversation',
    signals: [
      { kind: 'leg_joined', at: at(100), sipCallId: 'SCL_1' },
      { kind: 'agent_joined', at: at(300) },
      answered,
      { kind: 'agent_report', at: at(60_000), outcome: 'interested', summary: 'Wants a demo.' },
      { kind: 'leg_left', at: at(61_000), reason: 'left', wasAnswered: true },
      { kind: 'room_finished', at: at(62_000) },
    ],
    ends: {
      status: 'completed',
      disposition: 'completed',
      outcome: 'interested',
      answeredAt: at(6_000),
      endedAt: at(61_000),
    },
  },
  {
    name: 'busy',
    signals: [
      { kind: 'leg_joined', at: at(100), sipCallId: 'SCL_1' },
      busy,
      { kind: 'leg_left', at: at(4_000), reason: 'rejected', wasAnswered: false },
      { kind: 'room_finished', at: at(5_000) },
    ],
    ends: { status: 'failed', disposition: 'busy', sipStatusCode: 486, endedAt: at(4_000) },
  },
  {
    name: 'nobody told the answer, but the leg had it',
    signals: [
      { kind: 'dial_unclear', at: at(10_000), reason: 'timeout' },
      { kind: 'leg_left', at: at(30_000), reason: 'left', wasAnswered: true },
      { kind: 'room_finished', at: at(31_000) },
    ],
    ends: { status: 'completed', disposition: 'completed', endedAt: at(30_000) },
  },
  {
    name: 'nobody told the answer, but the agent talked to somebody',
    signals: [
      { kind: 'dial_unclear', at: at(10_000), reason: 'timeout' },
      { kind: 'agent_report', at: at(40_000), outcome: 'not_interested' },
      { kind: 'room_finished', at: at(41_000) },
    ],
    ends: { status: 'completed', outcome: 'not_interested', answeredAt: at(40_000), endedAt: at(41_000) },
  },
  {
    name: 'the worker died, the leg was rejected',
    signals: [
      { kind: 'leg_joined', at: at(100), sipCallId: 'SCL_1' },
      { kind: 'leg_left', at: at(9_000), reason: 'rejected', wasAnswered: false },
      { kind: 'room_finished', at: at(10_000) },
    ],
    ends: { status: 'failed', disposition: 'rejected', endedAt: at(9_000) },
  },
  {
    name: 'nothing is known',
    signals: [{ kind: 'dial_unclear', at: at(10_000), reason: 'reset' }],
    ends: { status: 'failed', disposition: 'unknown' },
  },
  {
    name: 'no agent',
    signals: [answered, { kind: 'agent_missing', at: at(25_000) }, { kind: 'settle', at: at(25_000) }],
    ends: { status: 'failed', disposition: 'agent_error' },
  },
  {
    name: 'an opt-out that a later report contradicts',
    signals: [
      answered,
      { kind: 'agent_report', at: at(20_000), outcome: 'do_not_call' },
      { kind: 'agent_report', at: at(40_000), outcome: 'interested' },
      { kind: 'leg_left', at: at(41_000), reason: 'left', wasAnswered: true },
    ],
    ends: { status: 'completed', outcome: 'do_not_call' },
  },
]

describe('the life of a call', () => {
  for (const { name, signals, ends } of stories) {
    it(`ends the same in any order, with repeats: ${name}`, () => {
      const told = fc.shuffledSubarray([...signals, ...signals], { minLength: signals.length * 2 })
      fc.assert(
        fc.property(told, (order) => {
          // "No agent" is told only to a call that is known to be answered.
          const fair = name === 'no agent' ? [...signals, ...signals] : order
          const call = tell(calling, ...fair, settle)
          expect(call).toMatchObject(ends)
          expect(call.settledAt).not.toBeNull()
          expect(call.checkAt).toBeNull()
        }),
      )
    })
  }

  it('moves only along the arrows of the diagram, keeps its times in order and is always watched while open', () => {
    const anySignal = fc.constantFrom(...stories.flatMap((story) => story.signals), settle)
    fc.assert(
      fc.property(fc.array(anySignal, { maxLength: 12 }), (signals) => {
        let call = calling
        for (const signal of signals) {
          const next = applySignal(call, signal, timings)
          if (next.status !== call.status) expect(Object.keys(callMoves[call.status])).toContain(next.status)
          if (isTerminal(call.status)) expect([next.status, next.disposition]).toEqual([call.status, call.disposition])
          if (next.endedAt && next.answeredAt) expect(next.endedAt >= next.answeredAt).toBe(true)
          expect(isTerminal(next.status)).toBe(next.disposition !== null)
          expect(isTerminal(next.status)).toBe(next.endedAt !== null)
          expect(next.checkAt === null).toBe(next.settledAt !== null)
          call = next
        }
        expect(isTerminal(tell(call, settle).status)).toBe(true)
      }),
    )
  })

  it('changes nothing of a call that has no permit', () => {
    const pending: CallFacts = { ...calling, status: 'pending', permittedAt: null, checkAt: null }
    for (const story of stories) expect(tell(pending, ...story.signals, settle)).toEqual(pending)
  })

  it('is decided on all that was told at once, wherever the decision stands among it', () => {
    for (const { signals, ends } of stories) {
      for (let place = 0; place <= signals.length; place += 1) {
        expect(foldSignals(calling, signals.toSpliced(place, 0, settle), timings)).toMatchObject(ends)
      }
    }
  })

  it('waits for a clear reason before it believes an unclear one', () => {
    const left = tell(calling, { kind: 'leg_left', at: at(4_000), reason: 'rejected', wasAnswered: false })
    expect(left).toMatchObject({ status: 'calling', checkAt: at(9_000) })
    expect(tell(left, busy)).toMatchObject({ status: 'failed', disposition: 'busy' })
  })

  it('ends as canceled when somebody hung up before the answer', () => {
    const hungUp = { ...calling, hangupRequestedAt: at(3_000) }
    const left: Signal = { kind: 'leg_left', at: at(3_100), reason: 'room_deleted', wasAnswered: false }
    expect(tell(hungUp, left, settle)).toMatchObject({ status: 'failed', disposition: 'canceled' })
  })

  it('does not take a wish to hang up for an end that nobody saw: it may have been answered before', () => {
    const hungUp = { ...calling, hangupRequestedAt: at(3_000) }
    expect(tell(hungUp, settle)).toMatchObject({ status: 'failed', disposition: 'unknown' })
    const closed: Signal = { kind: 'room_finished', at: at(3_200) }
    expect(tell(hungUp, closed, settle)).toMatchObject({ status: 'failed', disposition: 'unknown' })
  })

  it('has an arrow or an end for every status', () => {
    expect(Object.keys(callMoves)).toEqual([...callStatuses])
  })
})
