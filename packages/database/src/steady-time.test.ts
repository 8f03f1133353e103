import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSteadyTime, type Sample } from './steady-time.ts'

const epochMs = Date.UTC(2026, 10, 21, 9)

/** An answer given `forthMs` after the question and heard `backMs` later; their clock shows epoch + ours + `aheadMs`. */
const sample = (sentMs: number, { forthMs = 1, backMs = 1, aheadMs = 0 } = {}): Sample => ({
  sentMs,
  receivedMs: sentMs + forthMs + backMs,
  answeredMs: epochMs + sentMs + forthMs + aheadMs,
})

describe('a steady time', () => {
  it('is right to within half of the quickest answer, however slow the others were', () => {
    const trip = fc.record({ forthMs: fc.integer({ min: 0, max: 900 }), backMs: fc.integer({ min: 0, max: 900 }) })
    fc.assert(
      fc.property(fc.array(trip, { minLength: 1, maxLength: 8 }), fc.nat(100_000), (trips, laterMs) => {
        const time = createSteadyTime(trips.map((each, i) => sample(i * 2_000, each)))
        const quickest = Math.min(...trips.map(({ forthMs, backMs }) => forthMs + backMs))
        const atMs = 20_000 + laterMs
        expect(Math.abs(time.at(atMs) - (epochMs + atMs))).toBeLessThanOrEqual(quickest / 2 + 0.01)
      }),
    )
  })

  it('keeps what a slow answer does not contradict', () => {
    const time = createSteadyTime([sample(0)])
    expect(time.learn([sample(30_000, { forthMs: 800, backMs: 3 })], 30_803)).toMatchObject({ kind: 'none' })
    expect(time.at(40_000)).toBe(epochMs + 40_000)
  })

  it('makes up for drift bit by bit, forwards and backwards', () => {
    for (const aheadMs of [200, -200]) {
      const time = createSteadyTime([sample(0)])
      expect(time.learn([sample(30_000, { aheadMs })], 30_002).kind).toBe('slewed')
      expect(time.at(30_002)).toBeCloseTo(epochMs + 30_002, 3)
      expect(time.at(31_002)).toBeCloseTo(epochMs + 31_002 + aheadMs / 2, 3)
      expect(time.at(40_000)).toBeCloseTo(epochMs + 40_000 + aheadMs, 3)
    }
  })

  it('leaps when it is far behind, since nobody can catch up with an hour', () => {
    const time = createSteadyTime([sample(0)])
    const correction = time.learn([sample(30_000, { aheadMs: 3_600_000 })], 30_002)
    expect(correction).toEqual({ kind: 'jumped', errorMs: 3_600_000 })
    expect(time.at(30_002)).toBeCloseTo(epochMs + 30_002 + 3_600_000, 3)
  })

  it('stands still when it is far ahead, until the other time is there, and then goes on with it', () => {
    const time = createSteadyTime([sample(0)])
    expect(time.learn([sample(30_000, { aheadMs: -60_000 })], 30_002).kind).toBe('holding')
    for (const atMs of [30_002, 50_000, 90_000]) expect(time.at(atMs)).toBeCloseTo(epochMs + 30_002, 3)
    expect(time.learn([sample(60_000, { aheadMs: -60_000 })], 60_002)).toMatchObject({ kind: 'holding' })
    expect(time.at(90_002)).toBeCloseTo(epochMs + 30_002, 3)
    expect(time.at(100_000)).toBeCloseTo(epochMs + 40_000, 3)
  })

  it('never runs backwards, nor faster than by a tenth but where it leaps, whatever it is told', () => {
    const step = fc.record({
      passMs: fc.integer({ min: 10, max: 60_000 }),
      forthMs: fc.integer({ min: 0, max: 5_000 }),
      backMs: fc.integer({ min: 0, max: 5_000 }),
      aheadMs: fc.oneof(fc.integer({ min: -2_000, max: 2_000 }), fc.integer({ min: -10_000_000, max: 10_000_000 })),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const time = createSteadyTime([sample(0)])
        let [ourMs, shownMs] = [2, time.at(2)]
        for (const { passMs, ...answer } of steps) {
          const told = sample(ourMs + passMs, answer)
          const before = time.at(told.receivedMs)
          expect(before).toBeGreaterThanOrEqual(shownMs)
          expect(before - shownMs).toBeLessThanOrEqual((told.receivedMs - ourMs) * 1.1 + 0.01)
          const { kind } = time.learn([told], told.receivedMs)
          const after = time.at(told.receivedMs)
          if (kind === 'jumped') expect(after).toBeGreaterThan(before)
          else expect(after).toBeCloseTo(before, 3)
          ;[ourMs, shownMs] = [told.receivedMs, after]
        }
      }),
    )
  })

  it('is right again after any error once the time for it has passed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 10_000_000 }), (aheadMs) => {
        const time = createSteadyTime([sample(0)])
        time.learn([sample(30_000, { aheadMs })], 30_002)
        const settledMs = 30_002 + Math.max(10_000, -aheadMs)
        expect(Math.abs(time.at(settledMs) - (epochMs + settledMs + aheadMs))).toBeLessThanOrEqual(1.01)
      }),
    )
  })

  it('cannot begin without an answer', () => {
    expect(() => createSteadyTime([])).toThrow('ask for the time at least once')
  })
})
