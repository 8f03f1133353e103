import type { Moment } from './moments.ts'
import { allZones } from './people.ts'
import type { Luck } from './random.ts'
import { dateOf, type Weekday, type Window, wallMinutes, weekdays, windowBetween } from './wall-clock.ts'

/** The fields of a campaign that say when it may call. */
export type Hours = {
  timezone: string
  localTime: 'contact' | 'campaign'
  callingDays: Weekday[]
  startHour: number
  endHour: number
  windows: Window[]
  holidayCalendar: string[]
  startAt: string | null
  endAt: string | null
  unknownTimezone: 'campaign' | 'skip'
  jurisdictionRules: 'enforce' | 'warn'
}

const minuteMs = 60_000

/** Around the clock, as a drain needs it. */
export const alwaysOpen: Omit<Hours, 'timezone' | 'localTime'> = {
  callingDays: [...weekdays],
  startHour: 0,
  endHour: 0,
  windows: [],
  holidayCalendar: [],
  startAt: null,
  endAt: null,
  unknownTimezone: 'campaign',
  jurisdictionRules: 'warn',
}

/** Hours that open and close while the campaign runs: around its moment, so that days and clocks change meanwhile. */
export function drawHours(luck: Luck, { moment, startMs }: { moment: Moment; startMs: number }): Hours {
  const timezone = luck.percent(80) ? luck.pick(moment.zones) : luck.pick(allZones)
  const wall = wallMinutes(timezone, startMs)
  const base: Hours = {
    ...alwaysOpen,
    timezone,
    localTime: luck.percent(60) ? 'contact' : 'campaign',
    unknownTimezone: luck.percent(70) ? 'campaign' : 'skip',
    jurisdictionRules: luck.percent(75) ? 'warn' : 'enforce',
  }
  const kind = luck.pick(['always', 'always', 'pulses', 'pulses', 'across', 'edges', 'holiday', 'dates', 'full hours'])
  switch (kind) {
    case 'pulses':
      return { ...base, windows: pulses(luck, startMs) }
    case 'across':
      return {
        ...base,
        localTime: 'campaign',
        windows: [windowBetween(wall - luck.whole(5, 90), wall + luck.whole(25, 50))],
      }
    case 'edges':
      return { ...base, localTime: 'campaign', windows: edges(luck, wall) }
    case 'holiday':
      return { ...base, holidayCalendar: [dateOf(wall + luck.pick([0, 40]))] }
    case 'dates':
      return {
        ...base,
        startAt: new Date(startMs + luck.whole(2, 10) * minuteMs).toISOString(),
        endAt: new Date(startMs + luck.whole(30, 50) * minuteMs).toISOString(),
      }
    case 'full hours':
      return { ...base, ...fullHours(luck, wall) }
    default:
      return base
  }
}

/** Some minutes of every hour, on the clocks of all zones: half-hour zones are open while the others are closed. */
function pulses(luck: Luck, startMs: number): Window[] {
  const [from, to] = luck.pick([
    [5, 35],
    [15, 55],
    [40, 70],
  ] as const)
  const windows = allZones.flatMap((zone) => {
    const hour = Math.floor(wallMinutes(zone, startMs) / 60) * 60
    return [-60, 0, 60].map((minutes) => windowBetween(hour + minutes + from, hour + minutes + to))
  })
  return [...new Map(windows.map((window) => [JSON.stringify(window), window])).values()].slice(0, 100)
}

/** Several windows of one day with short breaks, so that claims, permits and waits meet their ends. */
function edges(luck: Luck, wall: number): Window[] {
  const first = wall + luck.whole(-30, 4)
  const firstEnd = wall + luck.whole(8, 14)
  const second = firstEnd + luck.whole(2, 6)
  return [windowBetween(first, firstEnd), windowBetween(second, second + luck.whole(10, 30))]
}

function fullHours(luck: Luck, wall: number): Pick<Hours, 'startHour' | 'endHour'> {
  const hour = Math.floor((wall % 1_440) / 60)
  return { startHour: (hour + 24 - luck.whole(0, 2)) % 24, endHour: (hour + luck.whole(1, 2)) % 24 }
}
