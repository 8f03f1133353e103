import { describe, expect, test } from 'vitest'
import { type CallingHours, defaultCallingHours } from './calling-hours.ts'
import { closesAt, isOpen, nextOpening } from './calling-window.ts'
import { holidayDates } from './holidays.ts'
import { describeRule, ruleCodes, rulesFor, rulesOf } from './jurisdictions.ts'
import { weekdays } from './states.ts'
import { areaCodesByState } from './us-area-codes.generated.ts'
import { parseZoneName } from './zone-name.ts'

/** The campaign itself would call at any time. */
const always: CallingHours = { ...defaultCallingHours, callingDays: [...weekdays], startHour: 0, endHour: 0 }

/** Open or closed at local times of New York, unless the zone says otherwise. */
const lawful = (zoneKey: string, local: string, offset: string) =>
  isOpen(always, zoneKey, new Date(`${local.replace(' ', 'T')}:00${offset}`))

describe('the hours of the law', () => {
  test.each([
    // 2027-06-02 is a Wednesday, 2027-06-05 a Saturday
    ['US@America/New_York', '-04:00', '2027-06-02 08:00', '2027-06-02 07:59', '2027-06-02 20:58', '2027-06-02 20:59'],
    [
      'US-FL@America/New_York',
      '-04:00',
      '2027-06-06 08:00',
      '2027-06-06 07:59',
      '2027-06-06 19:58',
      '2027-06-06 19:59',
    ],
    [
      'US-KY@America/New_York',
      '-04:00',
      '2027-06-02 10:00',
      '2027-06-02 09:59',
      '2027-06-02 20:58',
      '2027-06-02 21:00',
    ],
    ['US-TX@America/Chicago', '-05:00', '2027-06-06 12:00', '2027-06-06 11:59', '2027-06-05 09:00', '2027-06-05 08:59'],
    [
      'US-RI@America/New_York',
      '-04:00',
      '2027-06-05 10:00',
      '2027-06-05 09:59',
      '2027-06-02 17:58',
      '2027-06-06 12:00',
    ],
    [
      'US-ME@America/New_York',
      '-04:00',
      '2027-06-04 16:58',
      '2027-06-04 16:59',
      '2027-06-04 09:00',
      '2027-06-05 12:00',
    ],
    ['US-UT@America/Denver', '-06:00', '2027-06-05 08:00', '2027-06-06 08:00', '2027-07-23 12:00', '2027-07-24 12:00'],
    [
      'US-PA@America/New_York',
      '-04:00',
      '2027-03-25 12:00',
      '2027-03-26 12:00',
      '2027-03-28 12:00',
      '2027-06-14 12:00',
    ],
    [
      'US-PA@America/New_York',
      '-05:00',
      '2028-11-08 12:00',
      '2028-11-07 12:00',
      '2028-01-19 12:00',
      '2028-01-17 12:00',
    ],
    ['US-LA@America/Chicago', '-06:00', '2027-01-07 12:00', '2027-01-08 12:00', '2027-02-10 12:00', '2027-02-09 12:00'],
    ['US-NE@America/Chicago', '-06:00', '2027-12-25 13:00', '2027-12-25 12:59', '2027-12-23 08:00', '2027-12-24 08:00'],
    ['CA@America/Toronto', '-04:00', '2027-06-02 21:28', '2027-06-02 21:29', '2027-06-05 10:00', '2027-06-05 18:00'],
    ['FR@Europe/Paris', '+02:00', '2027-06-02 12:58', '2027-06-02 13:00', '2027-06-02 14:00', '2027-06-05 11:00'],
    ['FR@Europe/Paris', '+02:00', '2027-07-13 11:00', '2027-07-14 11:00', '2027-05-18 11:00', '2027-05-17 11:00'],
    ['ES@Europe/Madrid', '+02:00', '2027-10-11 09:00', '2027-10-12 09:00', '2027-06-04 20:58', '2027-06-05 12:00'],
    ['AU@Australia/Sydney', '+10:00', '2027-06-05 16:58', '2027-06-05 16:59', '2027-06-04 19:58', '2027-06-06 12:00'],
    [
      'ZA@Africa/Johannesburg',
      '+02:00',
      '2027-06-05 12:58',
      '2027-06-05 13:00',
      '2027-06-15 08:00',
      '2027-06-16 08:00',
    ],
    ['CO@America/Bogota', '-05:00', '2027-06-05 14:58', '2027-06-05 15:00', '2027-06-02 07:00', '2027-06-07 09:00'],
    ['IN@Asia/Kolkata', '+05:30', '2027-06-06 10:00', '2027-06-06 09:59', '2027-06-02 20:58', '2027-06-02 21:00'],
  ])(
    '%s at %s from UTC: open at %s, not at %s; open at %s, not at %s',
    (zoneKey, offset, open, closed, open2, closed2) => {
      expect(lawful(zoneKey, open, offset)).toBe(true)
      expect(lawful(zoneKey, closed, offset)).toBe(false)
      expect(lawful(zoneKey, open2, offset)).toBe(true)
      expect(lawful(zoneKey, closed2, offset)).toBe(false)
    },
  )

  test('are not known for every place, and then nothing is closed', () => {
    expect(lawful('Europe/Berlin', '2027-06-06 03:00', '+02:00')).toBe(true)
  })

  test('of several places must all be open', () => {
    const key = 'FR,US-FL@America/New_York'
    expect(lawful(key, '2027-06-02 10:00', '-04:00')).toBe(true)
    expect(lawful(key, '2027-06-02 09:59', '-04:00')).toBe(false)
    expect(lawful(key, '2027-06-02 13:30', '-04:00')).toBe(false)
    expect(lawful(key, '2027-06-05 12:00', '-04:00')).toBe(false)
  })

  test('come on top of the hours of the campaign', () => {
    const early: CallingHours = { ...defaultCallingHours, startHour: 6, endHour: 10 }
    const opens = nextOpening(early, 'US-FL@America/New_York', new Date('2027-06-02T04:00:00Z'))
    expect(opens?.toISOString()).toBe('2027-06-02T12:00:00.000Z')
    expect(closesAt(early, 'US-FL@America/New_York', opens ?? new Date(0))?.toISOString()).toBe(
      '2027-06-02T13:59:00.000Z',
    )
    const evening: CallingHours = { ...defaultCallingHours, startHour: 18, endHour: 23 }
    expect(closesAt(evening, 'US-FL@America/New_York', new Date('2027-06-02T23:00:00Z'))?.toISOString()).toBe(
      '2027-06-02T23:59:00.000Z',
    )
  })

  test('that never meet those of the campaign never open', () => {
    const sundays: CallingHours = { ...defaultCallingHours, callingDays: ['sunday'] }
    const nights: CallingHours = { ...defaultCallingHours, startHour: 22, endHour: 6 }
    for (const hours of [sundays, nights]) {
      expect(nextOpening(hours, 'FR@Europe/Paris', new Date('2027-01-01T00:00:00Z'))).toBeNull()
    }
  })

  test('count on the clock of the contact, also where the campaign keeps its own', () => {
    const hours: CallingHours = { ...defaultCallingHours, timezone: 'Europe/Paris', localTime: 'campaign' }
    const opens = nextOpening(hours, 'US@America/New_York', new Date('2027-06-02T00:00:00Z'))
    // nine in Paris is three in New York
    expect(opens?.toISOString()).toBe('2027-06-02T12:00:00.000Z')
    expect(closesAt(hours, 'US@America/New_York', opens ?? new Date(0))?.toISOString()).toBe('2027-06-02T17:59:00.000Z')
  })

  test('count on the clock of the campaign where that of the contact is not known', () => {
    const hours: CallingHours = { ...always, timezone: 'America/Denver' }
    const opens = nextOpening(hours, 'US@', new Date('2027-06-02T07:00:00Z'))
    expect(opens?.toISOString()).toBe('2027-06-02T14:00:00.000Z')
  })

  test('only warn where the campaign says so', () => {
    const at = new Date('2027-06-06T03:00:00Z')
    expect(isOpen({ ...always, jurisdictionRules: 'warn' }, 'FR@Europe/Paris', at)).toBe(true)
    expect(isOpen(always, 'FR@Europe/Paris', at)).toBe(false)
  })

  test('with a code that nobody knows are refused, and the codes named', () => {
    expect(() => isOpen(always, 'XX@Europe/Paris', new Date(0))).toThrow('"XX" is not the code of calling-hour rules')
  })
})

