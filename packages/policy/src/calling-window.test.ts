import { describe, expect, test } from 'vitest'
import { type CallingHours, defaultCallingHours } from './calling-hours.ts'
import { closesAt, isOpen, localDay, nextLocalDay, nextOpening } from './calling-window.ts'
import { weekdays } from './states.ts'

const newYork = 'America/New_York'

function hours(changes: Partial<CallingHours>): CallingHours {
  return { ...defaultCallingHours, ...changes }
}

/** One window a week, and a look at the three days around it. */
function onlyWindow(day: CallingHours['callingDays'][number], from: string, to: string): CallingHours {
  return hours({ windows: [{ day, from, to }] })
}

function opensAndCloses(rules: CallingHours, zoneKey: string, from: string): [string | undefined, string | undefined] {
  const opens = nextOpening(rules, zoneKey, new Date(from))
  return [opens?.toISOString(), opens ? closesAt(rules, zoneKey, opens)?.toISOString() : undefined]
}

const always = hours({ callingDays: [...weekdays], startHour: 0, endHour: 0 })

describe('an ordinary day, nine to eight', () => {
  test.each([
    [newYork, '2027-06-01T13:00:00.000Z', '2027-06-01T23:59:00.000Z'],
    [newYork, '2027-01-12T14:00:00.000Z', '2027-01-13T00:59:00.000Z'],
    ['Europe/Paris', '2027-06-01T07:00:00.000Z', '2027-06-01T17:59:00.000Z'],
    ['Asia/Kolkata', '2027-06-01T03:30:00.000Z', '2027-06-01T14:29:00.000Z'],
    ['Asia/Kathmandu', '2027-06-01T03:15:00.000Z', '2027-06-01T14:14:00.000Z'],
    ['America/St_Johns', '2027-06-01T11:30:00.000Z', '2027-06-01T22:29:00.000Z'],
    ['America/St_Johns', '2027-01-12T12:30:00.000Z', '2027-01-12T23:29:00.000Z'],
    ['Australia/Lord_Howe', '2027-06-01T22:30:00.000Z', '2027-06-02T09:29:00.000Z'],
  ])('in %s it opens at %s and closes at %s', (zone, opens, closes) => {
    const rules = hours({})
    const oneBefore = (instant: string) => new Date(new Date(instant).getTime() - 1)
    expect(isOpen(rules, zone, oneBefore(opens))).toBe(false)
    expect(isOpen(rules, zone, new Date(opens))).toBe(true)
    expect(isOpen(rules, zone, oneBefore(closes))).toBe(true)
    expect(isOpen(rules, zone, new Date(closes))).toBe(false)
    expect(opensAndCloses(rules, zone, oneBefore(opens).toISOString())).toEqual([opens, closes])
  })
})

describe('when the clock changes', () => {
  test.each([
    ['New York, a repeated opening', newYork, 'sunday', '01:30', '05:00', '2027-11-07', '06:30', '09:59'],
    ['New York, a repeated closing', newYork, 'sunday', '00:15', '01:30', '2027-11-07', '04:15', '05:29'],
    ['New York, a skipped opening', newYork, 'sunday', '02:30', '06:00', '2027-03-14', '07:30', '09:59'],
    ['New York, a skipped closing', newYork, 'sunday', '00:30', '02:30', '2027-03-14', '05:30', '06:29'],
    ['Paris, a repeated opening', 'Europe/Paris', 'sunday', '02:30', '06:00', '2027-10-31', '01:30', '04:59'],
    ['Paris, a skipped opening', 'Europe/Paris', 'sunday', '02:30', '06:00', '2027-03-28', '01:30', '03:59'],
    [
      'Paris, over the change',
      'Europe/Paris',
      'sunday',
      '01:00',
      '12:00',
      '2027-10-31',
      '23:00 the day before',
      '10:59',
    ],
  ] as const)('%s', (_name, zone, day, from, to, date, opens, closes) => {
    const opensOn = opens.endsWith('before') ? new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10) : date
    const start = new Date(Date.parse(date) - 86_400_000).toISOString()
    expect(opensAndCloses(onlyWindow(day, from, to), zone, start)).toEqual([
      `${opensOn}T${opens.slice(0, 5)}:00.000Z`,
      `${date}T${closes}:00.000Z`,
    ])
  })

  test('half an hour is enough to be ambiguous (Lord Howe, 4 April and 3 October 2027)', () => {
    const zone = 'Australia/Lord_Howe'
    const april = '2027-04-03T00:00:00Z'
    expect(opensAndCloses(onlyWindow('sunday', '01:45', '04:00'), zone, april)[0]).toBe('2027-04-03T15:15:00.000Z')
    expect(opensAndCloses(onlyWindow('sunday', '00:00', '01:45'), zone, april)[1]).toBe('2027-04-03T14:44:00.000Z')
    const october = '2027-10-02T00:00:00Z'
    expect(opensAndCloses(onlyWindow('sunday', '02:15', '04:00'), zone, october)[0]).toBe('2027-10-02T15:45:00.000Z')
    expect(opensAndCloses(onlyWindow('sunday', '00:00', '02:15'), zone, october)[1]).toBe('2027-10-02T15:14:00.000Z')
  })

  test('a window inside the repeated or the skipped hour does not open that day', () => {
    expect(opensAndCloses(onlyWindow('sunday', '01:15', '01:45'), newYork, '2027-11-06T00:00:00Z')[0]).toBe(
      '2027-11-14T06:15:00.000Z',
    )
    expect(opensAndCloses(onlyWindow('sunday', '02:15', '02:45'), newYork, '2027-03-13T00:00:00Z')[0]).toBe(
      '2027-03-21T06:15:00.000Z',
    )
  })

  test('calling around the clock has no hole where midnight is repeated or skipped (Havana)', () => {
    for (const around of ['2027-03-14T00:00:00Z', '2027-11-07T00:00:00Z']) {
      for (let minute = 0; minute < 600; minute++) {
        const at = new Date(Date.parse(around) + minute * 60_000)
        expect(isOpen(always, 'America/Havana', at)).toBe(true)
      }
    }
    expect(closesAt(always, 'America/Havana', new Date('2027-03-13T00:00:00Z'))).toBeNull()
  })
})

