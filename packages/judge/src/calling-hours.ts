import type { CampaignSettings } from './case/settings.ts'
import { isDate, isInCalendar } from './holiday-calendar.ts'
import { lawBroken } from './lawful-hours.ts'
import { dateOf, readWallClock, weekdayOf } from './wall-clock.ts'

const minutesPerDay = 1_440

/** Why a contact in these zones may not be called at an instant, for people; null where it may. */
export function objectionTo(settings: CampaignSettings, zoneKey: string, atMs: number): string | null {
  const { startAt, endAt } = settings
  if (startAt !== null && atMs < startAt) return `the campaign begins at ${new Date(startAt).toISOString()}`
  if (endAt !== null && atMs >= endAt) return `the campaign ended at ${new Date(endAt).toISOString()}`
  const zones = zonesOf(zoneKey)
  if (zones.length === 0 && settings.unknownTimezone !== 'campaign') {
    return `the zone of the contact is unknown, and unknownTimezone is ${settings.unknownTimezone}`
  }
  for (const zone of zones.length === 0 || settings.localTime === 'campaign' ? [settings.timezone] : zones) {
    const { day, minute } = readWallClock(zone, atMs)
    const closed = closedBecause(settings, day, minute)
    if (closed) return `in ${zone} it was ${weekdayOf(day)} ${dateOf(day)} ${timeOf(minute)}, ${closed}`
  }
  const places = zones.length === 0 ? [settings.timezone] : zones
  return lawBroken(settings.law, { codes: codesOf(zoneKey), zones: places, atMs })
}

function codesOf(zoneKey: string): string[] {
  return zoneKey.includes('@') ? zoneKey.slice(0, zoneKey.indexOf('@')).split(',') : []
}

/** A zone key may begin with the codes of legal rules: "US-FL@America/Chicago,America/New_York". */
function zonesOf(zoneKey: string): string[] {
  const zones = zoneKey.slice(zoneKey.indexOf('@') + 1)
  return zones === '' ? [] : zones.split(',')
}

/** Looks at the windows that begin on this day, and at those of the day before that reach over midnight. */
function closedBecause(settings: CampaignSettings, day: number, minute: number): string | null {
  if (isHoliday(settings, day)) return 'a holiday'
  const today = windowsOn(settings, day)
  const yesterday = isHoliday(settings, day - 1) ? [] : windowsOn(settings, day - 1)
  const isOpen =
    today.some(({ from, to }) => minute >= from && minute < to) ||
    yesterday.some(({ from, to }) => minute + minutesPerDay >= from && minute + minutesPerDay < to)
  if (isOpen) return null
  const hours = today.map(({ from, to }) => `${timeOf(from)}-${timeOf(to % minutesPerDay)}`).join(', ')
  return hours ? `outside ${hours}` : 'a day without calling hours'
}

function isHoliday({ holidayCalendar }: CampaignSettings, day: number): boolean {
  const date = dateOf(day)
  return holidayCalendar.some((each) => (isDate(each) ? each === date : isInCalendar(each, date)))
}

/** Minutes from the midnight of the day on which the window begins; an end at or before the start is on the next day. */
function windowsOn(settings: CampaignSettings, day: number): { from: number; to: number }[] {
  const weekday = weekdayOf(day)
  if (settings.windows.length > 0) {
    return settings.windows
      .filter((window) => window.day === weekday)
      .map(({ from, to }) => spanOf(minuteOf(from), minuteOf(to)))
  }
  if (!settings.callingDays.includes(weekday)) return []
  return [spanOf(settings.startHour * 60, settings.endHour * 60)]
}

function spanOf(from: number, to: number): { from: number; to: number } {
  return { from, to: to > from ? to : to + minutesPerDay }
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function timeOf(minute: number): string {
  const whole = Math.floor(minute)
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
