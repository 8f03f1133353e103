import type { Provider } from '@outdial/policy/states'
import type { OutboundTrunkSettings } from './outbound-trunk.ts'

/** How a carrier wants numbers written: +14155550100, or 14155550100. */
export const numberFormats = ['e164', 'digits'] as const
export type NumberFormat = (typeof numberFormats)[number]

type Transport = NonNullable<OutboundTrunkSettings['transport']>

type ProviderProfile = {
  /** The address unless one is given, by transport; nothing where every account has its own. */
  addresses: Partial<Record<Transport, string>>
  /** What an address of this provider looks like. */
  address: { pattern: RegExp; example: string }
  /** The first one unless another is asked for. */
  transports: readonly [Transport, ...Transport[]]
  numberFormat: NumberFormat
  /** What a new trunk is allowed before the carrier is asked for more. */
  callsPerSecond: number
}

const host = /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i

/**
 * What the documentation of the carriers says, November 2026. Twilio: one call per second for a new Elastic SIP trunk,
 * a domain per trunk. Exotel: 200 calls a minute, TCP on 5070 or TLS on 443, no UDP.
 */
export const providerProfiles: Record<Provider, ProviderProfile> = {
  twilio: {
    addresses: {},
    address: {
      pattern: /^[a-z0-9-]+\.pstn(\.[a-z0-9-]+)*\.twilio\.com(:\d+)?$/i,
      example: 'my-trunk.pstn.twilio.com',
    },
    transports: ['auto', 'udp', 'tcp', 'tls'],
    numberFormat: 'e164',
    callsPerSecond: 1,
  },
  exotel: {
    addresses: { tcp: 'in.voip.exotel.com:5070', tls: 'in.voip.exotel.com:443' },
    address: { pattern: /^[a-z0-9.-]+\.exotel\.com(:\d+)?$/i, example: 'in.voip.exotel.com:5070' },
    transports: ['tcp', 'tls'],
    numberFormat: 'e164',
    callsPerSecond: 3,
  },
  other: {
    addresses: {},
    address: { pattern: host, example: 'sip.example.com' },
    transports: ['auto', 'udp', 'tcp', 'tls'],
    numberFormat: 'e164',
    callsPerSecond: 1,
  },
}

/** The settings of a trunk as far as somebody has given them. */
export type CarrierWish = Pick<OutboundTrunkSettings, 'transport' | 'mediaEncryption'> & {
  address?: string | undefined
}
export type Carrier = { address: string; transport: Transport }
export type CarrierProblem = { field: 'address' | 'transport'; message: string }

/** Completes address and transport from the provider's profile, or says which of the two does not fit it. */
export function completeCarrier(
  provider: Provider,
  wish: CarrierWish,
): { ok: true; carrier: Carrier } | { ok: false; problem: CarrierProblem } {
  const profile = providerProfiles[provider]
  const isEncrypted = wish.mediaEncryption === 'require'
  // Keys for encrypted media travel in the signalling: without TLS anybody on the way could read them.
  const transport = wish.transport ?? (isEncrypted ? 'tls' : profile.transports[0])
  if (!profile.transports.includes(transport)) {
    const message = `${provider} takes ${profile.transports.join(' or ')}, not ${transport}`
    return { ok: false, problem: { field: 'transport', message } }
  }
  if (isEncrypted && transport !== 'tls') {
    return { ok: false, problem: { field: 'transport', message: 'must be tls where mediaEncryption is require' } }
  }
  const address = wish.address ?? profile.addresses[transport]
  const { pattern, example } = profile.address
  if (address === undefined || !pattern.test(address) || !host.test(address)) {
    const message = `must be the carrier's host, with a port if it is unusual, such as ${example}, without sip: or @`
    return { ok: false, problem: { field: 'address', message } }
  }
  return { ok: true, carrier: { address, transport } }
}

/** `e164` as the carrier wants it. */
export function writeNumber(e164: string, format: NumberFormat): string {
  return format === 'digits' ? e164.replace(/^\+/, '') : e164
}
