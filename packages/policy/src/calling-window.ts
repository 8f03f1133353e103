import { type CallingHours, closingMarginMs, scheduleOf } from './calling-hours.ts'
import { lawfulSchedules } from './jurisdictions.ts'
import { dayMs, dayText, instantsOf, localDayNumber, minuteMs, wallClockMs } from './local-time.ts'
import { openSpans, type Schedule } from './open-spans.ts'
import { readZoneKey } from './zone-key.ts'

/** A wall clock and all that must be open on it. */
type Clock = { timezone: string; schedules: Schedule[] }

/** How far ahead an opening or a closing is looked for: a year of holidays and a bit. */
const searchDays = 400

/**
 * Whether a contact with this zone key may be dialed now: by the campaign's hours and, where they are enforced, by the
 * hours of the law of its place. With several zones in the key all must be open. Where a change of the clock makes a
 * time ambiguous or skips it, windows open at the later and close at the earlier instant.
 */
export function isOpen(hours: CallingHours, zoneKey: string, at: Date): boolean {
  const instant = at.getTime()
  if (hours.startAt && instant < hours.startAt.getTime()) return false
  if (hours.endAt && instant >= hours.endAt.getTime()) return false
  const isOpenBy = (clock: Clock) => (firstWindow(clock, { instant, days: 1 })?.opens ?? instant + 1) <= instant
  return clocksFor(hours, zoneKey)?.every(isOpenBy) ?? false
}

/** The first instant, `from` included, that is open; null when there is none within about 400 days or before `endAt`. */
export function nextOpening(hours: CallingHours, zoneKey: string, from: Date): Date | null {
  const first = Math.max(from.getTime(), hours.startAt?.getTime() ?? from.getTime())
  const last = Math.min(first + searchDays * dayMs, hours.endAt?.getTime() ?? Number.POSITIVE_INFINITY)
  if (first < last && isOpen(hours, zoneKey, new Date(first))) return new Date(first)
  const clocks = clocksFor(hours, zoneKey)
  if (!clocks) return null
  const opens = firstInAll(
    clocks.map((clock) => windowsFrom(clock, { instant: first, days: searchDays })),
    first,
  )
  return opens !== undefined && opens < last ? new Date(opens) : null
}

/** When the window that is open now closes; null when it is not open now, or does not close within about 400 days. */
export function closesAt(hours: CallingHours, zoneKey: string, at: Date): Date | null {
  if (!isOpen(hours, zoneKey, at)) return null
  const instant = at.getTime()
  const clocks = clocksFor(hours, zoneKey) ?? []
  const ends = clocks.map((clock) => firstWindow(clock, { instant, days: searchDays })?.closes ?? instant)
  const end = Math.min(...ends, hours.endAt?.getTime() ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(end) ? new Date(end) : null
}

/** The date that a calendar in this time zone shows, as YYYY-MM-DD. */
export function localDay(timezone: string, at: Date): string {
  return dayText(localDayNumber(timezone, at.getTime()))
}

/** The instant at which the next local day begins, also where the clock skips or repeats midnight. */
export function nextLocalDay(timezone: string, at: Date): Date {
  const midnight = (localDayNumber(timezone, at.getTime()) + 1) * dayMs
  const { earlier, later, missing } = instantsOf(timezone, midnight)
  return new Date(missing ? later : earlier)
}

/** The law counts on the clocks of the contact, also where the campaign keeps its own; undefined = never open. */
function clocksFor(hours: CallingHours, zoneKey: string): Clock[] | undefined {
  const { rules, zones } = readZoneKey(zoneKey)
  if (zones.length === 0 && hours.unknownTimezone === 'skip') return undefined
  const places = zones.length > 0 ? zones : [hours.timezone]
  const own = scheduleOf(hours)
  const laws = hours.jurisdictionRules === 'enforce' ? lawfulSchedules(rules) : []
  if (hours.localTime === 'contact') return places.map((timezone) => ({ timezone, schedules: [own, ...laws] }))
  const lawful = laws.length > 0 ? places.map((timezone) => ({ timezone, schedules: laws })) : []
  return [{ timezone: hours.timezone, schedules: [own] }, ...lawful]
}

type Window = { opens: number; closes: number }

/** The first instant, from `first` on, that is in a window of every row; each row in order, none overlapping. */
function firstInAll(rows: Iterator<Window>[], first: number): number | undefined {
  const heads = rows.map((row) => row.next())
  for (;;) {
    let opens = first
    for (const head of heads) {
      if (head.done) return undefined
      opens = Math.max(opens, head.value.opens)
    }
    const late = heads.findIndex((head) => !head.done && head.value.closes <= opens)
    const row = rows[late]
    if (!row) return opens
    heads[late] = row.next()
  }
}

function firstWindow(clock: Clock, search: { instant: number; days: number }): Window | undefined {
  return windowsFrom(clock, search).next().value ?? undefined
}

/** The windows that close after the instant; looks from two days before on, for windows that are long or moved. */
function* windowsFrom(
  { timezone, schedules }: Clock,
  { instant, days }: { instant: number; days: number },
): Generator<Window, void, undefined> {
  const wall = wallClockMs(timezone, instant)
  for (const span of openSpans(schedules, { firstDay: Math.floor(wall / dayMs) - 2, days: days + 4 })) {
    // over for longer than any change of the clock: spares the conversion, which is the slow part
    if (span.to * minuteMs < wall - dayMs) continue
    const closes = Number.isFinite(span.to)
      ? instantsOf(timezone, span.to * minuteMs).earlier - closingMarginMs
      : Number.POSITIVE_INFINITY
    if (closes <= instant) continue
    const opens = instantsOf(timezone, span.from * minuteMs).later
    if (closes > opens) yield { opens, closes }
  }
}
