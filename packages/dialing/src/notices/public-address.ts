import { BlockList, isIP, isIPv6 } from 'node:net'

export type Address = { address: string; family: number }

/**
 * Whether an IP address belongs to the public internet. The lists are IANA's registries of special-purpose addresses
 * (iana-ipv4-special-registry, iana-ipv6-special-registry), multicast, and one address by which Azure reaches its own.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !specialV4.check(address, 'ipv4')
  // A zone such as %eth0 belongs to link-local addresses only.
  if (isIP(address) !== 6 || address.includes('%')) return false
  return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

/**
 * The IP address that a URL names, without brackets; null where it names a host. The URL parser has brought every
 * spelling of IPv4 (decimal, octal, hexadecimal, shortened, full-width digits) into dotted form.
 */
export function addressOf({ hostname }: URL): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return isIP(bare) === 0 ? null : bare
}

/** Whether a URL names an address that is not public by itself; what a host leads to is known when it is looked up. */
export function namesPrivateAddress(url: URL): boolean {
  const address = addressOf(url)
  if (address !== null) return !isPublicAddress(address)
  return /(^|\.)localhost\.?$/.test(url.hostname)
}

export function familyOf(address: string): 4 | 6 {
  return isIPv6(address) ? 6 : 4
}

const specialV4 = listOf('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])

/** Everything else is not given out, local, or stands for an IPv4 address (`::ffff:0:0/96`, `64:ff9b::/96`). */
const globalV6 = listOf('ipv6', [['2000::', 3]])

/** Protocol assignments with Teredo, documentation, 6to4, anycast sinks. */
const specialV6 = listOf('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
])

function listOf(family: 'ipv4' | 'ipv6', subnets: [network: string, bits: number][]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of subnets) list.addSubnet(network, bits, family)
  return list
}
