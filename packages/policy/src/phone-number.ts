import {
  type CountryCode,
  isSupportedCountry,
  type NumberType,
  type PhoneNumber,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max'
import { z } from 'zod'

/** ISO 3166 two-letter code of a country with telephone numbers, in any case. */
export const countrySchema = z
  .string()
  .transform((code) => code.trim().toUpperCase())
  .refine(
    (code): code is CountryCode => isSupportedCountry(code),
    'Use a two-letter country code such as "US" or "FR".',
  )
export type Country = CountryCode

const reasons = {
  missing: 'There is no telephone number in this row. Fill the telephone number column.',
  not_a_number: 'This is not a telephone number. Write digits, for example +14155550100.',
  damaged_by_spreadsheet: 'A spreadsheet has rounded this number. Format the column as text and export it again.',
  has_extension: 'This number has an extension, which cannot be dialed. Give a direct number.',
  needs_country_code:
    'This number has no country code. Start it with + and the country code, or set a default country.',
  unknown_country_code: 'No country has the code this number starts with. Check the digits after the +.',
  too_short: 'This number is too short. Add the missing digits, area code included.',
  too_long: 'This number is too long. Check that the cell holds one number only.',
  invalid_for_country: 'No such number exists in its country. Check its digits and the default country.',
} as const

export type NumberProblem = { code: keyof typeof reasons; message: string }
export type ParsedNumber =
  | { ok: true; e164: string; country: Country | undefined; type: NumberType | undefined }
  | { ok: false; reason: NumberProblem }

/**
 * Reads a number as people write it in files: national or international, with punctuation, `tel:`, `(0)`, 00 or
 * fullwidth digits. Only numbers that libphonenumber calls valid for their country are taken.
 */
export function parsePhoneNumber(raw: string, defaultCountry?: Country): ParsedNumber {
  const text = clean(raw)
  const problem = problemOfText(text)
  if (problem) return refuse(problem)
  const number = read(text, defaultCountry)
  if (number?.ext) return refuse('has_extension')
  if (number?.isValid()) return accept(number)
  return refuse(problemOfDigits(text, defaultCountry))
}

/** Reads the number of a single call: E.164 form and a length that its country could have, valid or not. */
export function parsePossibleNumber(raw: string): ParsedNumber {
  const text = clean(raw)
  const problem = problemOfText(text)
  if (problem) return refuse(problem)
  if (!text.startsWith('+')) return refuse('needs_country_code')
  const number = read(text)
  if (number?.ext) return refuse('has_extension')
  if (number?.isPossible()) return accept(number)
  return refuse(problemOfDigits(text))
}

/** The first reading that is valid, else the plain one. */
function read(text: string, defaultCountry?: Country): PhoneNumber | undefined {
  const plain = parsePhoneNumberFromString(text, { defaultCountry, extract: false })
  if (plain?.isValid() || plain?.ext) return plain
  const readings = [withoutWords(text)]
  // 00 is dialed for abroad in most of the world, also by people who send files to countries where it is not
  if (text.startsWith('00')) readings.push(`+${text.slice(2)}`)
  for (const reading of readings) {
    const number = parsePhoneNumberFromString(reading, { defaultCountry, extract: false })
    if (number?.isValid()) return number
  }
  return plain
}

/** "Tel. (+33) 1 99 00 00 01 home" as +33 1 99 00 00 01. */
function withoutWords(text: string): string {
  return text
    .replace(/^[^\d+(]+/, '')
    .replace(/\D+$/, '')
    .replace(/^\(\s*\+\s*(\d+)\s*\)/, '+$1')
}

function clean(raw: string): string {
  return raw
    .normalize('NFKC')
    .replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, asciiDigit)
    .replace(/\p{Cf}/gu, '') // direction marks and zero-width characters that come along when copying
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^'/, '') // how spreadsheets mark a text
    .replace(/^tel:\s*/i, '')
    .replace(/^(\+?\d{7,15})\.0$/, '$1') // a number column that was read as a decimal
}

/** Arabic, Persian and Devanagari digits; their zeros are at 0660, 06F0 and 0966. */
function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0)
  return String(code - (code < 0x06f0 ? 0x0660 : code < 0x0966 ? 0x06f0 : 0x0966))
}

function problemOfText(text: string): keyof typeof reasons | undefined {
  if (text === '') return 'missing'
  if (/^\+?\d+([.,]\d+)?e\+?\d+$/i.test(text)) return 'damaged_by_spreadsheet'
  if (!/\d/.test(text)) return 'not_a_number'
  return undefined
}

function problemOfDigits(text: string, defaultCountry?: Country): keyof typeof reasons {
  const problem = validatePhoneNumberLength(text, { defaultCountry })
  switch (problem) {
    case 'TOO_SHORT':
      return 'too_short'
    case 'TOO_LONG':
      return 'too_long'
    case 'INVALID_COUNTRY':
      return text.startsWith('+') ? 'unknown_country_code' : 'needs_country_code'
    case 'NOT_A_NUMBER':
      return text.replace(/\D/g, '').length > 17 ? 'too_long' : 'not_a_number'
    default:
      return 'invalid_for_country'
  }
}

function accept(number: PhoneNumber): ParsedNumber {
  return { ok: true, e164: number.number, country: number.country, type: number.getType() }
}

function refuse(code: keyof typeof reasons): ParsedNumber {
  return { ok: false, reason: { code, message: reasons[code] } }
}