describe('contacts of unknown zone', () => {
  const skip: CallingHours = { ...always, unknownTimezone: 'skip' }

  test.each(['', 'US@'])('are never called where they are skipped (%j)', (zoneKey) => {
    const at = new Date('2027-06-02T16:00:00Z')
    expect(isOpen(always, zoneKey, at)).toBe(true)
    for (const hours of [skip, { ...skip, localTime: 'campaign' as const }]) {
      expect(isOpen(hours, zoneKey, at)).toBe(false)
      expect(nextOpening(hours, zoneKey, at)).toBeNull()
      expect(closesAt(hours, zoneKey, at)).toBeNull()
    }
    expect(isOpen(skip, 'America/New_York', at)).toBe(true)
  })
})

describe('the table of rules', () => {
  test.each(ruleCodes.map((code) => [code]))('%s is written as it is read', (code) => {
    const rule = rulesOf([code]).at(-1)
    expect(rule?.code).toBe(code)
    for (const hours of [rule?.weekdays, rule?.saturday, rule?.sunday, rule?.holiday ?? '']) {
      for (const range of hours?.split(',').filter(Boolean) ?? []) {
        expect(range).toMatch(/^\d\d:\d\d-\d\d:\d\d$/)
        // an edge near a change of the clock, or a window across midnight, would need more than is done for it
        expect(range.slice(0, 5) >= '07:00' && range.slice(0, 5) < range.slice(6) && range.slice(6) <= '22:00').toBe(
          true,
        )
      }
    }
    expect(rule?.weekdays).not.toBe('')
    for (const zone of rule?.zones ?? []) expect(parseZoneName(zone)).toBe(zone)
    expect(rule?.holiday === undefined).toBe(rule?.holidays === undefined)
    for (const holidays of rule?.holidays ?? []) {
      expect(holidayDates([holidays], { from: 2027, to: 2027 }).length).toBeGreaterThan(0)
    }
    expect(rule?.source.length).toBeGreaterThan(10)
  })

  test('knows each zone of a country once, and each area code once', () => {
    const countries = ruleCodes.filter((code) => code.length === 2).flatMap((code) => rulesOf([code])[0]?.zones ?? [])
    expect(countries.length).toBe(new Set(countries).size)
    const areaCodes = Object.values(areaCodesByState).join(' ').split(' ')
    expect(areaCodes.length).toBe(new Set(areaCodes).size)
    expect(areaCodes.length).toBeGreaterThan(330)
  })

  test.each([
    ['US-CT', '+12035550100'],
    ['US-FL', '+13055550100'],
    ['US-TX', '+15125550100'],
    ['US-CA', '+14155550100'],
    ['US-WA', '+12065550100'],
    ['US-RI', '+14015550100'],
    ['US', '+12125550100'],
  ])('finds %s by area code', (code, e164) => {
    expect(rulesFor({ e164, country: 'US' })).toEqual([code])
  })

  test('can be told to people', () => {
    expect(rulesOf(['US-FL', 'FR']).map(describeRule)).toEqual([
      'United States: every day 08:00-21:00',
      'Florida: every day 08:00-20:00',
      'France: Mon-Fri 10:00-13:00 and 14:00-20:00, Sat never, Sun never, holidays never',
    ])
  })
})
