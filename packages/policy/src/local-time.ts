import { IANAZone } from 'luxon'

export const minuteMs = 60_000
export const minutesPerDay = 1_440
export const dayMs = minutesPerDay * minuteMs

/** What the wall clock shows in a time zone, in milliseconds since 1970-01-01 00:00 on that same clock. */
export function wallClockMs(timezone: string, instantMs: number): number {
  return instantMs + offsetMs(timezone, instantMs)
}

/** Days since 1970-01-01 on the calendar of a time zone. */
export function localDayNumber(timezone: string, instantMs: number): number {
  return Math.floor(wallClockMs(timezone, instantMs) / dayMs)
}

/** A day number as YYYY-MM-DD. */
export function dayText(dayNumber: number): string {
  return new Date(dayNumber * dayMs).toISOString().slice(0, 10)
}

/**
 * The instants that one reading of the wall clock can mean. They are the same on ordinary days. They differ when the
 * clock shows the reading twice (it was set back) or never (it was set forward: read with the old and the new offset).
 */
export function instantsOf(timezone: string, wallMs: number): { earlier: number; later: number; missing: boolean } {
  const before = wallMs - offsetMs(timezone, wallMs - dayMs)
  const after = wallMs - offsetMs(timezone, wallMs + dayMs)
  // no zone changes its clock twice within two days
  if (before === after) return { earlier: before, later: before, missing: false }
  const real = [before, after].filter((instant) => wallClockMs(timezone, instant) === wallMs)
  const candidates = real.length > 0 ? real : [before, after]
  return { earlier: Math.min(...candidates), later: Math.max(...candidates), missing: real.length === 0 }
}

/** Offsets at the beginnings of days of UTC, per zone: asking Intl is by far the slowest part of all this. */
const offsetsByZone = new Map<string, Map<number, number>>()

/** Some years of days. */
const keptDays = 3_000

function offsetMs(timezone: string, instantMs: number): number {
  const day = Math.floor(instantMs / dayMs)
  const atStart = offsetOfDay(timezone, day)
  // no zone changes its clock and changes it back within a day
  return atStart === offsetOfDay(timezone, day + 1) ? atStart : askOffsetMs(timezone, instantMs)
}

function offsetOfDay(timezone: string, day: number): number {
  const offsets = offsetsByZone.get(timezone) ?? new Map<number, number>()
  const known = offsets.get(day)
  if (known !== undefined) return known
  const offset = askOffsetMs(timezone, day * dayMs)
  if (offsets.size >= keptDays) offsets.clear()
  offsetsByZone.set(timezone, offsets.set(day, offset))
  return offset
}

function askOffsetMs(timezone: string, instantMs: number): number {
  // luxon keeps one zone object and one formatter per name
  const zone = IANAZone.create(timezone)
  if (!zone.isValid) {
    throw new RangeError(`"${timezone}" is not a time zone. Use an IANA name such as "America/New_York".`)
  }
  return zone.offset(instantMs) * minuteMs
}
