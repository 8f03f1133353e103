import { z } from 'zod'
import { isHolidayOn, parseCalendarName, similarCalendars } from './holidays.ts'
import { minuteMs, minutesPerDay } from './local-time.ts'
import { type DayWindows, type Schedule, windowMinutes } from './open-spans.ts'
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
  /** Local dates, YYYY-MM-DD, and calendars such as "US-CA" whose public holidays count. */
  holidays: string[]
  localTime: 'contact' | 'campaign'
  /** Contacts of unknown zone are called by the campaign's clock, or never. */
  unknownTimezone: 'campaign' | 'skip'
  /** Whether nobody is called outside the hours that the law of the place allows. */
  jurisdictionRules: 'enforce' | 'warn'
}

/** Windows that close do so a minute early, so that a dial already on its way still falls inside. */
export const closingMarginMs = minuteMs

const schedules = new WeakMap<CallingHours, Schedule>()

/** The campaign's own days, windows and holidays. */
export function scheduleOf(hours: CallingHours): Schedule {
  const known = schedules.get(hours)
  if (known) return known
  const week = new Map<Weekday, DayWindows>(weekdays.map((weekday) => [weekday, windowsOf(hours, weekday)]))
  const schedule: Schedule = {
    windowsOn: (weekday) => week.get(weekday) ?? [],
    isHoliday: (day) => isHolidayOn(hours.holidays, day),
    onHolidays: [],
  }
  schedules.set(hours, schedule)
  return schedule
}

function windowsOf(hours: CallingHours, weekday: Weekday): DayWindows {
  if (hours.windows.length > 0) {
    return hours.windows
      .filter((window) => window.day === weekday)
      .map(windowMinutes)
      .sort((a, b) => a.from - b.from)
  }
  if (!hours.callingDays.includes(weekday)) return []
  const from = hours.startHour * 60
  const to = hours.endHour * 60
  return [{ from, to: to <= from ? to + minutesPerDay : to }]
}

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write the time as HH:MM, for example "09:30".')
const instant = z.iso
  .datetime({ offset: true, error: 'Write an instant such as "2027-03-01T09:00:00Z", with Z or an offset.' })
  .transform((text) => new Date(text))

/** A date or the name of a calendar, in capitals. */
const holiday = z
  .string()
  .max(100)
  .overwrite((text) => (/^\d/.test(text) ? text : (parseCalendarName(text) ?? text)))
  .check((context) => {
    const problem = whatIsWrongWithHoliday(context.value)
    if (problem) context.issues.push({ code: 'custom', input: context.value, message: problem })
  })

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
  holidays: z.array(holiday).max(1_000, 'Use at most 1,000 holidays.'),
  localTime: z.enum(
    ['contact', 'campaign'],
    'Use "contact" (the contact\'s clock) or "campaign" (the campaign\'s clock).',
  ),
  unknownTimezone: z.enum(
    ['campaign', 'skip'],
    'Use "campaign" (call by the campaign\'s clock) or "skip" (do not call).',
  ),
  jurisdictionRules: z.enum(
    ['enforce', 'warn'],
    'Use "enforce" (call only when the law of the place allows it) or "warn" (say so, and call).',
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
  unknownTimezone: 'campaign',
  jurisdictionRules: 'enforce',
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

function whatIsWrongWithHoliday(text: string): string | undefined {
  if (/^\d/.test(text)) {
    return z.iso.date().safeParse(text).success ? undefined : 'Write a holiday as YYYY-MM-DD, a date that exists.'
  }
  if (parseCalendarName(text)) return undefined
  const similar = similarCalendars(text)
  const advice =
    similar.length > 0 ? `Did you mean ${similar.join(', ')}?` : 'Use a country or state such as US, DE-BY.'
  return `There is no holiday calendar "${text}". ${advice} Dates are written as YYYY-MM-DD.`
}
