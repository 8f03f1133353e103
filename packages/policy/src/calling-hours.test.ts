import { expect, test } from 'vitest'
import { z } from 'zod'
import { callingHoursFields, checkCallingHours, defaultCallingHours } from './calling-hours.ts'

const schema = z.object(callingHoursFields).partial()

function messagesOf(input: unknown): string[] {
  const result = schema.safeParse(input)
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

test('calling hours are read as the API gives them', () => {
  expect(
    schema.parse({
      timezone: 'america/new york',
      callingDays: ['monday'],
      startHour: 9,
      endHour: 24,
      windows: [{ day: 'friday', from: '22:00', to: '24:00' }],
      startAt: '2027-03-01T09:00:00+01:00',
      endAt: null,
      holidays: ['2027-12-25', 'us', 'de-by'],
      localTime: 'campaign',
      unknownTimezone: 'skip',
      jurisdictionRules: 'warn',
    }),
  ).toEqual({
    timezone: 'America/New_York',
    callingDays: ['monday'],
    startHour: 9,
    endHour: 24,
    windows: [{ day: 'friday', from: '22:00', to: '24:00' }],
    startAt: new Date('2027-03-01T08:00:00Z'),
    endAt: null,
    holidays: ['2027-12-25', 'US', 'DE-BY'],
    localTime: 'campaign',
    unknownTimezone: 'skip',
    jurisdictionRules: 'warn',
  })
})

test.each([
  [{ timezone: 'Mars/Olympus' }, 'timezone: Use an IANA time zone'],
  [{ timezone: 'EST' }, 'timezone: Use an IANA time zone'],
  [{ callingDays: ['funday'] }, 'callingDays.0: Use days such as "monday"'],
  [{ startHour: 24 }, 'startHour: Use an hour from 0 to 23'],
  [{ endHour: -1 }, 'endHour: Use an hour from 0 to 24'],
  [{ windows: [{ day: 'monday', from: '9:00', to: '10:00' }] }, 'windows.0.from: Write the time as HH:MM'],
  [{ windows: [{ day: 'monday', from: '24:00', to: '10:00' }] }, 'windows.0.from: Write the time as HH:MM'],
  [{ windows: [{ day: 'monday', from: '09:00', to: '25:00' }] }, 'windows.0.to: Write the time as HH:MM'],
  [{ windows: [{ day: 'x', from: '09:00', to: '10:00' }] }, 'windows.0.day: Use a day such as "monday"'],
  [{ startAt: '2027-03-01' }, 'startAt: Write an instant'],
  [{ holidays: ['2027-02-30'] }, 'holidays.0: Write a holiday as YYYY-MM-DD'],
  [{ holidays: ['US', 'DE-BX'] }, 'holidays.1: There is no holiday calendar "DE-BX". Did you mean DE-B'],
  [{ holidays: ['Germany'] }, 'holidays.0: There is no holiday calendar "Germany". Did you mean DE?'],
  [{ holidays: ['my holidays'] }, 'holidays.0: There is no holiday calendar "my holidays". Use a country or state'],
  [{ unknownTimezone: 'wait' }, 'unknownTimezone: Use "campaign"'],
  [{ jurisdictionRules: 'off' }, 'jurisdictionRules: Use "enforce"'],
  [{ localTime: 'mine' }, 'localTime: Use "contact"'],
])('%j is refused with what to write instead', (input, message) => {
  expect(messagesOf(input)).toEqual([expect.stringContaining(message)])
})

test('fields that contradict each other are found', () => {
  const paths = (changes: Partial<typeof defaultCallingHours>) =>
    checkCallingHours({ ...defaultCallingHours, ...changes }).map(({ path }) => path.join('.'))
  expect(paths({})).toEqual([])
  expect(paths({ startHour: 0, endHour: 0 })).toEqual([])
  expect(paths({ callingDays: [] })).toEqual(['callingDays'])
  expect(paths({ callingDays: [], windows: [{ day: 'monday', from: '09:00', to: '10:00' }] })).toEqual([])
  expect(paths({ startHour: 9, endHour: 9 })).toEqual(['endHour'])
  const noon = new Date('2027-06-01T12:00:00Z')
  expect(paths({ startAt: noon, endAt: noon })).toEqual(['endAt'])
  expect(paths({ windows: [{ day: 'monday', from: '09:00', to: '09:01' }] })).toEqual(['windows.0.to'])
})
