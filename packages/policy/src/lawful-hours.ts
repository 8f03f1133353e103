import type { CallingHours } from './calling-hours.ts'
import { closesAt, isOpen, nextOpening } from './calling-window.ts'
import { holidayDates } from './holidays.ts'
import { rulesAsOf } from './jurisdiction-rules.ts'
import { describeRule, ruleCodes, rulesOf } from './jurisdictions.ts'
import { dayMs } from './local-time.ts'
import { readZoneKey } from './zone-key.ts'

/** Long enough to see every day of the week twice. */
const foreseenDays = 14

/**
 * The first instant of the coming two weeks at which the campaign's own hours are open and the law's are not; null when
 * there is none. With `jurisdictionRules: 'enforce'` it is an hour that the campaign loses, with `warn` a call that it
 * should not make.
 */
export function firstBeyondLaw(hours: CallingHours, zoneKey: string, from: Date): Date | null {
  if (readZoneKey(zoneKey).rules.length === 0) return null
  const own: CallingHours = { ...hours, jurisdictionRules: 'warn' }
  const lawful: CallingHours = { ...hours, jurisdictionRules: 'enforce' }
  const until = from.getTime() + foreseenDays * dayMs
  let opens = nextOpening(own, zoneKey, from)
  while (opens && opens.getTime() < until) {
    if (!isOpen(lawful, zoneKey, opens)) return opens
    const lawEnds = closesAt(lawful, zoneKey, opens)
    const ownEnds = closesAt(own, zoneKey, opens)
    if (lawEnds && (!ownEnds || lawEnds < ownEnds)) return lawEnds
    if (!ownEnds) return null
    opens = nextOpening(own, zoneKey, ownEnds)
  }
  return null
}

/** Whether the campaign's own hours are open now for such a contact and the law's are not. */
export function isBeyondLaw(hours: CallingHours, zoneKey: string, at: Date): boolean {
  if (readZoneKey(zoneKey).rules.length === 0) return false
  return (
    isOpen({ ...hours, jurisdictionRules: 'warn' }, zoneKey, at) &&
    !isOpen({ ...hours, jurisdictionRules: 'enforce' }, zoneKey, at)
  )
}

/** The rules behind a zone key in words, such as "Florida: every day 08:00-20:00"; a state's stand for its country's. */
export function describeLaw(zoneKey: string): string[] {
  const { rules } = readZoneKey(zoneKey)
  return rulesOf(rules)
    .filter((rule) => rules.includes(rule.code))
    .map(describeRule)
}

/** What nobody can read from the settings alone: the dates that calendars stand for, and the hours of the law. */
export type HoursInForce = {
  /** The campaign's holidays of this year and the next. */
  closedDates: string[]
  /** By code of the rules; null where they only warn. Times as in jurisdiction-rules.ts. */
  law: Record<string, LawInForce> | null
  /** The month up to which the rules were looked at, YYYY-MM. */
  lawAsOf: string
}

type LawInForce = {
  weekdays: string
  saturday: string
  sunday: string
  holiday?: string
  /** Of this year and the next. */
  holidayDates?: string[]
}

/** For the event log: whoever reads it later needs no holiday calendar and no table of laws of the time. */
export function hoursInForce(hours: CallingHours, at: Date): HoursInForce {
  // A day earlier or later it may be another year where the contact lives.
  const from = new Date(at.getTime() - dayMs).getUTCFullYear()
  const years = { from, to: new Date(at.getTime() + dayMs).getUTCFullYear() + 1 }
  const closedDates = holidayDates(hours.holidays, years)
  if (hours.jurisdictionRules === 'warn') return { closedDates, law: null, lawAsOf: rulesAsOf }
  const law = rulesOf(ruleCodes).map(({ code, weekdays, saturday, sunday, holiday, holidays = [] }) => {
    const ofHolidays = holiday === undefined ? {} : { holiday, holidayDates: holidayDates(holidays, years) }
    return [code, { weekdays, saturday, sunday, ...ofHolidays }] as const
  })
  return { closedDates, law: Object.fromEntries(law), lawAsOf: rulesAsOf }
}
