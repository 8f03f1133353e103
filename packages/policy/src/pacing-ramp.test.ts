import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Contender, planStarts, type Ramp, startAfter } from './pacing.ts'

const nowMs = 1_000_000
const always: Contender = {
  campaignId: 'a',
  weight: 1,
  pass: 0,
  nextStartMs: 0,
  gapMs: 0,
  atMost: 1_000_000,
  untilMs: Number.MAX_SAFE_INTEGER,
}
const startsOf = (options: { intervalMs: number; ramp: Ramp | null; horizonMs: number }) =>
  planStarts({
    ...{ nowMs, slots: 5_000, lane: { nextStartMs: 0, pass: 0 }, contenders: [always] },
    ...options,
  }).starts.map((start) => start.atMs)

/** The share of the full rate at a moment, as the ramp is meant: a straight line from a tenth to one. */
const shareAt = (atMs: number, { fromMs, durationMs }: Ramp) =>
  0.1 + 0.9 * Math.min(1, Math.max(0, (atMs - fromMs) / durationMs))

/** Calls that the rate adds up to between two moments: areas under straight lines. */
function callsBetween(fromMs: number, toMs: number, { intervalMs, ramp }: { intervalMs: number; ramp: Ramp }): number {
  const bends = [ramp.fromMs, ramp.fromMs + ramp.durationMs].filter((bend) => bend > fromMs && bend < toMs)
  const corners = [fromMs, ...bends, toMs]
  return corners
    .slice(1)
    .map((to, i) => [corners[i] ?? to, to] as const)
    .map(([from, to]) => ((to - from) * (shareAt(from, ramp) + shareAt(to, ramp))) / 2 / intervalMs)
    .reduce((sum, calls) => sum + calls, 0)
}

const anyRamp = fc.record({
  intervalMs: fc.double({ min: 5, max: 3_000, noNaN: true }),
  ramp: fc.record({
    fromMs: fc.integer({ min: nowMs - 40_000, max: nowMs + 5_000 }),
    durationMs: fc.integer({ min: 1, max: 60_000 }),
  }),
})

describe('a ramp', () => {
  it('begins with a tenth of the rate and ends with all of it', () => {
    const ramp = { fromMs: nowMs, durationMs: 10_000 }
    const starts = startsOf({ intervalMs: 50, ramp, horizonMs: 30_000 })
    const inSecond = (n: number) =>
      starts.filter((at) => at >= nowMs + n * 1_000 && at < nowMs + (n + 1) * 1_000).length
    expect([0, 1, 4, 9].map(inSecond)).toEqual([3, 5, 10, 19])
    expect([10, 11, 20, 29].map(inSecond)).toEqual([20, 20, 20, 20])
  })

  it('changes nothing once it is over, or when there is none', () => {
    const plain = startsOf({ intervalMs: 50, ramp: null, horizonMs: 5_000 })
    expect(
      startsOf({ intervalMs: 50, ramp: { fromMs: nowMs - 10_000, durationMs: 10_000 }, horizonMs: 5_000 }),
    ).toEqual(plain)
    expect(startsOf({ intervalMs: 50, ramp: { fromMs: nowMs, durationMs: 0 }, horizonMs: 5_000 })).toEqual(plain)
  })

  it('lets one call start each time the growing rate has added up to one, never sooner than at the full rate', () => {
    fc.assert(
      fc.property(anyRamp, ({ intervalMs, ramp }) => {
        const starts = startsOf({ intervalMs, ramp, horizonMs: Math.min(90_000, intervalMs * 400) })
        for (const [i, at] of starts.entries()) {
          const before = starts[i - 1]
          if (before === undefined) continue
          expect(at - before).toBeGreaterThanOrEqual(intervalMs - 1e-6)
          expect(at - before).toBeLessThanOrEqual(intervalMs * 10 + 1e-6)
          expect(callsBetween(before, at, { intervalMs, ramp })).toBeCloseTo(1, 6)
        }
      }),
    )
  })

  it('never lets more calls start than the full rate in any second, nor than what the ramp adds up to and one', () => {
    fc.assert(
      fc.property(anyRamp, fc.integer({ min: 0, max: 60_000 }), ({ intervalMs, ramp }, afterMs) => {
        const starts = startsOf({ intervalMs, ramp, horizonMs: 60_000 })
        const [from, to] = [nowMs + afterMs, nowMs + afterMs + 1_000]
        const inSecond = starts.filter((at) => at >= from && at < to - 1e-6).length
        expect(inSecond).toBeLessThanOrEqual(Math.ceil(1_000 / intervalMs))
        expect(inSecond).toBeLessThanOrEqual(callsBetween(from, to, { intervalMs, ramp }) + 1)
      }),
    )
  })

  it('gives later starts after later ones, and shorter waits the longer it lasts', () => {
    fc.assert(
      fc.property(anyRamp, fc.nat(100_000), fc.nat(50_000), ({ intervalMs, ramp }, atMs, moreMs) => {
        const [sooner, later] = [nowMs - 40_000 + atMs, nowMs - 40_000 + atMs + moreMs]
        const waits = [sooner, later].map((at) => startAfter(at, { intervalMs, ramp }) - at)
        expect(waits[1]).toBeLessThanOrEqual((waits[0] ?? 0) + 1e-6)
        expect(startAfter(later, { intervalMs, ramp })).toBeGreaterThanOrEqual(
          startAfter(sooner, { intervalMs, ramp }) - 1e-6,
        )
      }),
    )
  })
})
