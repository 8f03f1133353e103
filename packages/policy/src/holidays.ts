import { createRequire } from 'node:module'
import { dayMs, dayText } from './local-time.ts'

type Library = typeof import('date-holidays').default
type Reading = { dates: ReadonlySet<string>; sources: string[]; years: Map<number, ReadonlySet<string>> }

/** By year and source; what a calendar says of a year never changes while the process runs. */
const datesBySource = new Map<string, readonly string[]>()
const calendars = new Map<string, InstanceType<Library>>()
const readings = new WeakMap<readonly string[], Reading>()
let library: Library | undefined

/**
 * Whether one of these holidays is on a day (days since 1970-01-01 on the local calendar). A holiday is a date
 * (YYYY-MM-DD), a calendar such as "DE-BY" (its public holidays with their substitute days; half days count whole), or
 * a rule in the words of date-holidays such as "easter -2".
 */
export function isHolidayOn(holidays: readonly string[], dayNumber: number): boolean {
  if (holidays.length === 0) return false
  const day = dayText(dayNumber)
  const reading = read(holidays)
  return (
    reading.dates.has(day) || (reading.sources.length > 0 && datesOfYear(reading, Number(day.slice(0, 4))).has(day))
  )
}

/** All dates of these holidays in the years from the first to the last, in order. */
export function holidayDates(holidays: readonly string[], { from, to }: { from: number; to: number }): string[] {
  const reading = read(holidays)
  const dates = new Set([...reading.dates].filter((date) => isBetween(date, { from, to })))
  for (let year = from; year <= to; year++) for (const date of datesOfYear(reading, year)) dates.add(date)
  return [...dates].sort()
}

/** The name of a calendar as it is written, whatever its case; undefined when there is no such calendar. */
export function parseCalendarName(raw: string): string | undefined {
  const name = raw.trim().toUpperCase()
  if (!/^[A-Z]{2}(-[A-Z0-9]{1,5}){0,2}$/.test(name)) return undefined
  const [country = '', state, region] = name.split('-')
  const known = new (load())()
  if (!(country in known.getCountries())) return undefined
  if (state && !(state in (known.getStates(country) ?? {}))) return undefined
  if (state && region && !(region in (known.getRegions(country, state) ?? {}))) return undefined
  return name
}

/** Up to three calendars that somebody may have meant: by the name of the country or state, or by a similar code. */
export function similarCalendars(raw: string): string[] {
  const typed = raw.trim().toUpperCase()
  if (typed.length < 2) return []
  const known = new (load())()
  const countries = Object.entries(known.getCountries('en'))
  const country = typed.slice(0, 2)
  const calendars = countries.flatMap(([code, name]) => {
    const states = Object.entries(known.getStates(code, 'en') ?? {})
    return [[code, name] as const, ...states.map(([state, stateName]) => [`${code}-${state}`, stateName] as const)]
  })
  const byName = calendars.filter(([, name]) => name.toUpperCase() === typed)
  const byStart = calendars.filter(([, name]) => typed.length > 3 && name.toUpperCase().startsWith(typed))
  const byCode = calendars
    .map(([code]) => ({ code, distance: distanceBetween(code, typed) }))
    .filter(({ code, distance }) => distance <= (code.startsWith(country) ? 2 : 1))
    .sort((a, b) => a.distance - b.distance || rank(a.code) - rank(b.code))
    .map(({ code }) => [code] as const)
  return [...new Set([...(alias[typed] ?? []), ...[...byName, ...byStart, ...byCode].map(([code]) => code)])].slice(
    0,
    3,
  )

  function rank(code: string): number {
    return code.startsWith(country) ? 0 : 1
  }
}

/** What people write for countries whose code is another. */
const alias: Record<string, string[]> = { UK: ['GB', 'GB-ENG'], ENGLAND: ['GB-ENG'], USA: ['US'], EN: ['GB', 'GB-ENG'] }

function read(holidays: readonly string[]): Reading {
  const known = readings.get(holidays)
  if (known) return known
  const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text)
  const reading = {
    dates: new Set(holidays.filter(isDate)),
    sources: holidays.filter((text) => !isDate(text)),
    years: new Map<number, ReadonlySet<string>>(),
  }
  readings.set(holidays, reading)
  return reading
}

function datesOfYear(reading: Reading, year: number): ReadonlySet<string> {
  const known = reading.years.get(year)
  if (known) return known
  // The last days of a year may be holidays of the next one, and a holiday of several days may begin in the year before.
  const dates = reading.sources.flatMap((source) =>
    [year - 1, year, year + 1].flatMap((each) => publicHolidays(source, each)),
  )
  const ofYear = new Set(dates.filter((date) => isBetween(date, { from: year, to: year })))
  reading.years.set(year, ofYear)
  return ofYear
}

/** What a calendar or rule gives for a year; some days may be of the years beside it. */
function publicHolidays(source: string, year: number): readonly string[] {
  const key = `${year} ${source}`
  const known = datesBySource.get(key)
  if (known) return known
  const dates = calendarOf(source)
    .getHolidays(year)
    .filter((holiday) => holiday.type === 'public')
    .flatMap(({ date, start, end }) => {
      const first = Date.parse(date.slice(0, 10))
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / dayMs))
      return Array.from({ length: days }, (_, index) => dayText(first / dayMs + index))
    })
  datesBySource.set(key, dates)
  return dates
}

function calendarOf(source: string): InstanceType<Library> {
  const known = calendars.get(source)
  if (known) return known
  const calendar = new (load())()
  const [country = '', state, region] = source.split('-')
  if (/^[A-Z]{2}(-|$)/.test(source)) calendar.init(...([country, state, region].filter(Boolean) as [string]))
  else calendar.setHoliday(source, { name: source, type: 'public' })
  calendars.set(source, calendar)
  return calendar
}

/** Loaded when the first calendar is named: it takes 90 ms and 35 MB, which most processes never need. */
function load(): Library {
  library ??= createRequire(import.meta.url)('date-holidays') as Library
  return library
}

function isBetween(date: string, { from, to }: { from: number; to: number }): boolean {
  const year = Number(date.slice(0, 4))
  return from <= year && year <= to
}

/** How many letters to add, drop or change to make one of the other. */
function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
