import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Country, countrySchema, parsePhoneNumber, parsePossibleNumber } from './phone-number.ts'

describe('numbers of a file', () => {
  test.each<[string, Country | undefined, string]>([
    ['+12125550100', undefined, '+12125550100'],
    ['212.555.0100', 'US', '+12125550100'],
    ['(212) 555-0100', 'US', '+12125550100'],
    ['1 212 555 0100', 'US', '+12125550100'],
    [' +1 (212) 555-0100 ', 'FR', '+12125550100'],
    ['tel:+1-212-555-0100', 'US', '+12125550100'],
    ['TEL: 2125550100', 'US', '+12125550100'],
    ['Tel. 212 555 0100', 'US', '+12125550100'],
    ['212-555-0100 (mobile)', 'US', '+12125550100'],
    ["'+12125550100", undefined, '+12125550100'],
    ['2125550100.0', 'US', '+12125550100'],
    ['2125550100', 'US', '+12125550100'],
    ['212\u00a0555\u00a00100', 'US', '+12125550100'],
    ['\u202a+1\u2011212\u2011555\u20110100\u202c', undefined, '+12125550100'],
    ['+1 ２１２ ５５５ ０１００', undefined, '+12125550100'],
    ['٢١٢٥٥٥٠١٠٠', 'US', '+12125550100'],
    ['۲۱۲۵۵۵۰۱۰۰', 'US', '+12125550100'],
    ['+44 (0)20 7946 0000', 'FR', '+442079460000'],
    ['+44-20-7946-0000', 'FR', '+442079460000'],
    ['0044 20 7946 0000', 'FR', '+442079460000'],
    ['0044 20 7946 0000', 'US', '+442079460000'],
    ['011 44 20 7946 0000', 'US', '+442079460000'],
    ['01 99 00 29 91', 'FR', '+33199002991'],
    ['(+33) 1 99 00 29 91', undefined, '+33199002991'],
    ['+33 (0) 1 99 00 29 91', undefined, '+33199002991'],
    ['+39 06 698 12345', undefined, '+390669812345'],
  ])('%j (%s) is %s', (raw, country, e164) => {
    expect(parsePhoneNumber(raw, country)).toMatchObject({ ok: true, e164 })
  })

  test.each<[string, Country | undefined, string]>([
    ['', 'US', 'missing'],
    [' \u00a0\u200b ', 'US', 'missing'],
    ['n/a', 'US', 'not_a_number'],
    ['call me', 'US', 'not_a_number'],
    ['#REF!', 'US', 'not_a_number'],
    ['1-800-FLOWERS', 'US', 'not_a_number'],
    ['+'.repeat(300), 'US', 'not_a_number'],
    ['1.2125550100E+10', 'US', 'damaged_by_spreadsheet'],
    ['2,1255501e9', 'US', 'damaged_by_spreadsheet'],
    ['(212) 555-0100 x123', 'US', 'has_extension'],
    ['(212) 555-0100 ext. 5', 'US', 'has_extension'],
    ['Tel. 212-555-0100 x5', 'US', 'has_extension'],
    ['2125550100', undefined, 'needs_country_code'],
    ['+999123456789', 'US', 'unknown_country_code'],
    ['911', 'US', 'too_short'],
    ['555-0100', 'US', 'too_short'],
    ['+44 20', 'US', 'too_short'],
    ['00000000000', 'US', 'too_long'],
    ['212-555-0100 / 212-555-0101', 'US', 'too_long'],
    ['1'.repeat(100_000), 'US', 'too_long'],
    ['+1 555 123 0000', undefined, 'invalid_for_country'],
    ['0199002991', 'US', 'invalid_for_country'],
  ])('%.40j (%s) is refused as %s', (raw, country, code) => {
    expect(parsePhoneNumber(raw, country)).toMatchObject({ ok: false, reason: { code } })
    expect(parsePhoneNumber(raw, country)).toHaveProperty('reason.message', expect.stringMatching(/\.$/))
  })

  test('say their country and type', () => {
    expect(parsePhoneNumber('+33 6 12 34 56 78')).toMatchObject({ country: 'FR', type: 'MOBILE' })
    expect(parsePhoneNumber('+1 800 356 9377')).toMatchObject({ country: 'US', type: 'TOLL_FREE' })
    expect(parsePhoneNumber('+800 1234 5678')).toMatchObject({ country: undefined, type: 'TOLL_FREE' })
  })

  test('are read again as themselves, whatever was written before', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), writtenNumber), (raw) => {
        const parsed = parsePhoneNumber(raw, 'US')
        if (!parsed.ok) return
        expect(parsed.e164).toMatch(/^\+[1-9]\d{6,14}$/)
        expect(parsePhoneNumber(parsed.e164)).toEqual(parsed)
        expect(parsePossibleNumber(parsed.e164)).toEqual(parsed)
      }),
      { numRuns: 500 },
    )
  })
})

const writtenNumber = fc
  .array(
    fc.constantFrom('+', '00', '1', '2', '5', '9', '0', '33', '44', '(', ')', ' ', '-', '.', 'x', 'tel:', '/', '２'),
    {
      minLength: 5,
      maxLength: 18,
    },
  )
  .map((parts) => parts.join(''))

describe('the number of a single call', () => {
  test.each([
    ['+15551230000', '+15551230000'],
    ['+15550200000', '+15550200000'],
    ['+1 (212) 555-0100', '+12125550100'],
    ['tel:+442079460000', '+442079460000'],
  ])('%s may be dialed', (raw, e164) => {
    expect(parsePossibleNumber(raw)).toMatchObject({ ok: true, e164 })
  })

  test.each([
    ['2125550100', 'needs_country_code'],
    ['00442079460000', 'needs_country_code'],
    ['+1555', 'too_short'],
    ['+155512300001234', 'too_long'],
    ['+12125550100x9', 'has_extension'],
    ['+0123456789', 'unknown_country_code'],
    ['sip:someone@example.com', 'not_a_number'],
    ['', 'missing'],
  ])('%s is refused as %s', (raw, code) => {
    expect(parsePossibleNumber(raw)).toMatchObject({ ok: false, reason: { code } })
  })
})

test('a default country is a code in any case', () => {
  expect(countrySchema.parse(' fr ')).toBe('FR')
  expect(countrySchema.safeParse('France').error?.issues[0]?.message).toContain('two-letter country code')
})
