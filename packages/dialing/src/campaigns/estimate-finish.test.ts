import { type CallingHours, defaultCallingHours } from '@outdial/policy/calling-hours'
import { isOpen, localDay } from '@outdial/policy/calling-window'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EstimateInput, estimateFinish } from './estimate-finish.ts'

const monday = new Date('2026-03-02T12:00:00Z')
const allDay: CallingHours = {
  ...defaultCallingHours,
  callingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  startHour: 0,
  endHour: 0,
}
const office: CallingHours = { ...allDay, startHour: 9, endHour: 17 }

const estimate = (input: Partial<EstimateInput>) =>
  estimateFinish({
    hours: allDay,
    callsByZone: new Map([['UTC', 100]]),
    callsPerSecond: 1,
    dailyCap: null,
    dialedToday: 0,
    now: monday,
    ...input,
  })

describe('estimateFinish', () => {
  it('is the number of calls by the pace where nothing closes', () => {
    expect(estimate({})).toEqual({ startsAt: monday, finishesAt: new Date('2026-03-02T12:01:40Z') })
  })

  it('is now where there is nobody to call', () => {
    expect(estimate({ callsByZone: new Map() })).toEqual({ startsAt: null, finishesAt: monday })
  })

  it('goes on the next day where the cap is used up', () => {
    expect(estimate({ dailyCap: 40, dialedToday: 20 })).toEqual({
      startsAt: monday,
      finishesAt: new Date('2026-03-04T00:00:40Z'),
    })
  })

  it('goes on where the hours open again', () => {
    const result = estimate({ hours: office, callsByZone: new Map([['UTC', 20_000]]) })
    // Five hours less the closing minute on Monday, the rest on Tuesday from nine.
    const tuesday = 20_000 - (5 * 3_600 - 60)
    expect(result.finishesAt).toEqual(new Date(Date.parse('2026-03-03T09:00:00Z') + tuesday * 1_000))
  })

  it('is unknown where the campaign ends before, or never opens', () => {
    const endAt = new Date('2026-03-02T12:00:30Z')
    expect(estimate({ hours: { ...allDay, endAt } }).finishesAt).toBeNull()
    expect(estimate({ hours: { ...allDay, endAt: monday } })).toEqual({ startsAt: null, finishesAt: null })
  })

  it('is unknown where it takes longer than can be foreseen', () => {
    expect(estimate({ callsByZone: new Map([['UTC', 1_000_000]]), dailyCap: 1 }).finishesAt).toBeNull()
  })

  const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'America/Chicago,America/New_York', '']
  const input = fc.record({
    hours: fc.constantFrom(allDay, office, { ...office, callingDays: ['friday' as const] }),
    callsByZone: fc
      .dictionary(fc.constantFrom(...zones), fc.integer({ min: 1, max: 30_000 }), { minKeys: 1 })
      .map((calls) => new Map(Object.entries(calls))),
    callsPerSecond: fc.constantFrom(0.01, 0.5, 3, 100),
    dailyCap: fc.option(fc.integer({ min: 50, max: 50_000 })),
    dialedToday: fc.integer({ min: 0, max: 100 }),
  })

  it('starts when it is open, and never ends before the pace and the cap allow', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { startsAt, finishesAt } = estimate(given)
        const { hours, callsByZone, callsPerSecond, dailyCap } = given
        if (!startsAt) return expect(finishesAt).toBeNull()
        expect([...callsByZone.keys()].some((zone) => isOpen(hours, zone, startsAt))).toBe(true)
        if (!finishesAt) return
        const calls = [...callsByZone.values()].reduce((sum, each) => sum + each, 0)
        const seconds = (finishesAt.getTime() - startsAt.getTime()) / 1_000
        expect(seconds).toBeGreaterThanOrEqual(calls / callsPerSecond - 0.01)
        const days = new Set<string>()
        for (let at = startsAt.getTime(); at <= finishesAt.getTime(); at += 3_600_000)
          days.add(localDay('UTC', new Date(at)))
        if (dailyCap !== null) expect(calls).toBeLessThanOrEqual((days.size + 1) * dailyCap)
      }),
      { numRuns: 60 },
    )
  })
})
