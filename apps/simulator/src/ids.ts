import { randomBytes } from 'node:crypto'

/** The account all simulated Twilio trunks belong to. */
export const twilioAccountSid = `AC${'0'.repeat(32)}`

const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** An id as LiveKit writes them: a prefix such as `RM_` and twelve characters. No secret, so cheap randomness will do. */
export function newId(prefix: string): string {
  let id = prefix
  for (let left = 12; left > 0; left -= 1) id += alphabet[Math.floor(Math.random() * alphabet.length)]
  return id
}

/** A Twilio id: two letters and 32 hexadecimal digits. */
export function newTwilioSid(prefix: string): string {
  return prefix + randomBytes(16).toString('hex')
}
