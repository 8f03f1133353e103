import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySignal, type CallFacts, callMoves, isTerminal } from './call-lifecycle.ts'
import type { Signal } from './signal.ts'
import { callStory, justDialed, lastWord, retold, storyBegins, storyTimings } from './testing.ts'

const tell = (call: CallFacts, signals: readonly Signal[]) =>
  signals.reduce((known, each) => applySignal(known, each, storyTimings), call)

/** When it was settled depends on when was heard what; nothing else does. */
const withoutSettling = ({ settledAt, ...facts }: CallFacts) => facts

const told = callStory.chain((story) => fc.tuple(fc.constant(story), retold(story.signals)))

/** The sweep's last word comes at any time, and what was delayed comes after it. */
const toldWithHaste = callStory.chain((story) =>
  fc.tuple(fc.constant(story), retold([...story.signals, lastWord(story)])),
)

describe('the life of a call, whatever of its story is told and how', () => {
  it('ends the same for the same news, in any order and with repeats', () => {
    fc.assert(
      fc.property(told, ([story, order]) => {
        const once = tell(story.call, [...story.signals, lastWord(story)])
        expect(withoutSettling(tell(story.call, [...order, lastWord(story)]))).toEqual(withoutSettling(once))
      }),
      { numRuns: 2_000 },
    )
  })

  it('ends the same in every single order of a short story', () => {
    const short = callStory.filter(({ signals }) => signals.length > 1 && signals.length <= 5)
    fc.assert(
      fc.property(short, (story) => {
        const ends = permutations(story.signals).map((order) =>
          JSON.stringify(withoutSettling(tell(story.call, [...order, lastWord(story)]))),
        )
        expect([...new Set(ends)]).toHaveLength(1)
      }),
      { numRuns: 150 },
    )
  })

  it('moves only along the arrows, absorbs at its ends, and keeps its times in order, whatever comes when', () => {
    fc.assert(
      fc.property(toldWithHaste, ([story, order]) => {
        let call = story.call
        for (const signal of order) {
          const next = applySignal(call, signal, storyTimings)
          if (next.status !== call.status) expect(Object.keys(callMoves[call.status])).toContain(next.status)
          if (isTerminal(call.status)) {
            expect([next.status, next.disposition, next.burned, next.dialDay]).toEqual([
              ...[call.status, call.disposition, call.burned, call.dialDay],
            ])
          }
          if (call.settledAt) expect(next.settledAt).toEqual(call.settledAt)
          expectSound(next)
          call = next
        }
        expect(call.settledAt).not.toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  it('changes nothing when it is told the same twice in a row', () => {
    fc.assert(
      fc.property(toldWithHaste, ([story, order]) => {
        let call = story.call
        for (const signal of order) {
          call = applySignal(call, signal, storyTimings)
          expect(applySignal(call, signal, storyTimings)).toEqual(call)
        }
      }),
    )
  })

  it('counts nobody as unanswered of whom any mouth told an answer before it was settled, and nobody else as answered', () => {
    fc.assert(
      fc.property(toldWithHaste, ([story, order]) => {
        const inTime = order.slice(
          0,
          order.findIndex((signal) => signal.kind === 'settle'),
        )
        const call = tell(story.call, order)
        if (inTime.some(tellsOfAnswer)) {
          expect(call).toMatchObject({ status: 'completed', disposition: 'completed', burned: true })
          expect(call.answeredAt).not.toBeNull()
        }
        if (!story.wasAnswered) expect([call.status, call.answeredAt]).toEqual(['failed', null])
      }),
      { numRuns: 2_000 },
    )
  })

  it('changes nothing of a call that has no permit, and settles every call that has one', () => {
    fc.assert(
      fc.property(told, ([story, order]) => {
        const pending: CallFacts = {
          ...story.call,
          status: 'pending',
          permittedAt: null,
          dialedAt: null,
          checkAt: null,
        }
        expect(tell(pending, [...order, lastWord(story)])).toEqual(pending)
        for (const heard of [0, Math.floor(order.length / 2), order.length]) {
          const call = tell(story.call, [...order.slice(0, heard), lastWord(story)])
          expect(call.settledAt).not.toBeNull()
        }
      }),
    )
  })

  it('burns no attempt of a call that was never marked as dialed', () => {
    const unmarked = { ...justDialed, dialedAt: null }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600_000 }), (ms) => {
        const call = tell(unmarked, [{ kind: 'settle', at: at(ms) }])
        expect(call).toMatchObject({ status: 'failed', disposition: 'canceled', burned: false, dialDay: null })
      }),
    )
  })

  it('ends as an agent error when no agent came, in any order of what was told before and after the sweep hung up', () => {
    const before: Signal[] = [
      { kind: 'leg_joined', at: at(300), sipCallId: 'SCL_1' },
      { kind: 'dial_unclear', at: at(5_500), reason: 'LiveKit did not say (timeout).' },
      { kind: 'answered', at: at(6_000), sipCallId: 'SCL_1' },
      missing,
    ]
    const after: Signal[] = [left, { kind: 'room_finished', at: at(26_000) }, { kind: 'settle', at: at(27_000) }]
    fc.assert(
      fc.property(retold(before), retold(after), (first, then) => {
        const call = tell(justDialed, [...first, ...then, ...after])
        expect(call).toMatchObject({
          status: 'failed',
          disposition: 'agent_error',
          burned: true,
          answeredAt: at(6_000),
        })
        expect(call.settledAt).not.toBeNull()
      }),
    )
  })

  it('misses no agent that has joined or reported, whenever that is heard', () => {
    const answered: Signal = { kind: 'answered', at: at(6_000) }
    const signs: Signal[] = [
      { kind: 'agent_report', at: at(20_000), summary: 'They talked.' },
      { kind: 'agent_joined', at: at(7_000) },
    ]
    for (const sign of signs) {
      for (const order of permutations([answered, missing, sign])) {
        expect(tell(justDialed, [...order, left])).toMatchObject({ disposition: 'completed' })
      }
    }
  })
})

const at = (ms: number) => new Date(storyBegins.getTime() + ms)
const missing: Signal = { kind: 'agent_missing', at: at(25_000) }
const left: Signal = { kind: 'leg_left', at: at(25_500), reason: 'room_deleted', wasAnswered: true }

function expectSound(call: CallFacts): void {
  const { permittedAt, ringingAt, answeredAt, agentJoinedAt, legEndedAt, endedAt, settledAt } = call
  for (const moment of [ringingAt, answeredAt, agentJoinedAt, legEndedAt, endedAt]) {
    if (moment && permittedAt) expect(moment >= permittedAt).toBe(true)
  }
  if (endedAt && answeredAt) expect(endedAt >= answeredAt).toBe(true)
  if (settledAt && endedAt) expect(settledAt >= endedAt).toBe(true)
  expect(call.checkAt === null).toBe(settledAt !== null)
  expect(isTerminal(call.status)).toBe(call.disposition !== null)
  expect(isTerminal(call.status)).toBe(endedAt !== null)
  expect(call.status === 'completed').toBe(call.disposition === 'completed')
  expect(call.outcome === null).toBe(call.outcomeAt === null)
}

function tellsOfAnswer(signal: Signal): boolean {
  return (
    signal.kind === 'answered' ||
    (signal.kind === 'leg_left' && signal.wasAnswered) ||
    signal.kind === 'provider_answered' ||
    (signal.kind === 'provider_ended' && signal.disposition === 'completed') ||
    (signal.kind === 'agent_report' && signal.outcome !== undefined)
  )
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}
