import { z } from 'zod'
import { dayMs, dayText, instantsOf, localDayNumber, minuteMs, wallClockMs } from './local-time.ts'
import { openSpans, windowMinutes } from './open-spans.ts'
import { type Weekday, weekdays } from './states.ts'
import { parseZoneName } from './zone-name.ts'

/** When a campaign may call. */
export type CallingHours = {
  /** IANA name; the clock for contacts whose zone is unknown, or for all with `localTime: 'campaign'`. */
  timezone: string
  callingDays: Weekday[]
  /** Full hours; both 0 = all day; an end at or before the start is on the next day. */
  startHour: number
  endHour: number
  /** Several a day, across midnight; when there are any they replace days and hours. HH:MM, `to` up to 24:00. */
  windows: { day: Weekday; from: string; to: string }[]
  startAt: Date | null
  endAt: Date | null
  /** Local dates, YYYY-MM-DD. */
  holidays: string[]
  localTime: 'contact' | 'campaign'
}

/** Windows that close do so a minute early, so that a dial already on its way still falls inside. */
export const closingMarginMs = minuteMs

/** How far ahead an opening or a closing is looked for: a year of holidays and a bit. */
const searchDays = 400

/**
 * Whether a number in these zones may be dialed now. With several zones in the key all must be open. Where a change of
 * the clock makes a time ambiguous or skips it, windows open at the later and close at the earlier instant.
 */
export function isOpen(hours: CallingHours, zoneKey: string, at: Date): boolean {
  const instant = at.getTime()
  if (hours.startAt && instant < hours.startAt.getTime()) return false
  if (hours.endAt && instant >= hours.endAt.getTime()) return false
  return clocksFor(hours, zoneKey).every((timezone) => {
    const window = windowAtOrAfter(hours, timezone, { instant, days: 1 })
    return window !== undefined && window.opens <= instant
  })
}

/** The first instant, `from` included, that is open; null when there is none within about 400 days or before `endAt`. */
export function nextOpening(hours: CallingHours, zoneKey: string, from: Date): Date | null {
  const first = Math.max(from.getTime(), hours.startAt?.getTime() ?? from.getTime())
  const last = Math.min(first + searchDays * dayMs, hours.endAt?.getTime() ?? Number.POSITIVE_INFINITY)
  if (first < last && isOpen(hours, zoneKey, new Date(first))) return new Date(first)
  const timezones = clocksFor(hours, zoneKey)
  let instant = first
  while (instant < last) {
    let opens = instant
    for (const timezone of timezones) {
      const window = windowAtOrAfter(hours, timezone, { instant: opens, days: searchDays })
      if (!window) return null
      opens = Math.max(opens, window.opens)
    }
    if (opens === instant) return new Date(instant)
    instant = opens
  }
  return null
}

/** When the window that is open now closes; null when it is not open now, or does not close within about 400 days. */
export function closesAt(hours: CallingHours, zoneKey: string, at: Date): Date | null {
  if (!isOpen(hours, zoneKey, at)) return null
  const instant = at.getTime()
  const ends = clocksFor(hours, zoneKey).map(
    (timezone) => windowAtOrAfter(hours, timezone, { instant, days: searchDays })?.closes ?? instant,
  )
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

function clocksFor(hours: CallingHours, zoneKey: string): string[] {
  return zoneKey === '' || hours.localTime === 'campaign' ? [hours.timezone] : zoneKey.split(',')
}

/** The first window that closes after the instant; looks from two days before on, for windows that are long or moved. */
function windowAtOrAfter(
  hours: CallingHours,
  timezone: string,
  { instant, days }: { instant: number; days: number },
): { opens: number; closes: number } | undefined {
  const wall = wallClockMs(timezone, instant)
  for (const span of openSpans(hours, Math.floor(wall / dayMs) - 2, days + 4)) {
    // over for longer than any change of the clock: spares the conversion, which is the slow part
    if (span.to * minuteMs < wall - dayMs) continue
    const closes = Number.isFinite(span.to)
      ? instantsOf(timezone, span.to * minuteMs).earlier - closingMarginMs
      : Number.POSITIVE_INFINITY
    if (closes <= instant) continue
    const opens = instantsOf(timezone, span.from * minuteMs).later
    if (closes > opens) return { opens, closes }
  }
  return undefined
}

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write the time as HH:MM, for example "09:30".')
const instant = z.iso
  .datetime({ offset: true, error: 'Write an instant such as "2027-03-01T09:00:00Z", with Z or an offset.' })
  .transform((text) => new Date(text))

/** The fields of calling hours as the API takes them; combine with `checkCallingHours` after defaults are applied. */
export const callingHoursFields = {
  timezone: z
    .string()
    .overwrite((name) => parseZoneName(name) ?? name)
    .refine((name) => parseZoneName(name) !== undefined, 'Use an IANA time zone such as "America/New_York".'),
  callingDays: z.array(z.enum(weekdays, `Use days such as "monday": ${weekdays.join(', ')}.`)).max(7),
  startHour: z.int().min(0, 'Use an hour from 0 to 23.').max(23, 'Use an hour from 0 to 23.'),
  endHour: z.int().min(0, 'Use an hour from 0 to 24.').max(24, 'Use an hour from 0 to 24.'),
  windows: z
    .array(
      z.strictObject({
        day: z.enum(weekdays, `Use a day such as "monday": ${weekdays.join(', ')}.`),
        from: clockTime,
        to: z.union([z.literal('24:00'), clockTime], 'Write the time as HH:MM, up to "24:00".'),
      }),
    )
    .max(100, 'Use at most 100 windows a week.'),
  startAt: instant.nullable(),
  endAt: instant.nullable(),
  holidays: z.array(z.iso.date('Write a holiday as YYYY-MM-DD.')).max(1_000, 'Use at most 1,000 holidays.'),
  localTime: z.enum(
    ['contact', 'campaign'],
    'Use "contact" (the contact\'s clock) or "campaign" (the campaign\'s clock).',
  ),
}

/** Nine to eight on weekdays and Saturdays, on the contact's clock: within the law of nearly every place. */
export const defaultCallingHours: CallingHours = {
  timezone: 'UTC',
  callingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
  startHour: 9,
  endHour: 20,
  windows: [],
  startAt: null,
  endAt: null,
  holidays: [],
  localTime: 'contact',
}

/** What is wrong between the fields, each with the field to change; empty when the campaign can call at some time. */
export function checkCallingHours(hours: CallingHours): { path: (string | number)[]; message: string }[] {
  const problems: { path: (string | number)[]; message: string }[] = []
  if (hours.windows.length === 0 && hours.callingDays.length === 0) {
    problems.push({ path: ['callingDays'], message: 'Choose at least one calling day, or give windows.' })
  }
  if (hours.windows.length === 0 && hours.startHour === hours.endHour && hours.startHour !== 0) {
    problems.push({
      path: ['endHour'],
      message: 'Set an end hour that differs from the start hour, or set both to 0 to call all day.',
    })
  }
  if (hours.startAt && hours.endAt && hours.endAt <= hours.startAt) {
    problems.push({ path: ['endAt'], message: 'Set endAt to a time after startAt.' })
  }
  hours.windows.forEach((window, index) => {
    const { from, to } = windowMinutes(window)
    if ((to - from) * minuteMs > closingMarginMs) return
    problems.push({
      path: ['windows', index, 'to'],
      message: 'Make the window longer than a minute: calling stops one minute before a window closes.',
    })
  })
  return problems
}
