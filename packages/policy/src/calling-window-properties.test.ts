import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CallingHours } from './calling-hours.ts'
import { closesAt, isOpen, localDay, nextLocalDay, nextOpening } from './calling-window.ts'
import { holidayDates } from './holidays.ts'
import { firstBeyondLaw, isBeyondLaw } from './lawful-hours.ts'
import { weekdays } from './states.ts'
import { isOpenByMinutes } from './testing/hours-by-minutes.ts'
import { readZoneKey, writeZoneKey } from './zone-key.ts'

const minute = 60_000
const day = 1_440 * minute
/** Zones with Sundays on which they change their clocks, and two that never do. */
const changes: Record<string, string[]> = {
  'Africa/Casablanca': ['2027-02-07', '2027-03-14'],
  'America/Havana': ['2027-03-14', '2027-11-07'],
  'America/New_York': ['2027-03-14', '2027-11-07'],
  'America/St_Johns': ['2027-03-14', '2027-11-07'],
  'Asia/Kathmandu': ['2027-03-14'],
  'Asia/Kolkata': ['2027-10-03'],
  'Australia/Lord_Howe': ['2027-04-04', '2027-10-03'],
  'Europe/Paris': ['2027-03-28', '2027-10-31'],
  'Pacific/Chatham': ['2027-04-04', '2027-09-26'],
}
const zones = Object.keys(changes)
/** Rules of the law with a break at noon, with free days, with other hours on Sundays and holidays, and of two places. */
const laws = [['FR'], ['CO'], ['US'], ['US-FL'], ['US-TX'], ['US-NE'], ['US-PA'], ['FR', 'US-FL']]

const clockTimes = fc.oneof(
  fc.constantFrom('00:00', '00:30', '01:00', '01:30', '01:45', '02:00', '02:30', '03:00', '03:15', '23:30'),
  fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, min]) => `${pad(hour)}:${pad(min)}`),
)
const windows = fc.record({
  day: fc.constantFrom('saturday', 'sunday', 'sunday', 'monday', 'thursday'),
  from: clockTimes,
  to: fc.oneof(clockTimes, fc.constant('24:00')),
}) satisfies fc.Arbitrary<CallingHours['windows'][number]>

/** Calling hours, zones and an instant near a change of the clock in one of these zones. */
const scenes = fc
  .constantFrom(...zones.flatMap((zone) => (changes[zone] ?? []).map((date) => ({ zone, date }))))
  .chain(({ zone, date }) => {
    const instants = fc
      .tuple(fc.integer({ min: -40 * 60, max: 40 * 60 }), fc.integer({ min: 0, max: 59_999 }))
      .map(([minutes, rest]) => new Date(Date.parse(date) + minutes * minute + rest))
    const bound = fc.oneof({ arbitrary: fc.constant(null), weight: 9 }, { arbitrary: instants, weight: 1 })
    const hours: fc.Arbitrary<CallingHours> = fc.record({
      timezone: fc.constant(zone),
      callingDays: fc.subarray([...weekdays], { minLength: 1 }),
      startHour: fc.integer({ min: 0, max: 23 }),
      endHour: fc.integer({ min: 0, max: 24 }),
      windows: fc.oneof(
        fc.constant<CallingHours['windows']>([]),
        fc.array(windows, { maxLength: 3 }),
        fc.array(windows, { maxLength: 12 }),
      ),
      startAt: bound,
      endAt: bound,
      holidays: fc.subarray(
        [...[-1, 0, 1].map((days) => new Date(Date.parse(date) + days * day).toISOString().slice(0, 10)), 'CO'],
        { maxLength: 1 },
      ),
      localTime: fc.constantFrom('contact', 'contact', 'campaign'),
      unknownTimezone: fc.constantFrom('campaign', 'campaign', 'skip'),
      jurisdictionRules: fc.constantFrom('enforce', 'warn'),
    })
    const zoneKey = fc.oneof(
      fc.constantFrom('', zone),
      fc.subarray(zones, { maxLength: 2 }).map((others) => writeZoneKey({ rules: [], zones: [zone, ...others] })),
      fc
        .tuple(fc.constantFrom(...laws), fc.constantFrom<string[][]>([], [zone], [zone], [zone, 'America/New_York']))
        .map(([rules, places]) => writeZoneKey({ rules, zones: places })),
    )
    return fc.record({ rules: hours, zoneKey, at: instants })
  })
/** Where between two instants to look, in thousandths. */
const samples = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 30, maxLength: 30 })

test('isOpen says what reading a wall clock minute by minute says, also at the edges it finds itself', () => {
  fc.assert(
    fc.property(scenes, ({ rules, zoneKey, at }) => {
      const edges = [nextOpening(rules, zoneKey, at), closesAt(rules, zoneKey, at)].filter((edge) => edge !== null)
      for (const instant of [at, ...edges, ...edges.map((edge) => new Date(edge.getTime() - 1))]) {
        expect(isOpen(rules, zoneKey, instant)).toBe(isOpenByMinutes(rules, zoneKey, instant))
      }
    }),
    { numRuns: 300 },
  )
})

