import { describe, expect, test } from 'vitest'
import { objectionTo } from './calling-hours.ts'
import { readCampaignSettings } from './case/settings.ts'
import { buildWorld, type Settings, usualSettings } from './testing/build-world.ts'

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']

function settingsOf(changed: Partial<Settings>) {
  const details = { settings: { ...usualSettings, callingDays: weekdays, startHour: 9, endHour: 20, ...changed } }
  const entry = buildWorld().write({ kind: 'campaign_started', second: 0, campaignId: 'k1', details })
  return readCampaignSettings({ ...entry, atMs: 0, recordedMs: 0 })
}

const night = { windows: [{ day: 'saturday', from: '22:00', to: '02:00' }] }
const split = {
  windows: [
    { day: 'monday', from: '09:00', to: '12:00' },
    { day: 'monday', from: '14:00', to: '17:30' },
  ],
}

const allDay = '08:00-21:00'
const country = { weekdays: allDay, saturday: allDay, sunday: allDay }
const state = {
  weekdays: '08:00-20:00',
  saturday: '08:00-20:00',
  sunday: '',
  holiday: '',
  holidayDates: ['2026-03-03'],
}
const florida = { startHour: 0, endHour: 0, law: { US: country, 'US-FL': state } }

// 2026-03-02 is a Monday. Clocks go forward on 2026-03-08 in New York and on 2026-03-29 in Berlin.
const cases: [what: string, settings: Partial<Settings>, zoneKey: string, at: string, objection: RegExp | null][] = [
  ['the first instant', {}, 'America/New_York', '2026-03-02T09:00:00-05:00', null],
  ['the last ms before', {}, 'America/New_York', '2026-03-02T08:59:59.999-05:00', /08:59, outside 09:00-20:00/],
  ['the last ms', {}, 'America/New_York', '2026-03-02T19:59:59.999-05:00', null],
  ['the end', {}, 'America/New_York', '2026-03-02T20:00:00-05:00', /monday 2026-03-02 20:00/],
  ['a Sunday', {}, 'America/New_York', '2026-03-01T12:00:00-05:00', /sunday .* a day without calling hours/],
  [
    'the clock of the contact',
    {},
    'Europe/Berlin',
    '2026-03-02T15:00:00-05:00',
    /Europe\/Berlin it was monday .* 21:00/,
  ],
  ['the clock of the campaign', { localTime: 'campaign' }, 'Europe/Berlin', '2026-03-02T15:00:00-05:00', null],
  ['half an hour off', {}, 'Asia/Kolkata', '2026-03-02T03:29:59Z', /Asia\/Kolkata .* 08:59/],
  ['half an hour on', {}, 'Asia/Kolkata', '2026-03-02T03:30:00Z', null],
  ['both zones are open', {}, 'America/Chicago,America/New_York', '2026-03-02T10:00:00-05:00', null],
  ['one of two zones is shut', {}, 'America/Chicago,America/New_York', '2026-03-02T09:30:00-05:00', /Chicago/],
  ['an unknown zone goes by the campaign', {}, '', '2026-03-02T09:00:00-05:00', null],
  ['an unknown zone is never called', { unknownTimezone: 'skip' }, '', '2026-03-02T12:00:00-05:00', /unknown/],
  ['all day', { startHour: 0, endHour: 0 }, '', '2026-03-02T23:59:59-05:00', null],
  ['a window of the day before', night, '', '2026-03-08T01:59:00-05:00', null],
  ['a window belongs to the day it begins on', night, '', '2026-03-07T01:00:00-05:00', /outside 22:00-02:00/],
  ['hours over midnight', { startHour: 20, endHour: 2 }, '', '2026-03-03T01:59:00-05:00', null],
  ['hours over midnight after Friday', { startHour: 20, endHour: 2 }, '', '2026-03-07T01:59:00-05:00', null],
  ['hours over midnight before Monday', { startHour: 20, endHour: 2 }, '', '2026-03-02T01:00:00-05:00', /monday/],
  ['the second window of a day', split, '', '2026-03-02T17:29:00-05:00', null],
  ['between two windows', split, '', '2026-03-02T13:00:00-05:00', /outside 09:00-12:00, 14:00-17:30/],
  [
    'a window until midnight',
    { windows: [{ day: 'monday', from: '22:00', to: '24:00' }] },
    '',
    '2026-03-02T23:59:59-05:00',
    null,
  ],
  ['lawful', florida, 'US-FL@America/New_York', '2026-03-02T19:59:00-05:00', null],
  ['too late for the state', florida, 'US-FL@America/New_York', '2026-03-02T20:00:00-05:00', /law of US-FL/],
  ['too late for the country', florida, 'US@America/New_York', '2026-03-02T21:00:00-05:00', /law of US /],
  ['on the clock of the campaign', florida, 'US@', '2026-03-02T21:00:00-05:00', /law of US /],
  ['a holiday of the state', florida, 'US-FL@America/New_York', '2026-03-03T12:00:00-05:00', /nobody may be called/],
  ['a place without a law', florida, 'FR@Europe/Paris', '2026-03-02T03:00:00+01:00', null],
  ['a warning only', { ...florida, law: null }, 'US@America/New_York', '2026-03-02T21:00:00-05:00', null],
  ['a holiday', { holidayCalendar: ['2026-03-02'] }, '', '2026-03-02T12:00:00-05:00', /a holiday/],
  ['a holiday elsewhere', { holidayCalendar: ['2026-03-02'] }, 'Asia/Tokyo', '2026-03-02T22:00:00-05:00', null],
  [
    'the night of a holiday',
    { ...night, holidayCalendar: ['2026-03-07'] },
    '',
    '2026-03-08T01:00:00-05:00',
    /outside|without/,
  ],
  ['a night into a holiday', { ...night, holidayCalendar: ['2026-03-08'] }, '', '2026-03-08T00:30:00-05:00', /holiday/],
  ['after the clock went forward', {}, '', '2026-03-09T09:00:00-04:00', null],
  ['as if it had not', {}, '', '2026-03-09T08:30:00-04:00', /08:30/],
  ['before it begins', { startAt: '2026-03-03T00:00:00Z' }, '', '2026-03-02T12:00:00-05:00', /begins at 2026-03-03/],
  ['after it ended', { endAt: '2026-03-02T12:00:00-05:00' }, '', '2026-03-02T12:00:00-05:00', /ended at 2026-03-02/],
]

test.each(cases)('%s', (_, settings, zoneKey, at, objection) => {
  const said = objectionTo(settingsOf(settings), zoneKey, Date.parse(at))
  if (objection === null) expect(said).toBeNull()
  else expect(said).toMatch(objection)
})

describe('settings that make no sense', () => {
  test.each([
    ['a zone that is none', { timezone: 'Mars/Olympus' }, /settings\.timezone: is no IANA time zone/],
    ['a window without a time', { windows: [{ day: 'monday', from: 'noon', to: '13:00' }] }, /windows\.0\.from/],
  ])('%s', (_, settings, message) => {
    expect(() => settingsOf(settings)).toThrow(message)
    expect(() => settingsOf(settings)).toThrow(/Entry 1 of the log \(campaign_started\) cannot be judged/)
  })
})
