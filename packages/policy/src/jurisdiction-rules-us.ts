import type { JurisdictionRule } from './jurisdiction-rules.ts'

/**
 * States of the USA that are stricter than the federal hours, as far as it was found in November 2026; see
 * jurisdiction-rules.ts for what this is and what it is not. Rules for automatic dialing devices with artificial voices
 * count here: an agent that is a program is one. States that are missing have the federal hours here.
 */
export const stateRules: Record<string, JurisdictionRule> = {
  'US-AL': {
    name: 'Alabama',
    ...onWeekdays('08:00-20:00', { saturday: '08:00-20:00' }),
    ...closedOn(['US-AL']),
    source: 'Ala. Admin. Code 770-X-5-.17(1)(b)',
    read: 'text',
  },
  'US-CA': {
    name: 'California',
    ...everyDay('09:00-21:00'),
    source: 'Cal. Pub. Util. Code 2872(c), for automatic dialing-announcing devices',
    read: 'text',
  },
  'US-CT': {
    name: 'Connecticut',
    ...everyDay('09:00-20:00'),
    source: 'Conn. Gen. Stat. 42-288a',
    read: 'summary',
  },
  'US-FL': {
    name: 'Florida',
    ...everyDay('08:00-20:00'),
    source: 'Fla. Stat. 501.616(6)(a)',
    read: 'summary',
  },
  'US-IL': {
    name: 'Illinois',
    ...everyDay('09:00-21:00'),
    source: '815 ILCS 305/15, for recorded messages',
    read: 'summary',
  },
  'US-KY': {
    name: 'Kentucky',
    ...everyDay('10:00-21:00'),
    zones: ['America/Kentucky/Louisville', 'America/Kentucky/Monticello'],
    source: 'Ky. Rev. Stat. 367.46955',
    read: 'summary',
  },
  'US-LA': {
    name: 'Louisiana',
    ...onWeekdays('08:00-20:00', { saturday: '08:00-20:00' }),
    ...closedOn(['US-LA', '01-08', '01-19', '11-01']),
    source: 'La. Rev. Stat. 45:844 and the list of holidays of the Public Service Commission',
    read: 'summary',
  },
  'US-MA': {
    name: 'Massachusetts',
    ...everyDay('08:00-20:00'),
    source: 'Mass. Gen. Laws ch. 159C and 201 CMR 12',
    read: 'summary',
  },
  'US-MD': {
    name: 'Maryland',
    ...everyDay('08:00-20:00'),
    source: 'Md. Code, Com. Law 14-4504',
    read: 'summary',
  },
  'US-ME': {
    name: 'Maine',
    ...onWeekdays('09:00-17:00', { saturday: '' }),
    source: '10 M.R.S. 1498, for automated calling devices',
    read: 'summary',
  },
  'US-MI': {
    name: 'Michigan',
    ...everyDay('09:00-21:00'),
    zones: ['America/Detroit', 'America/Menominee'],
    source: 'Mich. Comp. Laws 445.111 ff.',
    read: 'summary',
  },
  'US-MN': {
    name: 'Minnesota',
    ...everyDay('09:00-21:00'),
    source: 'Minn. Stat. 325E.30',
    read: 'summary',
  },
  'US-MS': {
    name: 'Mississippi',
    ...onWeekdays('08:00-20:00', { saturday: '08:00-20:00' }),
    source: 'Miss. Code 77-3-603 and 77-3-723; the ban on holidays was lifted in 2023',
    read: 'summary',
  },
  'US-NE': {
    name: 'Nebraska',
    ...everyDay('08:00-21:00'),
    sunday: '13:00-21:00',
    holiday: '13:00-21:00',
    holidays: ['US-NE'],
    source: '291 Neb. Admin. Code ch. 11, for recorded messages',
    read: 'summary',
  },
  'US-NM': {
    name: 'New Mexico',
    ...everyDay('09:00-21:00'),
    source: 'N.M. Stat. 57-12-22',
    read: 'summary',
  },
  'US-NV': {
    name: 'Nevada',
    ...everyDay('09:00-20:00'),
    source: 'Nev. Rev. Stat. ch. 228 and 597',
    read: 'summary',
  },
  'US-OK': {
    name: 'Oklahoma',
    ...everyDay('08:00-20:00'),
    source: 'Okla. Stat. tit. 15, 775C.4',
    read: 'summary',
  },
  'US-PA': {
    name: 'Pennsylvania',
    ...everyDay('08:00-21:00'),
    ...closedOn(['US-PA', 'easter -2', 'tuesday after 1st monday in November']),
    source: '73 P.S. 2245(a)(1) and (10)',
    read: 'text',
  },
  'US-RI': {
    name: 'Rhode Island',
    ...onWeekdays('09:00-18:00', { saturday: '10:00-17:00' }),
    ...closedOn(['US-RI']),
    source: 'R.I. Gen. Laws 5-61-2(2) and 5-61-3.6',
    read: 'text',
  },
  'US-TX': {
    name: 'Texas',
    ...everyDay('09:00-21:00'),
    sunday: '12:00-21:00',
    source: 'Tex. Bus. & Com. Code 301.051',
    read: 'summary',
  },
  'US-UT': {
    name: 'Utah',
    ...onWeekdays('08:00-21:00', { saturday: '08:00-21:00' }),
    ...closedOn(['US-UT']),
    source: 'Utah Code 13-25a-103(3)',
    read: 'text',
  },
  'US-WA': {
    name: 'Washington',
    ...everyDay('08:00-20:00'),
    source: 'Wash. Rev. Code 80.36.390',
    read: 'summary',
  },
}

type Hours = Pick<JurisdictionRule, 'weekdays' | 'saturday' | 'sunday'>

function everyDay(hours: string): Hours {
  return { weekdays: hours, saturday: hours, sunday: hours }
}

function onWeekdays(weekdays: string, { saturday }: { saturday: string }): Hours {
  return { weekdays, saturday, sunday: '' }
}

function closedOn(holidays: string[]): Pick<JurisdictionRule, 'holiday' | 'holidays'> {
  return { holiday: '', holidays }
}
