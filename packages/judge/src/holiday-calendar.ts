import { createRequire } from 'node:module'

type Library = typeof import('date-holidays').default
type Calendar = InstanceType<Library>

const known = new Map<string, boolean>()
const calendars = new Map<string, Calendar>()
let library: Library | undefined

export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
}

/**
 * Whether a local date is a public holiday of a calendar such as "DE-BY", or fits a rule in the words of the library
 * date-holidays such as "easter -2". Asks the library for the noon of that day alone.
 */
export function isInCalendar(name: string, date: string): boolean {
  const key = `${date} ${name}`
  const found = known.get(key)
  if (found !== undefined) return found
  const holidays = calendarOf(name).isHoliday(new Date(`${date}T12:00:00Z`)) || []
  const isPublic = holidays.some(({ type }) => type === 'public')
  known.set(key, isPublic)
  return isPublic
}

function calendarOf(name: string): Calendar {
  const found = calendars.get(name)
  if (found) return found
  const [country = '', ...within] = name.split('-')
  // loaded when the first calendar is named: it is large
  library ??= createRequire(import.meta.url)('date-holidays') as Library
  const calendar = new library()
  if (/^[A-Z]{2}(-|$)/.test(name)) calendar.init(...([country, ...within] as [string]))
  else calendar.setHoliday(name, { name, type: 'public' })
  // dates are those of the wall clock, wherever it hangs
  calendar.setTimezone('UTC')
  calendars.set(name, calendar)
  return calendar
}
