import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Contender, paceOf, planStarts, spacedSecondMs } from './pacing.ts'

const contender = (campaignId: string, changes: Partial<Contender> = {}): Contender => ({
  campaignId,
  weight: 1,
  pass: 0,
  nextStartMs: 0,
  gapMs: 0,
  atMost: 1_000,
  untilMs: Number.MAX_SAFE_INTEGER,
  ...changes,
})
const plan = (contenders: Contender[], changes: Partial<Parameters<typeof planStarts>[0]> = {}) =>
  planStarts({
    nowMs: 1_000_000,
    horizonMs: 2_000,
    intervalMs: 20,
    slots: 1_000,
    lane: { nextStartMs: 0, pass: 0 },
    contenders,
    ...changes,
  })
const countOf = (id: string, starts: { campaignId: string }[]) =>
  starts.filter((start) => start.campaignId === id).length

describe('planning starts', () => {
  it('spaces them by the interval and says when the next would be due', () => {
    const { starts, lane, nextMs } = plan([contender('a')], { intervalMs: 500 })
    expect(starts.map((start) => start.atMs - 1_000_000)).toEqual([0, 500, 1000, 1500, 2000])
    expect(lane.nextStartMs).toBe(1_002_500)
    expect(nextMs).toBe(1_002_500)
  })

  it('says nothing about a next start when slots or contacts are what is missing', () => {
    expect(plan([contender('a', { atMost: 3 })]).nextMs).toBeNull()
    expect(plan([contender('a')], { slots: 2 }).nextMs).toBeNull()
    expect(plan([]).nextMs).toBeNull()
  })

  it('shares by weight, and a small campaign is served as if it had its share', () => {
    const weighted = plan([contender('a', { weight: 3 }), contender('b')], { intervalMs: 1 }).starts
    expect([countOf('a', weighted), countOf('b', weighted)]).toEqual([750, 250])
    const { starts } = plan([contender('big', { atMost: 10_000 }), contender('small', { atMost: 100 })], {
      intervalMs: 1,
    })
    const lastOfSmall = starts.findLastIndex((start) => start.campaignId === 'small')
    expect(lastOfSmall).toBeLessThanOrEqual(200)
  })

  it('gives a campaign that was idle no credit', () => {
    const { starts } = plan([contender('busy', { pass: 500 }), contender('idle', { pass: 1 })], {
      lane: { nextStartMs: 0, pass: 500 },
      slots: 10,
    })
    expect(starts.filter((start) => start.campaignId === 'idle')).toHaveLength(5)
  })

  it('starts nothing of a campaign after its day has ended', () => {
    const { starts } = plan([contender('a', { untilMs: 1_000_100 })])
    expect(starts.map((start) => start.atMs - 1_000_000)).toEqual([0, 20, 40, 60, 80])
  })

  it('holds every limit, whatever it is given', () => {
    const anyContender = fc.record({
      weight: fc.integer({ min: 1, max: 50 }),
      pass: fc.double({ min: 0, max: 100, noNaN: true }),
      nextStartMs: fc.integer({ min: 999_000, max: 1_003_000 }),
      gapMs: fc.integer({ min: 0, max: 900 }),
      atMost: fc.nat(60),
      untilMs: fc.integer({ min: 999_000, max: 1_004_000 }),
    })
    const world = fc.record({
      intervalMs: fc.double({ min: 1, max: 700, noNaN: true }),
      slots: fc.nat(80),
      nextStartMs: fc.integer({ min: 998_000, max: 1_003_000 }),
      contenders: fc.array(anyContender, { maxLength: 5 }),
    })
    fc.assert(
      fc.property(world, ({ intervalMs, slots, nextStartMs, contenders }) => {
        const named = contenders.map((each, i) => ({ ...each, campaignId: `c${i}` }))
        const { starts } = plan(named, { intervalMs, slots, lane: { nextStartMs, pass: 0 } })
        expect(starts.length).toBeLessThanOrEqual(slots)
        starts.forEach(({ atMs }, i) => {
          expect(atMs).toBeGreaterThanOrEqual(Math.max(1_000_000, nextStartMs))
          expect(atMs).toBeLessThanOrEqual(1_002_000)
          const before = starts[i - 1]
          if (before) expect(atMs - before.atMs).toBeGreaterThanOrEqual(intervalMs - 1e-6)
        })
        for (const each of named) {
          const own = starts.filter((start) => start.campaignId === each.campaignId)
          expect(own.length).toBeLessThanOrEqual(each.atMost)
          own.forEach(({ atMs }, i) => {
            expect(atMs).toBeLessThan(each.untilMs)
            expect(atMs - (own[i - 1]?.atMs ?? each.nextStartMs - each.gapMs)).toBeGreaterThanOrEqual(each.gapMs)
          })
        }
      }),
    )
  })

  it('never lets a campaign run ahead of its share by more than a call, whatever the weights and the ramp', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 8 })
    const ramps = fc.option(
      fc.record({ fromMs: fc.constant(1_000_000), durationMs: fc.integer({ min: 1, max: 5_000 }) }),
    )
    fc.assert(
      fc.property(weights, ramps, fc.double({ min: 1, max: 30, noNaN: true }), (given, ramp, intervalMs) => {
        const contenders = given.map((weight, i) => contender(`c${i}`, { weight }))
        const { starts } = plan(contenders, { intervalMs, ramp })
        const served = given.map(() => 0)
        for (const { campaignId } of starts) {
          const i = Number(campaignId.slice(1))
          served[i] = (served[i] ?? 0) + 1 / (given[i] ?? 1)
          const [least, most] = [Math.min(...served), Math.max(...served)]
          expect(most - least).toBeLessThanOrEqual(1 / Math.min(...given) + 1e-9)
        }
      }),
    )
  })

  it('plans the same starts in many small looks as in one', () => {
    const anyContender = fc.record({ weight: fc.integer({ min: 1, max: 9 }), atMost: fc.nat(50) })
    const world = fc.record({
      intervalMs: fc.double({ min: 5, max: 300, noNaN: true }),
      contenders: fc.array(anyContender, { minLength: 1, maxLength: 5 }),
      lookMs: fc.integer({ min: 1, max: 700 }),
      ramp: fc.option(fc.record({ fromMs: fc.constant(999_500), durationMs: fc.integer({ min: 0, max: 4_000 }) })),
    })
    fc.assert(
      fc.property(world, ({ intervalMs, contenders, lookMs, ramp }) => {
        const named = contenders.map((each, i) => contender(`c${i}`, each))
        const whole = plan(named, { intervalMs, ramp, horizonMs: 2_000 }).starts
        let state = { lane: { nextStartMs: 0, pass: 0 }, contenders: named }
        const pieces = []
        for (let endMs = 1_000_000; endMs <= 1_002_000; endMs = Math.min(endMs + lookMs, 1_002_000)) {
          const piece = plan(state.contenders, { intervalMs, ramp, lane: state.lane, horizonMs: endMs - 1_000_000 })
          pieces.push(...piece.starts)
          state = piece
          if (endMs === 1_002_000) break
        }
        expect(pieces).toEqual(whole)
      }),
    )
  })
})

