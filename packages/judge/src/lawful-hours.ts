import { z } from 'zod'
import { dateOf, readWallClock, weekdayOf } from './wall-clock.ts'

/** `09:00-20:00`, several joined with commas, nothing where nobody may be called. */
const hours = z
  .string()
  .regex(/^(\d\d:\d\d-\d\d:\d\d(,\d\d:\d\d-\d\d:\d\d)*)?$/, 'must be HH:MM-HH:MM, joined by commas')

/** The hours that the law allows, by code of the place, as the log has them; null where only a warning was asked for. */
export const lawSchema = z
  .record(
    z.string(),
    z.object({
      weekdays: hours,
      saturday: hours,
      sunday: hours,
      holiday: hours.optional(),
      holidayDates: z.array(z.string()).default([]),
    }),
  )
  .nullable()
  .default(null)
export type Law = z.output<typeof lawSchema>

/** Why the law of a place forbids a call at an instant on the clocks of these zones, for people; null where it does not. */
export function lawBroken(
  law: Law,
  { codes, zones, atMs }: { codes: string[]; zones: string[]; atMs: number },
): string | null {
  if (law === null) return null
  // the rules of a state come on top of its country's
  const places = new Set(codes.flatMap((code) => [code, code.replace(/-.*$/, '')]))
  for (const place of places) {
    const rule = law[place]
    if (!rule) continue
    for (const zone of zones) {
      const { day, minute } = readWallClock(zone, atMs)
      const date = dateOf(day)
      const isHoliday = rule.holiday !== undefined && rule.holidayDates.includes(date)
      const allowed = isHoliday ? (rule.holiday ?? '') : rule[hoursOf(weekdayOf(day))]
      if (!isWithin(allowed, minute)) {
        const told = allowed === '' ? 'nobody may be called' : `calls are allowed ${allowed}`
        return `in ${zone} it was ${weekdayOf(day)} ${date}, minute ${Math.floor(minute)}, and by the law of ${place} ${told}`
      }
    }
  }
  return null
}

function hoursOf(weekday: string): 'weekdays' | 'saturday' | 'sunday' {
  return weekday === 'saturday' || weekday === 'sunday' ? weekday : 'weekdays'
}

function isWithin(allowed: string, minute: number): boolean {
  return allowed
    .split(',')
    .filter((span) => span !== '')
    .map((span) => span.split('-').map(minuteOf))
    .some(([from = 0, to = 0]) => minute >= from && minute < to)
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}
