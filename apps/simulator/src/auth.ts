import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { TokenRefused } from './twirp-error.ts'

export type Claims = {
  video?: {
    roomCreate?: boolean
    roomList?: boolean
    roomRecord?: boolean
    roomAdmin?: boolean
    roomJoin?: boolean
    room?: string
  }
  sip?: { admin?: boolean; call?: boolean }
}

export type Keys = { apiKey: string; apiSecret: string }

// what the server's JWT library allows clocks to differ
const toleranceS = 60
const webhookLifeS = 5 * 60

/**
 * Checks the bearer token of a request: HS256, issuer = API key, not expired.
 * No header at all is no claims: the method then refuses, as LiveKit does.
 * @throws TokenRefused when there is a token and it is not good.
 */
export function readClaims(header: string | undefined, keys: Keys): Claims {
  if (!header) return {}
  if (!header.startsWith('Bearer ')) {
    throw new TokenRefused('invalid authorization header. Must start with Bearer ')
  }
  const payload = readValidToken(header.slice('Bearer '.length), keys)
  return { video: asObject(payload.video), sip: asObject(payload.sip) }
}

/**
 * The room that a browser's token opens, and who joins it.
 * @throws TokenRefused when the token is not good, or is not for joining a room.
 */
export function readJoinToken(token: string, keys: Keys): { room: string; identity: string; name: string } {
  const { video, sub, name } = readValidToken(token, keys)
  const { roomJoin, room }: NonNullable<Claims['video']> = asObject(video) ?? {}
  if (roomJoin !== true || !room) throw new TokenRefused('the token does not allow to join a room')
  if (typeof sub !== 'string' || sub === '') throw new TokenRefused('the token has no identity')
  return { room, identity: sub, name: typeof name === 'string' ? name : '' }
}

function readValidToken(token: string, keys: Keys): Record<string, unknown> {
  const payload = readToken(token, keys)
  const nowS = Date.now() / 1000
  const refuse = (why: string) => new TokenRefused(`invalid token: ${token}, error: token has invalid claims: ${why}`)
  if (payload.iss !== keys.apiKey) throw new TokenRefused(`invalid API key: ${String(payload.iss)}`)
  if (typeof payload.exp !== 'number') throw refuse('exp claim is required')
  if (payload.exp + toleranceS < nowS) throw refuse('token is expired')
  if (typeof payload.nbf === 'number' && payload.nbf - toleranceS > nowS) {
    throw refuse('token is not valid yet')
  }
  return payload
}

/** Signs a webhook body the way LiveKit does: a five-minute token with the SHA-256 of the raw bytes. */
export function signWebhook(body: string, { apiKey, apiSecret }: Keys): string {
  const sha256 = createHash('sha256').update(body).digest('base64')
  const nowS = Math.floor(Date.now() / 1000)
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: apiKey, nbf: nowS, iat: nowS, exp: nowS + webhookLifeS, sha256 })}`
  return `${signed}.${sign(signed, apiSecret).toString('base64url')}`
}

function readToken(token: string, { apiSecret }: Keys): Record<string, unknown> {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0 || decode(header).alg !== 'HS256') throw new TokenRefused('invalid authorization token')
  const expected = sign(`${header}.${payload}`, apiSecret)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new TokenRefused(`invalid token: ${token}, error: token signature is invalid: signature is invalid`)
  }
  return decode(payload)
}

// synchronous on purpose: a promise through the thread pool costs ten times as much as the HMAC itself
function sign(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function decode(part: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(Buffer.from(part, 'base64url').toString())) ?? {}
  } catch {
    throw new TokenRefused('invalid authorization token')
  }
}

export type Grant = 'roomCreate' | 'roomList' | 'roomRecord' | 'roomAdmin' | 'sipAdmin' | 'sipCall' | 'sipTransfer'

/** Whether the claims allow a method; `roomAdmin` counts only for the room it was made out to. */
export function isAllowed(claims: Claims, grant: Grant, room: string): boolean {
  const { video = {}, sip = {} } = claims
  const isRoomAdmin = video.roomAdmin === true && (video.room ?? '') === room
  switch (grant) {
    case 'roomCreate':
      return video.roomCreate === true
    case 'roomList':
      return video.roomList === true
    case 'roomRecord':
      return video.roomRecord === true
    case 'roomAdmin':
      return isRoomAdmin
    case 'sipAdmin':
      return sip.admin === true
    case 'sipCall':
      return sip.call === true
    case 'sipTransfer':
      return sip.call === true && isRoomAdmin
  }
}

function asObject(value: unknown): Record<string, never> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, never>) : undefined
}
