import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CallingHours } from './calling-hours.ts'
import { closesAt, isOpen, localDay, nextLocalDay, nextOpening } from './calling-window.ts'
import { weekdays } from './states.ts'

const minute = 60_000
const day = 1_440 * minute
/** Minutes that the slow answer looks back and ahead: more than any change of the clock moves an edge. */
const reach = 6 * 60
const clocks = new Map<string, Intl.DateTimeFormat>()
const readings = new Map<string, number>()
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
        [-1, 0, 1].map((days) => new Date(Date.parse(date) + days * day).toISOString().slice(0, 10)),
        {
          maxLength: 1,
        },
      ),
      localTime: fc.constantFrom('contact', 'contact', 'campaign'),
      unknownTimezone: fc.constantFrom('campaign', 'campaign', 'skip'),
      jurisdictionRules: fc.constantFrom('enforce', 'warn'),
    })
    const zoneKey = fc.oneof(
      fc.constantFrom('', zone),
      fc.subarray(zones, { maxLength: 2 }).map((others) => [...new Set([zone, ...others])].sort().join(',')),
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

test('adding a zone or a holiday never opens anything', () => {
  fc.assert(
    fc.property(scenes, fc.constantFrom(...zones), ({ rules, zoneKey, at }, zone) => {
      const stricter = { ...rules, holidays: [...rules.holidays, localDay(rules.timezone, at)] }
      if (isOpen(stricter, zoneKey, at)) expect(isOpen(rules, zoneKey, at)).toBe(true)
      if (zoneKey !== '' && isOpen(rules, `${zoneKey},${zone}`, at)) expect(isOpen(rules, zoneKey, at)).toBe(true)
    }),
    { numRuns: 300 },
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

/**
 * The slow answer to `isOpen`, for tests: asks Intl what the wall clock shows in each minute of half a day,
 * walks the calendar minute by minute, and looks up at which of these minutes each edge falls.
 */
function isOpenByMinutes(hours: CallingHours, zoneKey: string, at: Date): boolean {
  if (hours.startAt && at < hours.startAt) return false
  if (hours.endAt && at >= hours.endAt) return false
  if (zoneKey === '' && hours.unknownTimezone === 'skip') return false
  const zones = zoneKey && hours.localTime === 'contact' ? zoneKey.split(',') : [hours.timezone]
  return zones.every((zone) => isOpenIn(zone, hours, Math.floor(at.getTime() / minute)))
}

function isOpenIn(zone: string, hours: CallingHours, now: number): boolean {
  const shown = Array.from({ length: 2 * reach }, (_, index) => now - reach + index).map((time) =>
    readClock(zone, time),
  )
  const first = shown[0] as number
  const last = shown.at(-1) as number
  const schedule = scheduleOf(hours)
  let opened = schedule(first) ? Number.NEGATIVE_INFINITY : undefined
  for (let label = first + 1; label <= last; label++) {
    if (schedule(label) && !schedule(label - 1)) opened = Math.max(...placesOf(label, shown))
    if (schedule(label) || !schedule(label - 1)) continue
    const closed = Math.min(...placesOf(label, shown)) - 1
    if (opened !== undefined && opened <= reach && reach < closed) return true
    opened = undefined
  }
  return opened !== undefined && opened <= reach
}

/** The indexes at which the clock shows a label, or would if the old or the new time went on. */
function placesOf(label: number, shown: number[]): number[] {
  const places = shown.flatMap((other, index) => (other === label ? [index] : []))
  if (places.length > 0) return places
  const jump = shown.findIndex((other) => other > label)
  return [jump - 1 + (label - (shown[jump - 1] as number)), jump - ((shown[jump] as number) - label)]
}

function scheduleOf(hours: CallingHours): (label: number) => boolean {
  const seen = new Map<number, boolean>()
  return (label) => {
    const known = seen.get(label)
    if (known !== undefined) return known
    const today = new Date(label * minute)
    const yesterday = new Date(label * minute - 1_440 * minute)
    const time = today.toISOString().slice(11, 16)
    const isOff = (date: Date) => hours.holidays.includes(date.toISOString().slice(0, 10))
    const open =
      !isOff(today) &&
      (windowsOn(today, hours).some(({ from, to }) => from <= time && (to <= from || time < to)) ||
        (!isOff(yesterday) && windowsOn(yesterday, hours).some(({ from, to }) => to <= from && time < to)))
    seen.set(label, open)
    return open
  }
}

function windowsOn(date: Date, hours: CallingHours): { from: string; to: string }[] {
  const name = weekdays[(date.getUTCDay() + 6) % 7]
  if (hours.windows.length > 0) return hours.windows.filter((window) => window.day === name)
  if (!hours.callingDays.some((day) => day === name)) return []
  const text = (hour: number) => `${String(hour).padStart(2, '0')}:00`
  return [{ from: text(hours.startHour), to: text(hours.endHour) }]
}

/** What the clock of a zone shows, as minutes since 1970 on that clock. */
function readClock(zone: string, time: number): number {
  const key = `${zone} ${time}`
  const known = readings.get(key)
  if (known !== undefined) return known
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' })
  clocks.set(zone, clock)
  const shown = Date.parse(`${clock.format(time * minute).replace(' ', 'T')}Z`) / minute
  readings.set(key, shown)
  return shown
}
