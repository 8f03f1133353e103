import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, isPublicAddress, namesPrivateAddress } from './public-address.ts'

/** The first and the last address of what is not public. */
const privateV4 = [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.0'],
  ...['127.0.0.1', '127.255.255.255', '168.63.129.16', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ...['172.16.0.0', '172.31.255.255', '192.0.0.0', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.0.0'],
  ...['192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.7', '203.0.113.7', '224.0.0.0', '239.255.255.255'],
  ...['240.0.0.0', '255.255.255.255'],
]
const publicV4 = [
  ...[
    '1.0.0.0',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
  ],
  ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
  ...['198.17.255.255', '198.20.0.0', '223.255.255.255'],
]
const privateV6 = [
  ...['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1'],
  ...['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '100::1', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ...['2001:10::1', '2001:20::1', '2001:db8::1', '2002:7f00:1::', '2002:a00:1::1', '3fff::1', '5f00::1', 'fc00::1'],
  ...['fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'ff02::1', '1fff:ffff::1', '4000::1'],
]
const publicV6 = ['2001:4860:4860::8888', '2003::1', '2606:4700::1111', '2a00:1450:4001::1', '3ffe:ffff::1']

describe('an address', () => {
  it.each([...privateV4, ...privateV6])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false))

  it.each([...publicV4, ...publicV6])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))

  it.each(['', 'localhost', '127.1', '8.8.8', '8.8.8.8.', ' 8.8.8.8', '[2606:4700::1111]'])('"%s" is none', (text) =>
    expect(isPublicAddress(text)).toBe(false),
  )

  it('of IPv4 is never public when it is mapped into IPv6', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => !isPublicAddress(`::ffff:${address}`)))
  })
})

/** The same number as a person, a browser or an attacker may write it. */
function spellings(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  const number = ((a * 256 + b) * 256 + c) * 256 + d
  const hex = (part: number) => `0x${part.toString(16)}`
  const octal = (part: number) => `0${part.toString(8)}`
  return [
    address,
    `${address}.`,
    String(number),
    hex(number),
    `0X${number.toString(16).toUpperCase()}`,
    octal(number),
    `000${octal(number)}`,
    [a, b, c, d].map(hex).join('.'),
    [a, b, c, d].map(octal).join('.'),
    `${hex(a)}.${octal(b)}.${c}.${d}`,
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${hex(a)}.${b * 65_536 + c * 256 + d}`,
    address.replaceAll('.', '。').replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    address.replaceAll(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  ]
}

describe('a URL', () => {
  it('names one address in whatever spelling', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a, b, c, d] = address.split('.').map(Number)
        const plain = [a, b, c, d].join('.')
        for (const spelling of spellings(plain)) {
          const url = new URL(`https://${spelling}:8443/hook`)
          expect(addressOf(url), spelling).toBe(plain)
          expect(namesPrivateAddress(url), spelling).toBe(!isPublicAddress(plain))
        }
      }),
    )
  })

  it.each(privateV4)('with %s in any spelling names a private address', (address) => {
    for (const spelling of spellings(address)) expect(namesPrivateAddress(new URL(`http://${spelling}/`))).toBe(true)
  })

  it.each(privateV6.filter((address) => !address.includes('%')))('with [%s] names a private address', (address) => {
    const url = new URL(`http://[${address}]:5678/`)
    const same = new BlockList()
    same.addAddress(address, 'ipv6')
    expect(same.check(addressOf(url) ?? '', 'ipv6')).toBe(true)
    expect(namesPrivateAddress(url)).toBe(true)
  })

  it.each(['localhost', 'localhost.', 'LOCALHOST', 'app.localhost', 'ⓛocalhost'])(
    'with %s names this machine',
    (host) => {
      expect(namesPrivateAddress(new URL(`http://${host}/`))).toBe(true)
    },
  )

  it.each(['https://example.com/', 'https://[2606:4700::1111]/', 'https://1.1.1.1/', 'https://localhost.example.com/'])(
    '%s may be public',
    (url) => expect(namesPrivateAddress(new URL(url))).toBe(false),
  )
})
