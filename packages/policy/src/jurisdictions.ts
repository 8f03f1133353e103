import { isHolidayOn } from './holidays.ts'
import { jurisdictionRules as countryRules, type JurisdictionRule } from './jurisdiction-rules.ts'
import { stateRules } from './jurisdiction-rules-us.ts'
import { minutesOfRange, type Schedule } from './open-spans.ts'
import { areaCodesByState } from './us-area-codes.generated.ts'

const allRules: Record<string, JurisdictionRule> = { ...countryRules, ...stateRules }
const schedules = new Map<string, Schedule>()
// A state's zones come after its country's, so the state is what is found.
const codesByZone = new Map(
  Object.entries(allRules).flatMap(([code, { zones = [] }]) => zones.map((zone) => [zone, code] as const)),
)
const codesByCountry = new Map(
  Object.entries(countryRules).flatMap(([code, { alsoCountries = [] }]) =>
    [code, ...alsoCountries].map((country) => [country, code] as const),
  ),
)
const codesByAreaCode = new Map(
  Object.entries(areaCodesByState).flatMap(([state, codes]) =>
    `US-${state}` in stateRules ? codes.split(' ').map((code) => [code, `US-${state}`] as const) : [],
  ),
)

/**
 * The codes of the rules that hold for a contact: those of its number's country or, in the USA, of its area code's
 * state, and those of the place that its own time zone names. Empty where no rules are known.
 */
export function rulesFor(contact: {
  e164: string
  country?: string | undefined
  ownZone?: string | undefined
}): string[] {
  const ofNumber =
    contact.country === 'US'
      ? (codesByAreaCode.get(contact.e164.slice(2, 5)) ?? 'US')
      : codesByCountry.get(contact.country ?? '')
  const ofZone = contact.ownZone === undefined ? undefined : codesByZone.get(contact.ownZone)
  const codes = [...new Set([ofNumber, ofZone].filter((code) => code !== undefined))]
  return codes.filter((code) => !codes.some((other) => other.startsWith(`${code}-`))).sort()
}

/** The hours of these rules, those of a state together with its country's. Throws a RangeError for an unknown code. */
export function lawfulSchedules(codes: readonly string[]): Schedule[] {
  return withCountries(codes).map((code) => {
    const known = schedules.get(code)
    if (known) return known
    const schedule = scheduleOf(ruleOf(code))
    schedules.set(code, schedule)
    return schedule
  })
}

/** The rules of these codes, those of a state together with its country's. */
export function rulesOf(codes: readonly string[]): (JurisdictionRule & { code: string })[] {
  return withCountries(codes).map((code) => ({ code, ...ruleOf(code) }))
}

/** For people: "Florida: Mon-Fri 08:00-20:00, Sat 08:00-20:00, Sun 08:00-20:00". */
export function describeRule({ name, weekdays, saturday, sunday, holiday }: JurisdictionRule): string {
  const day = (label: string, hours: string) => `${label} ${hours.replaceAll(',', ' and ') || 'never'}`
  const same = weekdays === saturday && weekdays === sunday
  const days = same
    ? [day('every day', weekdays)]
    : [day('Mon-Fri', weekdays), day('Sat', saturday), day('Sun', sunday)]
  return `${name}: ${[...days, ...(holiday === undefined ? [] : [day('holidays', holiday)])].join(', ')}`
}

/** Codes of all rules that there are. */
export const ruleCodes: readonly string[] = Object.keys(allRules)

function withCountries(codes: readonly string[]): string[] {
  return [...new Set(codes.flatMap((code) => (code.includes('-') ? [code.slice(0, 2), code] : [code])))]
}

function ruleOf(code: string): JurisdictionRule {
  const rule = allRules[code]
  if (!rule) throw new RangeError(`"${code}" is not the code of calling-hour rules. Known are ${ruleCodes.join(', ')}.`)
  return rule
}

function scheduleOf({ weekdays, saturday, sunday, holiday, holidays = [] }: JurisdictionRule): Schedule {
  const [workday, saturdays, sundays] = [weekdays, saturday, sunday].map(rangesOf) as [Ranges, Ranges, Ranges]
  const onHolidays = holiday === undefined ? undefined : rangesOf(holiday)
  return {
    windowsOn: (weekday) => (weekday === 'saturday' ? saturdays : weekday === 'sunday' ? sundays : workday),
    isHoliday: onHolidays ? (day) => isHolidayOn(holidays, day) : () => false,
    onHolidays: onHolidays ?? [],
  }
}

type Ranges = ReturnType<typeof rangesOf>

function rangesOf(text: string): { from: number; to: number }[] {
  return text === '' ? [] : text.split(',').map(minutesOfRange)
}
