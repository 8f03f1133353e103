import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullerTranscript, hearLine, type LiveLine, shownTranscript } from './transcript.ts'

const second = (n: number) => `2026-03-02T12:00:${String(n).padStart(2, '0')}.000Z`
const line = (changes: Partial<LiveLine> = {}): LiveLine => ({
  ...{ id: 'a', speaker: 'callee', text: 'Hello', at: second(1), toldAt: second(1), isFinal: true },
  ...changes,
})
const reported = (...texts: string[]) =>
  texts.map((text, n) => ({ speaker: 'agent' as const, text, at: new Date(second(n)) }))

describe('live lines', () => {
  it('grow until they are final, and stay where they began', () => {
    const growing = [
      line({ text: 'I', isFinal: false }),
      line({ text: 'I would', isFinal: false, at: second(2), toldAt: second(2) }),
      line({ id: 'b', text: 'Yes?', speaker: 'agent', at: second(3), toldAt: second(3) }),
      line({ text: 'I would like two.', at: second(4), toldAt: second(4) }),
      line({ text: 'I would like', isFinal: false, toldAt: second(5) }),
    ]
    const heard = growing.reduce<LiveLine[] | null>((known, each) => hearLine(known, each), null)
    expect(heard?.map(({ text, at }) => [text, at])).toEqual([
      ['I would like two.', second(1)],
      ['Yes?', second(3)],
    ])
  })

  const anyLine = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    speaker: fc.constantFrom('agent' as const, 'callee' as const),
    text: fc.string({ maxLength: 3 }),
    at: fc.integer({ min: 0, max: 3 }).map(second),
    toldAt: fc.integer({ min: 0, max: 3 }).map(second),
    isFinal: fc.boolean(),
  })

  it('are the same in whatever order and however often they are told', () => {
    const twoOrders = fc
      .array(anyLine, { maxLength: 8 })
      .chain((lines) =>
        fc.tuple(fc.constant(lines), fc.shuffledSubarray([...lines, ...lines], { minLength: 2 * lines.length })),
      )
    fc.assert(
      fc.property(twoOrders, ([told, again]) => {
        const hearAll = (lines: LiveLine[]) => lines.reduce<LiveLine[]>((known, each) => hearLine(known, each), [])
        expect(hearAll(again)).toEqual(hearAll(told))
      }),
    )
  })
})

describe('what is shown', () => {
  it('is what the agent reports, unless more was heard live', () => {
    const liveTranscript = [line(), line({ id: 'b', text: 'Who is', isFinal: false })]
    expect(shownTranscript({ transcript: null, liveTranscript: null })).toBeNull()
    expect(shownTranscript({ transcript: reported('Hi', 'Bye'), liveTranscript })).toEqual(reported('Hi', 'Bye'))
    expect(shownTranscript({ transcript: reported('Hi'), liveTranscript })).toEqual([
      { speaker: 'callee', text: 'Hello', at: new Date(second(1)) },
      { speaker: 'callee', text: 'Who is', at: new Date(second(1)), isInterim: true },
    ])
  })

  it('is the fuller of two reports, whichever came first', () => {
    const [short, long, other] = [reported('Hi'), reported('Hi', 'Bye'), reported('Hi', 'By')]
    expect(fullerTranscript(short, long)).toBe(long)
    expect(fullerTranscript(long, short)).toBe(long)
    expect(fullerTranscript(long, other)).toBe(fullerTranscript(other, long))
    expect(fullerTranscript(null, short)).toBe(short)
  })
})
