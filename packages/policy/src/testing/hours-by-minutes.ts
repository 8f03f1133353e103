import type { CallingHours } from '../calling-hours.ts'
import { holidayDates } from '../holidays.ts'
import { type JurisdictionRule, jurisdictionRules } from '../jurisdiction-rules.ts'
import { stateRules } from '../jurisdiction-rules-us.ts'
import { weekdays } from '../states.ts'

const minute = 60_000
/** Minutes that the slow answer looks back and ahead: more than any change of the clock moves an edge. */
const reach = 6 * 60
const clocks = new Map<string, Intl.DateTimeFormat>()
const readings = new Map<string, number>()

/**
 * The slow answer to `isOpen`, for tests: asks Intl what the wall clock shows in each minute of half a day,
 * walks the calendar minute by minute, and looks up at which of these minutes each edge falls.
 */
export function isOpenByMinutes(hours: CallingHours, zoneKey: string, at: Date): boolean {
  if (hours.startAt && at < hours.startAt) return false
  if (hours.endAt && at >= hours.endAt) return false
  const [codes = '', keyed = ''] = zoneKey.includes('@') ? zoneKey.split('@') : ['', zoneKey]
  if (keyed === '' && hours.unknownTimezone === 'skip') return false
  const places = keyed === '' ? [hours.timezone] : keyed.split(',')
  const now = Math.floor(at.getTime() / minute)
  const own = ownHours(hours)
  const law = lawOf(codes, hours)
  const isLawful = places.every((zone) => isOpenIn(zone, law, now))
  if (hours.localTime === 'campaign') return isOpenIn(hours.timezone, own, now) && isLawful
  return places.every((zone) => isOpenIn(zone, (label) => own(label) && law(label), now))
}

/** Whether something is open at a minute that a wall clock shows. */
type ByLabel = (label: number) => boolean

function isOpenIn(zone: string, schedule: ByLabel, now: number): boolean {
  const shown = Array.from({ length: 2 * reach }, (_, index) => now - reach + index).map((time) =>
    readClock(zone, time),
  )
  const first = shown[0] as number
  const last = shown.at(-1) as number
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

/** Reads the texts of the table of laws, and knows nothing of how they are made into schedules. */
function lawOf(codes: string, hours: CallingHours): ByLabel {
  if (codes === '' || hours.jurisdictionRules === 'warn') return () => true
  const all = codes.split(',').flatMap((code) => (code.startsWith('US-') ? ['US', code] : [code]))
  const rules = all.map((code) => ({ ...jurisdictionRules, ...stateRules })[code] as JurisdictionRule)
  const holidays = rules.map(({ holidays = [] }) => new Set(holidayDates(holidays, { from: 2026, to: 2028 })))
  return (label) => {
    const [date = '', time = ''] = new Date(label * minute).toISOString().split(/[TZ]/)
    return rules.every((rule, index) => {
      const weekday = new Date(date).getUTCDay()
      const ofWeekday = weekday === 0 ? rule.sunday : weekday === 6 ? rule.saturday : rule.weekdays
      const ranges = rule.holiday !== undefined && holidays[index]?.has(date) ? rule.holiday : ofWeekday
      return ranges.split(',').some((range) => range.slice(0, 5) <= time && time < range.slice(6))
    })
  }
}

function ownHours(hours: CallingHours): ByLabel {
  const holidays = holidayDates(hours.holidays, { from: 2026, to: 2028 })
  const seen = new Map<number, boolean>()
  return (label) => {
    const known = seen.get(label)
    if (known !== undefined) return known
    const today = new Date(label * minute)
    const yesterday = new Date(label * minute - 1_440 * minute)
    const time = today.toISOString().slice(11, 16)
    const isOff = (date: Date) => holidays.includes(date.toISOString().slice(0, 10))
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
