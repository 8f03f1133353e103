const dayMs = 86_400_000
const quarterMs = 900_000

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** What the clock on a wall in a time zone shows. `day` counts from 1970-01-01, `minute` from midnight with fractions. */
export type WallClock = { day: number; minute: number }

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, Map<number, number>>()
const dates = new Map<number, string>()

/** Reads the clock of a time zone at an instant (ms since the epoch), with the time zone data of the JavaScript engine. */
export function readWallClock(timezone: string, atMs: number): WallClock {
  const shown = atMs + offsetAt(timezone, atMs)
  const day = Math.floor(shown / dayMs)
  return { day, minute: (shown - day * dayMs) / 60_000 }
}

/** The date on a calendar in the time zone, as YYYY-MM-DD. */
export function localDate(timezone: string, atMs: number): string {
  return dateOf(readWallClock(timezone, atMs).day)
}

export function dateOf(day: number): string {
  const known = dates.get(day)
  if (known) return known
  const date = new Date(day * dayMs).toISOString().slice(0, 10)
  dates.set(day, date)
  return date
}

export function weekdayOf(day: number): string {
  // day 0 was a Thursday
  return weekdays[(((day + 3) % 7) + 7) % 7] ?? 'monday'
}

export function isZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

// clocks are changed at full quarters of an hour, so one reading is enough for each
function offsetAt(timezone: string, atMs: number): number {
  const quarter = Math.floor(atMs / quarterMs)
  const known = offsets.get(timezone) ?? new Map<number, number>()
  offsets.set(timezone, known)
  const found = known.get(quarter)
  if (found !== undefined) return found
  const offset = readOffset(timezone, quarter * quarterMs)
  known.set(quarter, offset)
  return offset
}

function readOffset(timezone: string, atMs: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timezone).formatToParts(atMs)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - atMs
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  formats.set(timezone, format)
  return format
}
