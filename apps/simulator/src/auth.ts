import { createHash, createSecretKey } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { TokenRefused } from './twirp-error.ts'

export type Claims = {
  video?: {
    roomCreate?: boolean
    roomList?: boolean
    roomRecord?: boolean
    roomAdmin?: boolean
    room?: string
  }
  sip?: { admin?: boolean; call?: boolean }
}

export type Keys = { apiKey: string; secret: ReturnType<typeof createSecretKey> }

export function createKeys(apiKey: string, apiSecret: string): Keys {
  return { apiKey, secret: createSecretKey(Buffer.from(apiSecret)) }
}

// what the server's JWT library allows clocks to differ
const toleranceS = 60

/**
 * Checks the bearer token of a request: HS256, issuer = API key, not expired.
 * No header at all is no claims: the method then refuses, as LiveKit does.
 * @throws TokenRefused when there is a token and it is not good.
 */
export async function readClaims(header: string | undefined, keys: Keys): Promise<Claims> {
  if (!header) return {}
  if (!header.startsWith('Bearer ')) {
    throw new TokenRefused('invalid authorization header. Must start with Bearer ')
  }
  const token = header.slice('Bearer '.length)
  const { payload } = await jwtVerify(token, keys.secret, { algorithms: ['HS256'], clockTolerance: toleranceS }).catch(
    (error: Error) => {
      throw new TokenRefused(`invalid token: ${error.message}`)
    },
  )
  if (payload.iss !== keys.apiKey) throw new TokenRefused(`invalid API key: ${payload.iss ?? ''}`)
  if (payload.exp === undefined) throw new TokenRefused('invalid token: it has no expiry')
  return { video: asObject(payload.video), sip: asObject(payload.sip) }
}

/** Signs a webhook body the way LiveKit does: a five-minute token with the SHA-256 of the raw bytes. */
export function signWebhook(body: string, keys: Keys): Promise<string> {
  const sha256 = createHash('sha256').update(body).digest('base64')
  return new SignJWT({ sha256 })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(keys.apiKey)
    .setExpirationTime('5m')
    .sign(keys.secret)
}

export type Grant = 'roomCreate' | 'roomList' | 'roomRecord' | 'roomAdmin' | 'sipAdmin' | 'sipCall' | 'sipTransfer'

/** Whether the claims allow a method; `roomAdmin` counts only for the room it was made out to. */
export function isAllowed(claims: Claims, grant: Grant, room: string): boolean {
  const { video = {}, sip = {} } = claims
  const isRoomAdmin = video.roomAdmin === true && video.room === room
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
