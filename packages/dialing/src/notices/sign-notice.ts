import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'

const prefix = 'whsec_'

/** As Standard Webhooks has it: 24 to 64 bytes in base64, after `whsec_`. */
export const noticeSecret = z.string().refine(isSecret, {
  error: 'must be whsec_ and 24 to 64 random bytes in base64; leave it out to get a new one',
})

export function newNoticeSecret(): string {
  return `${prefix}${randomBytes(32).toString('base64')}`
}

export type SignedNotice = {
  id: string
  /** Real time: receivers refuse what is more than some minutes old. */
  sentAt: Date
  body: string
  /** More than one while a receiver changes over. */
  secrets: string[]
}

/**
 * The headers that let a receiver know who sent it, when, and which notice it is: the same id in every try.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureHeaders({ id, sentAt, body, secrets }: SignedNotice): Record<string, string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000))
  const signed = `${id}.${timestamp}.${body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

function isSecret(text: string): boolean {
  if (!text.startsWith(prefix)) return false
  const encoded = text.slice(prefix.length)
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === encoded
}
