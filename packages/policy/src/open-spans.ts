import type { CallingHours } from './calling-window.ts'
import { dayText, minutesPerDay } from './local-time.ts'
import { type Weekday, weekdays } from './states.ts'

/** Minutes on the wall clock since 1970-01-01 00:00; `to` is Infinity when the search ended before the span did. */
export type OpenSpan = { from: number; to: number }

/**
 * The stretches of wall clock time in which calling is allowed, in order, for the windows that open on `days` days from
 * `firstDay` on. Windows that touch are one stretch: only a change of the clock at their outer ends may matter.
 */
export function* openSpans(hours: CallingHours, firstDay: number, days: number): Generator<OpenSpan> {
  const lastDay = firstDay + days
  let pending: OpenSpan | undefined
  for (let day = firstDay; day < lastDay; day++) {
    for (const span of spansOpeningOn(hours, day)) {
      if (pending && span.from <= pending.to) {
        pending.to = Math.max(pending.to, span.to)
      } else {
        if (pending) yield pending
        pending = span
      }
    }
  }
  if (pending)
    yield pending.to < lastDay * minutesPerDay ? pending : { from: pending.from, to: Number.POSITIVE_INFINITY }
}

/** Length of a window in minutes; one that ends at or before its start ends on the next day. */
export function windowMinutes(window: { from: string; to: string }): { from: number; to: number } {
  const from = minuteOfDay(window.from)
  const to = minuteOfDay(window.to)
  return { from, to: to <= from ? to + minutesPerDay : to }
}

/** A window that opens on a holiday does not take place; one that runs into a holiday ends at midnight. */
function spansOpeningOn(hours: CallingHours, day: number): OpenSpan[] {
  if (isHoliday(hours, day)) return []
  const start = day * minutesPerDay
  const midnight = start + minutesPerDay
  return windowsOf(hours, weekdayOf(day)).map(({ from, to }) => {
    const end = start + to
    return { from: start + from, to: end > midnight && isHoliday(hours, day + 1) ? midnight : end }
  })
}

function windowsOf(hours: CallingHours, weekday: Weekday): { from: number; to: number }[] {
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

function isHoliday(hours: CallingHours, day: number): boolean {
  return hours.holidays.length > 0 && hours.holidays.includes(dayText(day))
}

function weekdayOf(day: number): Weekday {
  // day 0, 1970-01-01, was a Thursday
  return weekdays[(day + 3) % 7] as Weekday
}

function minuteOfDay(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
}