test('the next opening is open and nothing before it is', () => {
  fc.assert(
    fc.property(scenes, samples, ({ rules, zoneKey, at: from }, places) => {
      const opens = nextOpening(rules, zoneKey, from)
      const until = opens?.getTime() ?? from.getTime() + 395 * day
      if (opens) {
        expect(opens.getTime()).toBeGreaterThanOrEqual(from.getTime())
        expect(isOpen(rules, zoneKey, opens)).toBe(true)
      }
      for (const at of between(from.getTime(), until, places)) expect(isOpen(rules, zoneKey, at)).toBe(false)
      if (until > from.getTime()) expect(isOpen(rules, zoneKey, new Date(until - 1))).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('a window is open until it closes, and not after', () => {
  fc.assert(
    fc.property(scenes, samples, ({ rules, zoneKey, at }, places) => {
      const closes = closesAt(rules, zoneKey, at)
      if (!isOpen(rules, zoneKey, at)) {
        expect(closes).toBeNull()
        return
      }
      const until = closes?.getTime() ?? at.getTime() + 395 * day
      for (const inside of between(at.getTime(), until, places)) expect(isOpen(rules, zoneKey, inside)).toBe(true)
      expect(isOpen(rules, zoneKey, new Date(until - 1))).toBe(true)
      if (closes) expect(isOpen(rules, zoneKey, closes)).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('adding a zone, a holiday or a law never opens anything', () => {
  fc.assert(
    fc.property(scenes, fc.constantFrom(...zones), ({ rules, zoneKey, at }, zone) => {
      const isStillOpen = isOpen(rules, zoneKey, at)
      const place = readZoneKey(zoneKey)
      const stricter = [
        isOpen({ ...rules, holidays: [...rules.holidays, localDay(rules.timezone, at)] }, zoneKey, at),
        isOpen({ ...rules, holidays: [...rules.holidays, 'FR'] }, zoneKey, at),
        isOpen({ ...rules, jurisdictionRules: 'enforce' }, zoneKey, at),
        isOpen(rules, writeZoneKey({ ...place, rules: [...place.rules, 'US-RI'] }), at),
        place.zones.length > 0 && isOpen(rules, writeZoneKey({ ...place, zones: [...place.zones, zone] }), at),
      ]
      if (!isStillOpen) expect(stricter).toEqual(stricter.map(() => false))
    }),
    { numRuns: 300 },
  )
})

test('the law is kept by itself: open is what the campaign opens and the law does not close', () => {
  fc.assert(
    fc.property(scenes, ({ rules, zoneKey, at }) => {
      const own = { ...rules, jurisdictionRules: 'warn' } as const
      const enforced = { ...rules, jurisdictionRules: 'enforce' } as const
      const anyTime = { callingDays: [...weekdays], startHour: 0, endHour: 0, windows: [], startAt: null, endAt: null }
      const lawAlone = isOpen({ ...enforced, ...anyTime, holidays: [] }, zoneKey, at)
      expect(isOpen(enforced, zoneKey, at)).toBe(isOpen(own, zoneKey, at) && lawAlone)
      expect(isBeyondLaw(rules, zoneKey, at)).toBe(isOpen(own, zoneKey, at) && !lawAlone)
      const beyond = firstBeyondLaw(rules, zoneKey, at)
      if (beyond) expect(isBeyondLaw(rules, zoneKey, beyond)).toBe(true)
      else expect(isBeyondLaw(rules, zoneKey, at)).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('a calendar closes what its dates close', () => {
  fc.assert(
    fc.property(scenes, fc.constantFrom('CO', 'FR', 'US', 'DE-BY'), ({ rules, zoneKey, at }, calendar) => {
      const named = { ...rules, holidays: [calendar] }
      const spelt = { ...rules, holidays: holidayDates([calendar], { from: 2026, to: 2028 }) }
      expect(nextOpening(named, zoneKey, at)).toEqual(nextOpening(spelt, zoneKey, at))
      expect(closesAt(named, zoneKey, at)).toEqual(closesAt(spelt, zoneKey, at))
    }),
    { numRuns: 200 },
  )
})

test('the next local day is the first instant that shows the following date', () => {
  fc.assert(
    fc.property(scenes, fc.constantFrom(...zones), ({ rules, at }, other) => {
      const zone = at.getTime() % 2 ? rules.timezone : other
      const dateOf = (instant: Date) =>
        new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(instant)
      const next = nextLocalDay(zone, at)
      const following = new Date(Date.parse(dateOf(at)) + day).toISOString().slice(0, 10)
      expect(localDay(zone, at)).toBe(dateOf(at))
      expect(dateOf(next)).toBe(following)
      expect(dateOf(new Date(next.getTime() - 1))).toBe(dateOf(at))
    }),
    { numRuns: 300 },
  )
})

function between(from: number, until: number, places: number[]): Date[] {
  return until > from ? places.map((place) => new Date(from + Math.floor(((until - from) * place) / 1_000))) : []
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
