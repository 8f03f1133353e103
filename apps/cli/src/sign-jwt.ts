import { createHmac } from 'node:crypto'

/** A JSON Web Token with HMAC SHA-256 (RFC 7519, RFC 7515). */
export function signJwt(claims: object, secret: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}
