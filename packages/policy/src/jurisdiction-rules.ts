/**
 * When the law of a place lets strangers be called to sell something, as far as it was found in November 2026. A help
 * and no legal advice: consent, registers and what counts as selling are left out, laws change, and a place that is not
 * here may have rules of its own. Where sources differ, the stricter reading is here.
 */
export type JurisdictionRule = {
  name: string
  /** Hours on the clock of the place, HH:MM-HH:MM, several joined with commas; empty = nobody may be called. */
  weekdays: string
  saturday: string
  sunday: string
  /** Hours on holidays; without them a holiday is a day like any other. */
  holiday?: string
  /** What counts as a holiday: calendars, and rules in the words of date-holidays. */
  holidays?: string[]
  /** Country codes of telephone numbers (ISO 3166) beside its own to which it applies. */
  alsoCountries?: string[]
  /** Time zones that lie in it, for contacts that come with their zone. */
  zones?: string[]
  source: string
  /** `text`: the provision itself was read. `summary`: what others say of it. */
  read: 'text' | 'summary'
}

/** The year and month up to which the rules were looked at. */
export const rulesAsOf = '2026-11'

/** By ISO 3166-1 code of the country, or ISO 3166-2 code of the state: whose country's rules hold as well. */
export const jurisdictionRules: Record<string, JurisdictionRule> = {
  AU: {
    name: 'Australia',
    weekdays: '09:00-20:00',
    saturday: '09:00-17:00',
    sunday: '',
    holiday: '',
    holidays: ['AU'],
    zones: [
      ...['Adelaide', 'Brisbane', 'Broken_Hill', 'Darwin', 'Eucla', 'Hobart', 'Lindeman', 'Lord_Howe', 'Melbourne'],
      ...['Perth', 'Sydney'],
    ].map((city) => `Australia/${city}`),
    source: 'Telecommunications (Telemarketing and Research Calls) Industry Standard 2017; national public holidays',
    read: 'summary',
  },
  CA: {
    name: 'Canada',
    weekdays: '09:00-21:30',
    saturday: '10:00-18:00',
    sunday: '10:00-18:00',
    zones: [
      ...[
        'Blanc-Sablon',
        'Cambridge_Bay',
        'Coral_Harbour',
        'Creston',
        'Dawson',
        'Dawson_Creek',
        'Edmonton',
        'Fort_Nelson',
        'Glace_Bay',
      ],
      ...['Goose_Bay', 'Halifax', 'Inuvik', 'Iqaluit', 'Moncton', 'Rankin_Inlet', 'Regina', 'Resolute', 'St_Johns'],
      ...['Swift_Current', 'Toronto', 'Vancouver', 'Whitehorse', 'Winnipeg'],
    ].map((city) => `America/${city}`),
    source: 'CRTC Unsolicited Telecommunications Rules, part III; provinces may add holidays',
    read: 'summary',
  },
  CO: {
    name: 'Colombia',
    weekdays: '07:00-19:00',
    saturday: '08:00-15:00',
    sunday: '',
    holiday: '',
    holidays: ['CO'],
    zones: ['America/Bogota'],
    source: 'Ley 2300 de 2023',
    read: 'summary',
  },
  ES: {
    name: 'Spain',
    weekdays: '09:00-21:00',
    saturday: '',
    sunday: '',
    holiday: '',
    holidays: ['ES'],
    zones: ['Africa/Ceuta', 'Atlantic/Canary', 'Europe/Madrid'],
    source: 'Real Decreto Legislativo 1/2007, art. 96.2; holidays of regions and towns are not known here',
    read: 'text',
  },
  FR: {
    name: 'France',
    weekdays: '10:00-13:00,14:00-20:00',
    saturday: '',
    sunday: '',
    holiday: '',
    holidays: ['FR'],
    alsoCountries: ['GF', 'GP', 'MQ', 'RE', 'YT'],
    zones: [
      ...['America/Cayenne', 'America/Guadeloupe', 'America/Martinique', 'Europe/Paris', 'Indian/Mayotte'],
      'Indian/Reunion',
    ],
    source: 'Code de la consommation, art. D. 223-9 (décret 2022-1313); holidays of Code du travail, art. L. 3133-1',
    read: 'text',
  },
  IN: {
    name: 'India',
    weekdays: '10:00-21:00',
    saturday: '10:00-21:00',
    sunday: '10:00-21:00',
    zones: ['Asia/Kolkata'],
    source: 'TRAI: no commercial communication from 21:00 (2010); TCCCPR 2018: by default none before 10:00',
    read: 'summary',
  },
  US: {
    name: 'United States',
    weekdays: '08:00-21:00',
    saturday: '08:00-21:00',
    sunday: '08:00-21:00',
    alsoCountries: ['AS', 'GU', 'MP', 'PR', 'VI'],
    zones: [
      ...['Adak', 'Anchorage', 'Boise', 'Chicago', 'Denver', 'Detroit', 'Indiana/Indianapolis', 'Indiana/Knox'],
      ...['Indiana/Marengo', 'Indiana/Petersburg', 'Indiana/Tell_City', 'Indiana/Vevay', 'Indiana/Vincennes'],
      ...['Indiana/Winamac', 'Juneau', 'Kentucky/Louisville', 'Kentucky/Monticello', 'Los_Angeles', 'Menominee'],
      ...['Metlakatla', 'New_York', 'Nome', 'North_Dakota/Beulah', 'North_Dakota/Center', 'North_Dakota/New_Salem'],
      ...['Phoenix', 'Puerto_Rico', 'Sitka', 'St_Thomas', 'Yakutat'],
    ]
      .map((city) => `America/${city}`)
      .concat('Pacific/Guam', 'Pacific/Honolulu', 'Pacific/Pago_Pago', 'Pacific/Saipan'),
    source: '47 CFR 64.1200(c)(1) and 16 CFR 310.4(c)',
    read: 'summary',
  },
  ZA: {
    name: 'South Africa',
    weekdays: '08:00-20:00',
    saturday: '09:00-13:00',
    sunday: '',
    holiday: '',
    holidays: ['ZA'],
    zones: ['Africa/Johannesburg'],
    source: 'Regulations to the Consumer Protection Act 68 of 2008 (R. 293): prohibited time for contacting consumers',
    read: 'text',
  },
}
