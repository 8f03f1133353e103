import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterFailure, isTakenForDown, nextDelivery } from './notice-retry.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** When the tries of a notice are that always fails, in ms after the first. */
function triesOf(jitter: number): number[] {
  const tries = [0]
  for (;;) {
    const next = nextDelivery({ failures: tries.length, jitter })
    if (next === 'give_up') return tries
    tries.push((tries.at(-1) ?? 0) + next.delayMs)
  }
}

describe('one notice', () => {
  it('is tried four times within two minutes, through the first hour, and given up after days', () => {
    const tries = triesOf(0)
    expect(tries.filter((atMs) => atMs <= 120_000)).toHaveLength(4)
    expect(tries.filter((atMs) => atMs <= 1.1 * hourMs)).toHaveLength(8)
    expect(tries).toHaveLength(15)
    expect(tries.at(-1)).toBeGreaterThan(3 * dayMs)
    expect(tries.at(-1)).toBeLessThan(4 * dayMs)
  })

  it('waits longer each time, and never less than it says', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (jitter) => {
        const [tries, earliest] = [triesOf(jitter), triesOf(0)]
        for (const [i, atMs] of tries.entries()) expect(atMs).toBeGreaterThanOrEqual(earliest[i] ?? 0)
        const delays = earliest.slice(1).map((atMs, i) => atMs - (earliest[i] ?? 0))
        expect(delays).toEqual(delays.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('an endpoint', () => {
  const failing = (failures: number, rest = {}) =>
    afterFailure({ failures, failingForMs: 60_000, askedForMs: 0, ...rest })

  it('that failed once or twice is not held: it may be about the notice', () => {
    expect([failing(1), failing(2)]).toEqual([{ holdMs: 0 }, { holdMs: 0 }])
    expect([0, 1, 2, 3].map(isTakenForDown)).toEqual([false, false, false, true])
  })

  it('that goes on failing is asked less and less often, but every five minutes', () => {
    expect([3, 4, 5, 6].map((failures) => failing(failures))).toEqual(
      [5_000, 10_000, 20_000, 40_000].map((holdMs) => ({ holdMs })),
    )
    expect(failing(500)).toEqual({ holdMs: 300_000 })
  })

  it('gets the time it asks for, up to five minutes', () => {
    expect(failing(1, { askedForMs: 30_000 })).toEqual({ holdMs: 30_000 })
    expect(failing(1, { askedForMs: dayMs })).toEqual({ holdMs: 300_000 })
  })

  it('is switched off after three days without a single success', () => {
    expect(failing(1_000, { failingForMs: 3 * dayMs })).toBe('switch_off')
    expect(failing(1_000, { failingForMs: 3 * dayMs - 1 })).toEqual({ holdMs: 300_000 })
  })

  it('that was asked too seldom to tell stays on', () => {
    expect(failing(2, { failingForMs: 30 * dayMs })).toEqual({ holdMs: 0 })
  })
})
