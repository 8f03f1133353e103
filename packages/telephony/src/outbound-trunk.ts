import { SIPOutboundTrunkInfo } from 'livekit-server-sdk'

const transports = ['auto', 'udp', 'tcp', 'tls'] as const
const encryptions = ['disable', 'allow', 'require'] as const
const headerOptions = ['none', 'x_headers', 'all'] as const

/** An outbound trunk as it is handed to LiveKit. */
export type OutboundTrunkSettings = {
  name: string
  /** Host of the carrier, with a port if it is not the usual one, such as `example.pstn.twilio.com`; no `sip:`. */
  address: string
  /** E.164; at least one. LiveKit takes a random one when a call names none. */
  numbers: string[]
  transport?: (typeof transports)[number]
  authUsername?: string
  authPassword?: string
  metadata?: string
  /** SIP headers sent with every call. */
  headers?: Record<string, string>
  /** SIP header of the answer → participant attribute. */
  headersToAttributes?: Record<string, string>
  /** Participant attribute → SIP header of the BYE or REFER. */
  attributesToHeaders?: Record<string, string>
  /** Which headers of the answer become `sip.h.*` attributes. */
  includeHeaders?: (typeof headerOptions)[number]
  /** Two letters; LiveKit Cloud dials from the region nearest to it. */
  destinationCountry?: string
  /** The host in the From header, where the carrier wants its own domain there. */
  fromHost?: string
  mediaEncryption?: (typeof encryptions)[number]
}

/** An outbound trunk as LiveKit tells it, without the password. */
export type OutboundTrunk = Required<Omit<OutboundTrunkSettings, 'authPassword'>> & {
  /** LiveKit's id, `ST_…`. */
  livekitTrunkId: string
  hasPassword: boolean
}

export function toOutboundTrunk(trunk: SIPOutboundTrunkInfo): OutboundTrunk {
  return {
    livekitTrunkId: trunk.sipTrunkId,
    name: trunk.name,
    address: trunk.address,
    numbers: [...trunk.numbers],
    transport: transports[trunk.transport] ?? 'auto',
    authUsername: trunk.authUsername,
    hasPassword: trunk.authPassword !== '',
    metadata: trunk.metadata,
    headers: { ...trunk.headers },
    headersToAttributes: { ...trunk.headersToAttributes },
    attributesToHeaders: { ...trunk.attributesToHeaders },
    includeHeaders: headerOptions[trunk.includeHeaders] ?? 'none',
    destinationCountry: trunk.destinationCountry,
    fromHost: trunk.fromHost,
    mediaEncryption: encryptions[trunk.media?.encryption ?? trunk.mediaEncryption] ?? 'disable',
  }
}

/** `before` with `changes` laid over it; what is not named stays, the password included. */
export function withSettings(
  before: SIPOutboundTrunkInfo,
  changes: Partial<OutboundTrunkSettings>,
): SIPOutboundTrunkInfo {
  const { transport, includeHeaders, mediaEncryption, ...plain } = changes
  const trunk = before.clone()
  Object.assign(trunk, Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)))
  if (transport) trunk.transport = transports.indexOf(transport)
  if (includeHeaders) trunk.includeHeaders = headerOptions.indexOf(includeHeaders)
  if (mediaEncryption) {
    trunk.mediaEncryption = encryptions.indexOf(mediaEncryption)
    if (trunk.media) trunk.media.encryption = trunk.mediaEncryption
  }
  return trunk
}

export function newTrunk(settings: OutboundTrunkSettings): SIPOutboundTrunkInfo {
  return withSettings(new SIPOutboundTrunkInfo(), settings)
}
