import type { CallingHours } from '@outdial/policy/calling-window'
import type { Weekday } from '@outdial/policy/states'
import { sql } from 'drizzle-orm'

/** The columns of `campaigns c` that say when it may call. */
export const callingHoursColumns = sql.raw(
  'c.timezone, c.calling_days, c.start_hour, c.end_hour, c.windows, c.start_at, c.end_at, c.holiday_calendar, c.local_time',
)

export type CallingHoursRow = {
  timezone: string
  calling_days: Weekday[]
  start_hour: number
  end_hour: number
  windows: CallingHours['windows']
  start_at: string | Date | null
  end_at: string | Date | null
  holiday_calendar: string[]
  local_time: 'contact' | 'campaign'
}

/** A campaign's row as policy wants it. */
export function toCallingHours(row: CallingHoursRow): CallingHours {
  return {
    timezone: row.timezone,
    callingDays: row.calling_days,
    startHour: row.start_hour,
    endHour: row.end_hour,
    windows: row.windows,
    startAt: row.start_at ? new Date(row.start_at) : null,
    endAt: row.end_at ? new Date(row.end_at) : null,
    holidays: row.holiday_calendar,
    localTime: row.local_time,
  }
}
