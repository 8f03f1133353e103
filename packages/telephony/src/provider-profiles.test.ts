import { describe, expect, test } from 'vitest'
import { completeCarrier, providerProfiles, writeNumber } from './provider-profiles.ts'

describe('a carrier is completed from its profile', () => {
  test.each([
    ['twilio', { address: 'acme.pstn.twilio.com' }, { address: 'acme.pstn.twilio.com', transport: 'auto' }],
    ['twilio', { address: 'acme.pstn.ashburn.twilio.com', mediaEncryption: 'require' }, { transport: 'tls' }],
    ['exotel', {}, { address: 'in.voip.exotel.com:5070', transport: 'tcp' }],
    ['exotel', { transport: 'tls' }, { address: 'in.voip.exotel.com:443', transport: 'tls' }],
    ['exotel', { address: 'pstn.in2.exotel.com:5070' }, { address: 'pstn.in2.exotel.com:5070' }],
    ['other', { address: '203.0.113.9:5080', transport: 'udp' }, { address: '203.0.113.9:5080', transport: 'udp' }],
  ] as const)('%s %j', (provider, wish, carrier) => {
    expect(completeCarrier(provider, wish)).toMatchObject({ ok: true, carrier })
  })
})

describe('what does not fit is named', () => {
  test.each([
    ['twilio', {}, 'address'],
    ['twilio', { address: 'sip.example.com' }, 'address'],
    ['twilio', { address: 'evil.example/x.pstn.twilio.com' }, 'address'],
    ['twilio', { address: 'acme.pstn.twilio.com', transport: 'udp', mediaEncryption: 'require' }, 'transport'],
    ['exotel', { transport: 'udp' }, 'transport'],
    ['exotel', { address: 'exotel.com.example.org' }, 'address'],
    ['other', { address: 'sip:sip.example.com' }, 'address'],
    ['other', { address: 'user@sip.example.com' }, 'address'],
    ['other', {}, 'address'],
  ] as const)('%s %j: %s', (provider, wish, field) => {
    expect(completeCarrier(provider, wish)).toMatchObject({ ok: false, problem: { field } })
  })
})

test('the examples of the profiles fit them', () => {
  for (const profile of Object.values(providerProfiles)) {
    expect(profile.address.pattern.test(profile.address.example)).toBe(true)
    for (const address of Object.values(profile.addresses)) expect(profile.address.pattern.test(address)).toBe(true)
  }
})

test('numbers are written as the carrier wants them', () => {
  expect(writeNumber('+14155550100', 'e164')).toBe('+14155550100')
  expect(writeNumber('+14155550100', 'digits')).toBe('14155550100')
})
