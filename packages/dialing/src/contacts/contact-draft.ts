import { type Country, parsePhoneNumber } from '@outdial/policy/phone-number'
import { findZone, type ZoneSource } from '@outdial/policy/time-zone'
import { countryCode } from './country-code.ts'

/** What somebody wrote about a person to be called; empty texts are as good as none. */
export type RawContact = {
  phoneNumber: string
  country?: string
  name?: string
  externalId?: string
  timezone?: string
  variables: Record<string, string>
}

/** A contact as it is stored. */
export type ContactDraft = {
  phoneNumber: string
  country: string | null
  name: string | null
  externalId: string | null
  zoneKey: string
  zoneSource: ZoneSource
  variables: Record<string, string>
}

/** Why something was not taken over: a code for programs, a reason for people, and the value at fault. */
export type Reject = { code: string; reason: string; value: string }

export type Drafted = { ok: true; contact: ContactDraft } | { ok: false; reject: Reject }

/** A B-tree index takes values of some 2,700 bytes; ids are far shorter. */
const externalIdMax = 255
const nameMax = 500

/** Makes a contact of what was written, with its number in E.164 form and its time zone, or says what is wrong with it. */
export function draftContact(raw: RawContact, defaultCountry: Country | undefined): Drafted {
  const externalId = filled(raw.externalId) || null
  if (externalId && externalId.length > externalIdMax) {
    return refuse('external_id_too_long', `The external id has more than ${externalIdMax} characters.`, externalId)
  }
  const name = raw.name?.trim() || null
  if (name && name.length > nameMax) {
    return refuse('name_too_long', `The name has more than ${nameMax} characters. Shorten it.`, name)
  }
  const number = readNumber(raw, defaultCountry)
  if (!number.ok) return refuse(number.reason.code, number.reason.message, raw.phoneNumber)
  const zone = findZone({ contactZone: raw.timezone?.trim() || undefined, e164: number.e164 })
  return {
    ok: true,
    contact: {
      phoneNumber: number.e164,
      country: number.country ?? null,
      name,
      externalId,
      zoneKey: zone.zoneKey,
      zoneSource: zone.source,
      variables: raw.variables,
    },
  }
}

function refuse(code: string, reason: string, value: string): Drafted {
  return { ok: false, reject: { code, reason, value: shorten(value) } }
}

/** Some programs write a word where there is nothing; as an external id it would be the same for many. */
function filled(text = ''): string {
  const trimmed = text.trim()
  return /^(#?n\/a|-+|none|null|nil|undefined|unknown|\?+)$/i.test(trimmed) ? '' : trimmed
}

/** The contact's own country goes before the default. A number that starts with + needs neither. */
function readNumber(raw: RawContact, defaultCountry: Country | undefined) {
  const own = filled(raw.country)
  if (own === '') return parsePhoneNumber(raw.phoneNumber, defaultCountry)
  const country = countryCode(own)
  if (country) return parsePhoneNumber(raw.phoneNumber, country)
  const abroad = parsePhoneNumber(raw.phoneNumber)
  if (abroad.ok) return abroad
  // Some files give the calling code where others give the country.
  if (/^(\+|00)?[1-9]\d{0,2}$/.test(own) && !/^\s*(\+|00)/.test(raw.phoneNumber)) {
    return parsePhoneNumber(`+${own.replace(/^(\+|00)/, '')} ${raw.phoneNumber}`)
  }
  const unknown = abroad.reason.code === 'needs_country_code'
  return unknown ? { ok: false as const, reason: unknownCountry(own) } : abroad
}

function unknownCountry(text: string) {
  const message = `"${shorten(text)}" is no country we know. Write a two-letter code such as US, or start the number with +.`
  return { code: 'unknown_country', message }
}

/** For reports; cut between characters, as half of one is no valid text. */
export function shorten(value: string): string {
  return value.slice(0, 200).toWellFormed()
}
