import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { DateTime } from 'luxon'
import { rulesFor } from './jurisdictions.ts'
import { prefixesByZones } from './time-zone-data.generated.ts'
import { writeZoneKey } from './zone-key.ts'
import { parseZoneName } from './zone-name.ts'

/** Where the clock of a contact was taken from. */
export type ZoneSource = 'contact' | 'number' | 'unknown'

/** More candidates than this say next to nothing about where a telephone is. */
const maxCandidates = 4

const longestPrefix = 9

/** Numbers that reach an organisation or a service wherever it is. */
const placeless = ['TOLL_FREE', 'PREMIUM_RATE', 'SHARED_COST', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL']

/**
 * Where Google's table is too sure. An area code laid over an older one covers the same places, but has no rows for the
 * exchanges beyond the zone border; mobile numbers of a country with several zones are listed under its largest city.
 */
const overrides: Record<string, readonly string[]> = {
  '1208': ['America/Boise', 'America/Los_Angeles'], // Idaho, as 986
  '1236': ['America/Edmonton', 'America/Vancouver'], // British Columbia, over 250
  '1250': ['America/Edmonton', 'America/Vancouver'],
  '1257': ['America/Edmonton', 'America/Vancouver'],
  '1364': ['America/Chicago', 'America/New_York'], // Kentucky, over 270
  '1367': ['America/Halifax', 'America/Toronto'], // Québec, over 418
  '1448': ['America/Chicago', 'America/New_York'], // Florida, over 850
  '1458': ['America/Boise', 'America/Los_Angeles'], // Oregon, over 541
  '1581': ['America/Halifax', 'America/Toronto'], // Québec, over 418
  '1672': ['America/Edmonton', 'America/Vancouver'],
  '1709': ['America/Halifax', 'America/St_Johns'], // Newfoundland and Labrador
  '1729': ['America/Chicago', 'America/New_York'], // Tennessee, over 423
  '1778': ['America/Edmonton', 'America/Vancouver'],
  '1879': ['America/Halifax', 'America/St_Johns'], // over 709
  '1930': ['America/Chicago', 'America/New_York'], // Indiana, over 812
  '614': ['Australia/Perth', 'Australia/Sydney'], // mobiles: the outermost clocks of the mainland
  '628': ['Asia/Jakarta', 'Asia/Jayapura'], // mobiles: the outermost clocks of Indonesia
  '79': [], // mobiles: anywhere in the eleven zones of Russia
}

const zonesByPrefix = new Map<string, readonly string[]>()
for (const [zones, prefixes] of Object.entries(prefixesByZones)) {
  for (const prefix of prefixes.split(' ')) zonesByPrefix.set(prefix, zones.split(','))
}
for (const [prefix, zones] of Object.entries(overrides)) zonesByPrefix.set(prefix, zones)

/**
 * The IANA zones in which a number may be, sorted; empty when its digits do not tell. A mobile number says where it was
 * issued, not where its owner is. Table: libphonenumber `resources/timezones`.
 */
export function zonesOfNumber(e164: string): string[] {
  return zonesOf(e164, parsePhoneNumberFromString(e164))
}

function zonesOf(e164: string, number: PhoneNumber | undefined): string[] {
  const type = number?.getType()
  if (type && placeless.includes(type)) return []
  const digits = e164.replace(/\D/g, '')
  for (let length = Math.min(longestPrefix, digits.length); length > 0; length--) {
    const zones = zonesByPrefix.get(digits.slice(0, length))
    if (zones) return zones.length > maxCandidates ? [] : [...zones]
  }
  return []
}

/**
 * The clock of a contact: the zone it came with if there is such a zone, else the zones of its number, else unknown.
 * The key says as well which rules of the law hold there, those of the number and of the zone it came with.
 */
export function findZone(contact: { contactZone?: string | undefined; e164: string }): {
  zoneKey: string
  source: ZoneSource
} {
  const { e164 } = contact
  const number = parsePhoneNumberFromString(e164)
  const ownZone = contact.contactZone === undefined ? undefined : parseZoneName(contact.contactZone)
  const rules = rulesFor({ e164, country: number?.country, ownZone })
  if (ownZone) return { zoneKey: writeZoneKey({ rules, zones: [ownZone] }), source: 'contact' }
  const zones = zonesOf(e164, number)
  return { zoneKey: writeZoneKey({ rules, zones }), source: zones.length > 0 ? 'number' : 'unknown' }
}

/**
 * What to do about time zone rules that are out of date, undefined when they are recent: British Columbia keeps UTC−7
 * all year since March 2026 (tzdata), and older rules would allow calls there an hour too late.
 */
export function outdatedZoneRules(): string | undefined {
  const december = DateTime.fromISO('2026-12-15T12:00:00', { zone: 'America/Vancouver' })
  if (december.offset === -420) return undefined
  return 'The time zone rules of this Node.js are older than March 2026. Install the latest Node.js 24 or newer.'
}
