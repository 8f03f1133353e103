export type SipEndpoint = {
  /** Where LiveKit takes SIP calls, such as `abc123.sip.livekit.cloud` or `sip:10.0.0.5:5060;transport=udp`. */
  uri: string
  /** What its inbound trunk asks for. */
  username?: string | undefined
  password?: string | undefined
}

/** Twilio passes on at most this many characters of headers. */
const headerCharactersMax = 1_024
/** Real seconds until Twilio takes LiveKit for not answering. */
const answerSeconds = 30

/** What a room may be called to be dialed: the user part of a SIP URI that needs no escaping. */
export const dialableRoomName = /^[\w.~+-]{1,128}$/

/** A host with an optional port and transport. Twilio knows no `sips:`; `;transport=tls` says the same. */
export const sipUri = /^(?:sip:)?([a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?)(?:;transport=(udp|tcp|tls))?$/i

/**
 * TwiML that connects a caller with a LiveKit room: the room's name is the number that is dialed there, which a dispatch
 * rule of the kind `callee` turns into the room. The caller hears ringing until somebody in the room picks up.
 * https://www.twilio.com/docs/voice/twiml/sip. Throws for a room name or address that cannot be dialed.
 */
export function dialRoomTwiml(wish: {
  roomName: string
  sip: SipEndpoint
  /** Sent with the INVITE; names begin with `X-`, but not `X-Twilio`, which Twilio keeps for itself. */
  headers: Record<string, string>
  /** Where Twilio tells how the leg to LiveKit fares. */
  statusCallbackUrl: string
}): string {
  const { roomName, sip, headers, statusCallbackUrl } = wish
  const [, host, transport = 'tcp'] = sipUri.exec(sip.uri) ?? []
  if (!host) throw new Error(`${sip.uri} is no SIP address; use one such as abc123.sip.livekit.cloud`)
  if (!dialableRoomName.test(roomName))
    throw new Error('A room that is to be dialed has letters, digits and .~+-_ only')
  const query = new URLSearchParams(headers).toString().replaceAll('+', '%20')
  if (query.length > headerCharactersMax)
    throw new Error(`The headers have more than ${headerCharactersMax} characters`)
  const login: Record<string, string> = sip.username ? { username: sip.username, password: sip.password ?? '' } : {}
  const events = { statusCallback: statusCallbackUrl, statusCallbackEvent: 'initiated ringing answered completed' }
  const address = `sip:${roomName}@${host};transport=${transport}${query && `?${query}`}`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Response><Dial answerOnBridge="true" timeout="${answerSeconds}">`,
    `<Sip${attributes({ ...login, ...events })}>${escapeXml(address)}</Sip>`,
    '</Dial></Response>',
  ].join('')
}

function attributes(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('')
}

function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`)
}
