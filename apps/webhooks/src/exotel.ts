import { createHash, timingSafeEqual } from 'node:crypto'
import { hearProvider } from '@outdial/dialing/calls/hear-provider'
import { exotelStatusForm, readExotelStatus } from '@outdial/telephony/exotel-status'
import type { Context, Handler } from 'hono'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

/** What Exotel tells of a call. It signs nothing: whoever knows the address is taken for Exotel. */
export function exotelStatusRoute({ deps, clock, providers }: WebhooksOptions): Handler {
  return async (c) => {
    // An address that is not the secret one is an address at which there is nothing.
    if (!providers?.exotelSecret || !isSame(c.req.param('secret') ?? '', providers.exotelSecret)) {
      return problem(404, { code: 'not_found', detail: 'There is nothing here. See /docs of the API.' })
    }
    const parsed = exotelStatusForm.safeParse(await readBody(c))
    if (!parsed.success) return wrongFields(parsed.error)
    const receivedAt = clock.now()
    const { signals: content, ...event } = readExotelStatus(parsed.data, receivedAt)
    if (content.length === 0) return c.json({ status: 'ignored' })
    return c.json({ status: await hearProvider(deps, { source: 'exotel', ...event, content, receivedAt }) })
  }
}

/** In constant time, and the length is not told either. */
function isSame(given: string, secret: string): boolean {
  const [a, b] = [given, secret].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

/** Multipart unless it is asked for another content type. What cannot be read has no fields. */
async function readBody(c: Context): Promise<unknown> {
  const isJson = /^application\/json\b/i.test(c.req.header('content-type') ?? '')
  try {
    return isJson ? await c.req.json() : await c.req.parseBody()
  } catch {
    return {}
  }
}
