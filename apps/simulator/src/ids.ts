import { randomBytes } from 'node:crypto'

const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** An id as LiveKit writes them: a prefix such as `RM_` and twelve characters. */
export function newId(prefix: string): string {
  let id = prefix
  for (const byte of randomBytes(12)) id += alphabet[byte % alphabet.length]
  return id
}

/** A Twilio id: two letters and 32 hexadecimal digits. */
export function newTwilioSid(prefix: string): string {
  return prefix + randomBytes(16).toString('hex')
}
