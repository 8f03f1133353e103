export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof weekdays)[number]
export type Window = { day: Weekday; from: string; to: string }

const minuteMs = 60_000
const dayMinutes = 1_440
const formats = new Map<string, Intl.DateTimeFormat>()

/** What calendar and clock on the wall show, as if they were UTC: minutes since 1970. */
export function wallMinutes(zone: string, atMs: number): number {
  const format = formats.get(zone) ?? newFormat(zone)
  formats.set(zone, format)
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute) / minuteMs
}

export function dateOf(wall: number): string {
  return new Date(wall * minuteMs).toISOString().slice(0, 10)
}

/** A window between two readings of the wall clock, on the weekday of the first one. */
export function windowBetween(from: number, to: number): Window {
  // 1970-01-01 was a Thursday
  const day = weekdays[(Math.floor(from / dayMinutes) + 3) % 7] ?? 'monday'
  return { day, from: clockText(from), to: clockText(to) }
}

function clockText(wall: number): string {
  const minute = wall % dayMinutes
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric' as const
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric }
  return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields })
}
