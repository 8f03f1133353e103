import { describe, expect, test } from 'vitest'
import { holidayDates, isHolidayOn, parseCalendarName, similarCalendars } from './holidays.ts'

const dayNumber = (date: string) => Date.parse(date) / 86_400_000
const of = (calendar: string, year: number) => holidayDates([calendar], { from: year, to: year })

describe('public holidays', () => {
  test('of Germany are its nine, and Bavaria adds its own', () => {
    const ofAll = ['01-01', '03-26', '03-29', '05-01', '05-06', '05-17', '10-03', '12-25', '12-26']
    expect(of('DE', 2027)).toEqual(ofAll.map((day) => `2027-${day}`))
    expect(of('DE-BY', 2027)).toEqual([...ofAll, '01-06', '05-27', '11-01'].sort().map((day) => `2027-${day}`))
  })

  test('of the USA come with the days on which they are observed', () => {
    expect(of('US', 2027)).toEqual(
      expect.arrayContaining(['2027-01-18', '2027-06-18', '2027-06-19', '2027-07-05', '2027-11-25', '2027-12-24']),
    )
    // New Year's Day of 2028 is a Saturday
    expect(of('US', 2027)).toContain('2027-12-31')
    expect(of('US', 2027)).not.toContain('2027-03-31')
    expect(of('US-CA', 2027)).toContain('2027-03-31')
  })

  test.each([
    ['FR', ['2027-03-29', '2027-05-08', '2027-07-14', '2027-11-11'], '2027-03-26'],
    ['IN', ['2027-01-26', '2027-08-15', '2027-10-02'], '2027-11-01'],
    ['GB-ENG', ['2027-03-26', '2027-08-30', '2027-12-28'], '2027-11-11'],
    ['JP', ['2027-01-01', '2027-02-23', '2027-11-23'], '2027-12-25'],
    ['AU', ['2027-01-26', '2027-04-25', '2027-12-27'], '2027-11-11'],
  ])('of %s', (calendar, dates, workday) => {
    expect(of(calendar, 2027)).toEqual(expect.arrayContaining(dates))
    expect(of(calendar, 2027)).not.toContain(workday)
  })

  test('that last several days count each of them (the end of Ramadan in the Emirates)', () => {
    expect(of('AE', 2027)).toEqual(expect.arrayContaining(['2027-03-09', '2027-03-10', '2027-03-11']))
  })

  test('can be rules and days of every year', () => {
    expect(of('easter -2', 2028)).toEqual(['2028-04-14'])
    expect(of('tuesday after 1st monday in November', 2028)).toEqual(['2028-11-07'])
    expect(of('01-08', 2028)).toEqual(['2028-01-08'])
  })

  test('are asked for by day, beside dates, over the turn of a year', () => {
    const holidays = ['2027-06-15', 'DE', 'US']
    const isOff = (date: string) => isHolidayOn(holidays, dayNumber(date))
    const off = ['2027-06-15', '2027-05-01', '2027-12-25', '2027-12-31', '2028-01-01', '2026-12-26', '2040-12-25']
    expect(off.map(isOff)).toEqual(off.map(() => true))
    const on = ['2027-06-16', '2026-06-15', '2027-12-27', '2028-01-02', '2026-12-31']
    expect(on.map(isOff)).toEqual(on.map(() => false))
    expect(isHolidayOn([], dayNumber('2027-12-25'))).toBe(false)
  })
})

describe('the name of a calendar', () => {
  test.each([
    ['US', 'US'],
    [' us-ca ', 'US-CA'],
    ['de-by', 'DE-BY'],
    ['DE-BY-A', 'DE-BY-A'],
  ])('%j is %s', (raw, name) => {
    expect(parseCalendarName(raw)).toBe(name)
  })

  test.each([
    '',
    'U',
    'ZZ',
    'US-XX',
    'DE-BY-ZZ',
    'Germany',
    '2027-12-25',
    'constructor',
    'US-',
    'US-CA-X-Y',
    'toString',
  ])('%j is none', (raw) => {
    expect(parseCalendarName(raw)).toBeUndefined()
  })

  test.each([
    ['UK', 'GB'],
    ['Germany', 'DE'],
    ['california', 'US-CA'],
    ['DE_BY', 'DE-BY'],
    ['DE-BX', 'DE-BW'],
    ['USA', 'US'],
  ])('%j may have been meant as %s', (raw, meant) => {
    expect(similarCalendars(raw)).toContain(meant)
    expect(similarCalendars(raw).length).toBeLessThanOrEqual(3)
  })

  test('nothing is like nothing', () => {
    expect(similarCalendars('')).toEqual([])
    expect(similarCalendars('xxxxxxxxxxxx')).toEqual([])
  })
})
