import { minutesPerDay } from './local-time.ts'
import { type Weekday, weekdays } from './states.ts'

/** Minutes on the wall clock since 1970-01-01 00:00; `to` is Infinity when the search ended before the span did. */
export type OpenSpan = { from: number; to: number }

/** Minutes since midnight; `to` beyond a day's minutes is on the next day. In order of `from`. */
export type DayWindows = readonly { from: number; to: number }[]

/** What opens on which day of a local calendar; days count from 1970-01-01. */
export type Schedule = {
  windowsOn(weekday: Weekday): DayWindows
  isHoliday(day: number): boolean
  onHolidays: DayWindows
}

/**
 * The stretches of wall clock time that all schedules allow, in order, for the windows that open on `days` days from
 * `firstDay` on. Windows that touch are one stretch: only a change of the clock at their outer ends may matter.
 */
export function openSpans(
  schedules: readonly Schedule[],
  { firstDay, days }: { firstDay: number; days: number },
): Iterable<OpenSpan> {
  return schedules
    .map((schedule) => spansOf(schedule, { firstDay, days }))
    .reduce((all, spans) => overlapOf(all, spans))
}

/** Length of a window in minutes; one that ends at or before its start ends on the next day. */
export function windowMinutes(window: { from: string; to: string }): { from: number; to: number } {
  const from = minuteOfDay(window.from)
  const to = minuteOfDay(window.to)
  return { from, to: to <= from ? to + minutesPerDay : to }
}

/** A window written as HH:MM-HH:MM. */
export function minutesOfRange(range: string): { from: number; to: number } {
  const [from = '', to = ''] = range.split('-')
  return windowMinutes({ from, to })
}

function* spansOf(
  schedule: Schedule,
  { firstDay, days }: { firstDay: number; days: number },
): Generator<OpenSpan, void, undefined> {
  const lastDay = firstDay + days
  let pending: OpenSpan | undefined
  for (let day = firstDay; day < lastDay; day++) {
    for (const span of spansOpeningOn(schedule, day)) {
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

/** What two rows of spans have in common. Spans of a row never touch, so those of the result do not either. */
function* overlapOf(left: Iterable<OpenSpan>, right: Iterable<OpenSpan>): Generator<OpenSpan, void, undefined> {
  const lefts = left[Symbol.iterator]()
  const rights = right[Symbol.iterator]()
  let a = lefts.next()
  let b = rights.next()
  while (!a.done && !b.done) {
    const from = Math.max(a.value.from, b.value.from)
    const to = Math.min(a.value.to, b.value.to)
    if (from < to) yield { from, to }
    if (a.value.to < b.value.to) a = lefts.next()
    else b = rights.next()
  }
}

/** A window that opens on a holiday gives way to the holiday's; one that runs into a holiday ends at midnight. */
function spansOpeningOn(schedule: Schedule, day: number): OpenSpan[] {
  const start = day * minutesPerDay
  const midnight = start + minutesPerDay
  const windows = schedule.isHoliday(day) ? schedule.onHolidays : schedule.windowsOn(weekdayOf(day))
  return windows.map(({ from, to }) => {
    const end = start + to
    return { from: start + from, to: end > midnight && schedule.isHoliday(day + 1) ? midnight : end }
  })
}

function weekdayOf(day: number): Weekday {
  // day 0, 1970-01-01, was a Thursday
  return weekdays[(day + 3) % 7] as Weekday
}

function minuteOfDay(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
}
