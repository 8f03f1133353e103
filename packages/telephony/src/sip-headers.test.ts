import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callHeaders, normaliseTransferTarget, SipHeaderError, TransferTargetError } from './sip-headers.ts'

describe('the headers of a call', () => {
  test('come from the fields carriers know and from the campaign', () => {
    const metadata = {
      account_code: 4711,
      caller_id: '+15550200000',
      caller_name: ' Ann ',
      transfer_target: '+1 555 123 9999',
      destination: 'north',
      email: 'not for the carrier',
    }
    expect(callHeaders(metadata, { 'X-Campaign': 'spring' })).toEqual({
      'X-Campaign': 'spring',
      'X-Account-Code': '4711',
      'X-Caller-Id': '+15550200000',
      'X-Caller-Name': 'Ann',
      'X-Transfer-Target': 'tel:+15551239999',
      'X-Destination': 'north',
    })
  })

  test('of the call win over those of the campaign, whatever their case', () => {
    expect(callHeaders({ account_code: 'B' }, { 'x-account-code': 'A' })).toEqual({ 'X-Account-Code': 'B' })
    expect(callHeaders({ account_code: '' }, { 'x-account-code': 'A' })).toEqual({ 'x-account-code': 'A' })
  })

  test('are left out where there is nothing to say', () => {
    expect(callHeaders({ account_code: null, caller_id: undefined, destination: '  ' }, { 'X-Empty': '' })).toEqual({})
    expect(callHeaders({})).toEqual({})
  })

  test('read a national transfer target with the country', () => {
    expect(callHeaders({ transfer_target: '030 901820' }, {}, { country: 'DE' })).toEqual({
      'X-Transfer-Target': 'tel:+4930901820',
    })
  })

  test.each<[name: string, value: string, reason: RegExp]>([
    ['X-Bad\r\nFrom', 'x', /"X-Bad\\r\\nFrom" has a name that SIP does not allow/],
    ['X Bad', 'x', /name that SIP does not allow/],
    ['X-Bad:', 'x', /name that SIP does not allow/],
    ['', 'x', /name that SIP does not allow/],
    ['X-Größe', 'x', /name that SIP does not allow/],
    ['X'.repeat(256), 'x', /longer than 255/],
    ['From', 'x', /set by the call itself/],
    ['CONTACT', 'x', /set by the call itself/],
    ['Call-ID', 'x', /set by the call itself/],
    ['via', 'x', /set by the call itself/],
    ['To', 'x', /set by the call itself/],
    ['f', 'x', /set by the call itself/],
    ['Authorization', 'x', /set by the call itself/],
    ['X-Twilio-CallSid', 'x', /reserved for Twilio/],
    ['X-Note', 'one\r\nInjected: two', /"X-Note" has a line break/],
    ['X-Note', 'one\u0000', /control character/],
    ['X-Note', 'one\u0085two', /control character/],
    ['X-Note', 'ü'.repeat(513), /longer than 1024 bytes/],
  ])('"%s: %s" is refused by name', (name, value, reason) => {
    expect(() => callHeaders({}, { [name]: value })).toThrow(reason)
    expect(() => callHeaders({}, { [name]: value })).toThrow(SipHeaderError)
  })

  test('a refused metadata field names its header', () => {
    expect(() => callHeaders({ account_code: 'a\nb' })).toThrow(/"X-Account-Code" has a line break/)
    expect(() => callHeaders({ account_code: { deep: 1 } })).toThrow(/account_code, sent as SIP header X-Account-Code/)
  })

  test('a value that is no text, as it may come out of a database, is refused', () => {
    const stored: Record<string, string> = JSON.parse('{"X-Count": 5}')
    expect(() => callHeaders({}, stored)).toThrow(/"X-Count" has a value that is no text/)
  })

  test('tabs and other languages are fine', () => {
    expect(callHeaders({ caller_name: 'Jörg\tМария' })).toEqual({ 'X-Caller-Name': 'Jörg\tМария' })
  })

  test('too many are refused', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-H-${i}`, 'v']))
    expect(Object.keys(callHeaders({}, many(32)))).toHaveLength(32)
    expect(() => callHeaders({}, many(33))).toThrow(/33 SIP headers; keep at most 32/)
  })

  test('nothing that passes could begin another header line', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (campaign, accountCode) => {
        const lines = passed(() => callHeaders({ account_code: accountCode }, campaign))
        for (const [name, value] of Object.entries(lines)) {
          expect(`${name}: ${value}`).not.toMatch(/[\r\n\0]/)
          expect(name).toMatch(/^[!-9;-~]+$/)
        }
      }),
    )
  })
})

describe('a transfer target', () => {
  test.each([
    ['+4930901820', 'tel:+4930901820'],
    [' +49 (30) 90 18-20 ', 'tel:+4930901820'],
    ['tel:+4930901820', 'tel:+4930901820'],
    ['TEL:+49-30-901820', 'tel:+4930901820'],
    ['+15551230000', 'tel:+15551230000'],
    ['sip:desk@example.com', 'sip:desk@example.com'],
    ['SIPS:desk@example.com:5061', 'sips:desk@example.com:5061'],
    ['desk@example.com', 'sip:desk@example.com'],
    [
      'sip:+15551230000@example.pstn.twilio.com;transport=tcp',
      'sip:+15551230000@example.pstn.twilio.com;transport=tcp',
    ],
    ['sip:100@[2001:db8::1]:5060', 'sip:100@[2001:db8::1]:5060'],
  ])('%s becomes %s', (target, expected) => {
    expect(normaliseTransferTarget(target)).toBe(expected)
  })

  test('in national form needs its country', () => {
    expect(normaliseTransferTarget('030 901820', 'DE')).toBe('tel:+4930901820')
    expect(normaliseTransferTarget('tel:030901820', 'DE')).toBe('tel:+4930901820')
    expect(normaliseTransferTarget('+4930901820', 'US')).toBe('tel:+4930901820')
    expect(() => normaliseTransferTarget('030 901820')).toThrow(/country code/)
  })

  test.each([
    '',
    'desk',
    '100',
    'sip:desk',
    'sip:@example.com',
    'sip:a@b@c',
    'sip:desk@example.com?Replaces=1',
    '<sip:desk@example.com>',
    'sip:desk@example.com\r\nX-Injected: 1',
    'sip:de sk@example.com',
    'https://example.com',
    'tel:nobody',
  ])('"%s" is refused, and says what would do', (target) => {
    expect(() => normaliseTransferTarget(target)).toThrow(TransferTargetError)
    expect(() => normaliseTransferTarget(target)).toThrow(/sip:desk@example\.com/)
  })
})

/** What `headers` returns, or nothing where it refuses; any other error counts. */
function passed(headers: () => Record<string, string>): Record<string, string> {
  try {
    return headers()
  } catch (error) {
    if (error instanceof SipHeaderError) return {}
    throw error
  }
}