describe('windows across midnight', () => {
  test('belong to the day they open', () => {
    const rules = onlyWindow('friday', '22:00', '02:00')
    expect(opensAndCloses(rules, newYork, '2027-06-01T00:00:00Z')).toEqual([
      '2027-06-05T02:00:00.000Z',
      '2027-06-05T05:59:00.000Z',
    ])
    expect(isOpen(rules, newYork, new Date('2027-06-04T05:00:00Z'))).toBe(false) // Friday, 01:00
  })

  test('come from an end hour at or before the start hour', () => {
    const rules = hours({ callingDays: ['monday'], startHour: 20, endHour: 4 })
    expect(opensAndCloses(rules, 'UTC', '2027-06-01T12:00:00Z')).toEqual([
      '2027-06-07T20:00:00.000Z',
      '2027-06-08T03:59:00.000Z',
    ])
    const untilMidnight = hours({ callingDays: ['monday'], startHour: 9, endHour: 0 })
    expect(opensAndCloses(untilMidnight, 'UTC', '2027-06-06T12:00:00Z')[1]).toBe('2027-06-07T23:59:00.000Z')
  })

  test('last a whole day when they end as they start', () => {
    expect(opensAndCloses(onlyWindow('monday', '09:00', '09:00'), 'UTC', '2027-06-06T12:00:00Z')).toEqual([
      '2027-06-07T09:00:00.000Z',
      '2027-06-08T08:59:00.000Z',
    ])
  })

  test('that touch are one, without a closing minute between them', () => {
    const rules = hours({
      windows: [
        { day: 'monday', from: '20:00', to: '24:00' },
        { day: 'tuesday', from: '00:00', to: '02:00' },
        { day: 'monday', from: '12:00', to: '15:00' },
        { day: 'monday', from: '14:00', to: '16:00' },
      ],
    })
    expect(opensAndCloses(rules, 'UTC', '2027-06-07T00:00:00Z')).toEqual([
      '2027-06-07T12:00:00.000Z',
      '2027-06-07T15:59:00.000Z',
    ])
    expect(opensAndCloses(rules, 'UTC', '2027-06-07T16:00:00Z')).toEqual([
      '2027-06-07T20:00:00.000Z',
      '2027-06-08T01:59:00.000Z',
    ])
  })
})

