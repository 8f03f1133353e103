import { verifyTwilioSignature } from '@outdial/telephony/twilio-signature'
import type { Context } from 'hono'
import type { z } from 'zod'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

/**
 * The parameters of a request that Twilio has signed, a form or JSON; or the answer that refuses it. The signature covers
 * the address under PUBLIC_URL: what the request itself says of its host proves nothing.
 */
export async function readTwilioRequest<Schema extends z.ZodType>(
  c: Context,
  { deps, providers, schema }: Pick<WebhooksOptions, 'deps' | 'providers'> & { schema: Schema },
): Promise<z.output<Schema> | Response> {
  const authToken = providers?.twilioAuthToken
  if (!authToken) {
    const detail = 'Set TWILIO_AUTH_TOKEN for the webhooks role, to the token of the account that calls this address.'
    return problem(503, { code: 'not_configured', detail })
  }
  const rawBody = new Uint8Array(await c.req.arrayBuffer())
  const isJson = /^application\/json\b/i.test(c.req.header('content-type') ?? '')
  const params = new URLSearchParams(Buffer.from(rawBody).toString('utf8'))
  const { pathname, search } = new URL(c.req.url)
  const url = `${deps.agentReports.baseUrl}${pathname}${search}`
  const signature = c.req.header('x-twilio-signature')
  if (!verifyTwilioSignature({ authToken, url, signature, ...(isJson ? { rawBody } : { params }) })) {
    const detail =
      `X-Twilio-Signature is not that of this request at ${url}. ` +
      'Compare PUBLIC_URL and TWILIO_AUTH_TOKEN with the address and the account at Twilio.'
    return problem(401, { code: 'webhook_refused', detail })
  }
  const parsed = schema.safeParse(isJson ? parseJson(rawBody) : Object.fromEntries(params))
  return parsed.success ? parsed.data : wrongFields(parsed.error)
}

function parseJson(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(rawBody).toString('utf8'))
  } catch {
    return undefined
  }
}
