import { SignJWT } from 'jose'

/** The grants of a token, by LiveKit's names. */
export type Grants = {
  video?: { roomCreate?: boolean; roomList?: boolean; roomAdmin?: boolean; roomRecord?: boolean; room?: string }
  sip?: { admin?: boolean; call?: boolean }
}

export type Answer = {
  status: number
  contentType: string
  /** The parsed JSON, or the text of what is no JSON. */
  body: unknown
}

export type AskOptions = {
  /** Instead of all grants for all rooms that the body names. */
  grants?: Grants
  /** Instead of a good token; null sends none. */
  authorization?: string | null
  /** Instead of the body as JSON. */
  rawBody?: string
  contentType?: string
  httpMethod?: string
  /** Goes away without waiting for the answer. */
  signal?: AbortSignal
}

/** LiveKit's API as it is on the wire, without the SDK between. */
export class TwirpApi {
  readonly #connection: { url: string; apiKey: string; apiSecret: string }

  /** `url` of http:// or https://. */
  constructor(connection: { url: string; apiKey: string; apiSecret: string }) {
    this.#connection = connection
  }

  /** `method` such as `RoomService/CreateRoom`. Errors of LiveKit are answers. */
  async ask(method: string, body: Record<string, unknown>, options: AskOptions = {}): Promise<Answer> {
    const { authorization, rawBody, contentType = 'application/json', httpMethod = 'POST', signal } = options
    const bearer =
      authorization === undefined ? `Bearer ${await this.token(options.grants ?? allGrants(body))}` : authorization
    const response = await fetch(`${this.#connection.url}/twirp/livekit.${method}`, {
      method: httpMethod,
      headers: { 'content-type': contentType, ...(bearer !== null && { authorization: bearer }) },
      ...(httpMethod === 'POST' && { body: rawBody ?? JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    const text = await response.text()
    return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: parse(text) }
  }

  /** A token for `expiresIn` seconds from now, signed with `secret` or the right one. */
  token(grants: Grants, other: { apiKey?: string; secret?: string; expiresInS?: number } = {}): Promise<string> {
    const { apiKey = this.#connection.apiKey, secret = this.#connection.apiSecret, expiresInS = 600 } = other
    return new SignJWT({ ...grants })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(apiKey)
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInS)
      .sign(new TextEncoder().encode(secret))
  }
}

function allGrants(body: Record<string, unknown>): Grants {
  const room = [body.room, body.roomName, body.name].find((each) => typeof each === 'string')
  return {
    video: { roomCreate: true, roomList: true, roomAdmin: true, ...(room !== undefined && { room }) },
    sip: { admin: true, call: true },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