describe('holidays', () => {
  test('close the local day, and end windows that run into it at midnight', () => {
    const rules = hours({
      windows: weekdays.map((day) => ({ day, from: '22:00', to: '03:00' })),
      holidays: ['2027-06-03'],
    })
    expect(closesAt(rules, 'UTC', new Date('2027-06-02T22:00:00Z'))?.toISOString()).toBe('2027-06-02T23:59:00.000Z')
    // the window that would have opened on the holiday does not take place, past midnight either
    expect(opensAndCloses(rules, 'UTC', '2027-06-03T00:00:00Z')[0]).toBe('2027-06-04T22:00:00.000Z')
  })

  test('are dates on the calendar of the contact', () => {
    const rules = hours({ callingDays: [...weekdays], startHour: 0, endHour: 0, holidays: ['2027-12-25'] })
    expect(opensAndCloses(rules, 'Asia/Kolkata', '2027-12-25T00:00:00Z')[0]).toBe('2027-12-25T18:30:00.000Z')
    expect(opensAndCloses(rules, newYork, '2027-12-25T05:00:00Z')[0]).toBe('2027-12-26T05:00:00.000Z')
    expect(closesAt(rules, newYork, new Date('2027-06-01T00:00:00Z'))?.toISOString()).toBe('2027-12-25T04:59:00.000Z')
  })
})

describe('several zones', () => {
  test('must all be open', () => {
    expect(opensAndCloses(hours({}), 'America/Chicago,America/New_York', '2027-06-01T05:00:00Z')).toEqual([
      '2027-06-01T14:00:00.000Z',
      '2027-06-01T23:59:00.000Z',
    ])
  })

  test('that are never open together never open', () => {
    const rules = onlyWindow('monday', '09:00', '11:00')
    expect(nextOpening(rules, 'America/New_York,Asia/Tokyo', new Date('2027-06-01T00:00:00Z'))).toBeNull()
  })

  test('do not count when the campaign keeps its own clock, nor does an unknown zone', () => {
    const campaignClock = hours({ timezone: 'Europe/Paris', localTime: 'campaign' })
    expect(opensAndCloses(campaignClock, newYork, '2027-06-01T00:00:00Z')[0]).toBe('2027-06-01T07:00:00.000Z')
    const contactClock = hours({ timezone: 'Europe/Paris' })
    expect(opensAndCloses(contactClock, '', '2027-06-01T00:00:00Z')[0]).toBe('2027-06-01T07:00:00.000Z')
  })

  test('that do not exist are named', () => {
    expect(() => isOpen(hours({}), 'America/Atlantis', new Date(0))).toThrow('"America/Atlantis" is not a time zone')
  })
})

describe('start and end of a campaign', () => {
  const startAt = new Date('2029-06-04T12:34:56Z')
  const endAt = new Date('2029-06-05T10:00:00Z')
  const rules = hours({ timezone: 'UTC', startAt, endAt })

  test('bound its windows, far ahead too, and to the second', () => {
    expect(opensAndCloses(rules, 'UTC', '2027-01-01T00:00:00Z')).toEqual([
      '2029-06-04T12:34:56.000Z',
      '2029-06-04T19:59:00.000Z',
    ])
    expect(closesAt(rules, 'UTC', new Date('2029-06-05T09:00:00Z'))).toEqual(endAt)
    expect(isOpen(rules, 'UTC', endAt)).toBe(false)
    expect(isOpen(rules, 'UTC', new Date(endAt.getTime() - 1))).toBe(true)
  })

  test('leave nothing to wait for once the end has passed', () => {
    expect(nextOpening(rules, 'UTC', endAt)).toBeNull()
    expect(
      nextOpening(hours({ endAt: new Date('2027-06-06T12:00:00Z') }), 'UTC', new Date('2027-06-06T11:00:00Z')),
    ).toBeNull()
  })
})

describe('local days', () => {
  test.each([
    [newYork, '2027-11-07T03:59:59.999Z', '2027-11-06', '2027-11-07T04:00:00.000Z'],
    [newYork, '2027-11-07T04:00:00.000Z', '2027-11-07', '2027-11-08T05:00:00.000Z'],
    ['Asia/Kathmandu', '2027-06-01T18:15:00.000Z', '2027-06-02', '2027-06-02T18:15:00.000Z'],
    ['America/Havana', '2027-03-14T04:00:00.000Z', '2027-03-13', '2027-03-14T05:00:00.000Z'],
    ['America/Havana', '2027-11-07T03:00:00.000Z', '2027-11-06', '2027-11-07T04:00:00.000Z'],
    ['America/Havana', '2027-11-07T05:30:00.000Z', '2027-11-07', '2027-11-08T05:00:00.000Z'],
  ])('in %s, %s is on %s and the next day begins at %s', (zone, at, day, next) => {
    expect(localDay(zone, new Date(at))).toBe(day)
    expect(nextLocalDay(zone, new Date(at)).toISOString()).toBe(next)
  })
})