describe('the pace of a trunk', () => {
  const anyRate = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0.01, max: 1_000, noNaN: true }))

  it('never lets a second hold more than its calls per second, also where calls come up to 10 ms late', () => {
    const hurry = fc.array(fc.record({ restMs: fc.nat({ max: 700 }), lateMs: fc.nat({ max: 10 }) }), { maxLength: 300 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), hurry, (callsPerSecond, calls) => {
        const { starts, withinMs, apartMs } = paceOf(callsPerSecond)
        const taken: number[] = []
        for (const { restMs } of calls) {
          const before = taken.at(-1) ?? 0
          // Most are in as much of a hurry as the pace allows.
          const wishMs = before + Math.max(restMs - 600, 0)
          taken.push(Math.max(wishMs, before + apartMs, (taken.at(-starts) ?? Number.NEGATIVE_INFINITY) + withinMs))
        }
        const seen = taken.map((atMs, i) => atMs + (calls[i]?.lateMs ?? 0))
        for (const first of seen) {
          const within = seen.filter((at) => at >= first && at < first + 1_000)
          expect(within.length).toBeLessThanOrEqual(callsPerSecond)
        }
      }),
    )
  })

  it('leaves a trunk all its calls per second but the margin', () => {
    fc.assert(
      fc.property(anyRate, (callsPerSecond) => {
        const { starts, withinMs, apartMs } = paceOf(callsPerSecond)
        expect((starts * spacedSecondMs) / withinMs).toBeCloseTo(callsPerSecond, 6)
        expect(apartMs * starts).toBeLessThanOrEqual(withinMs + 1e-6)
        expect(starts).toBeLessThanOrEqual(100)
      }),
    )
  })
})
