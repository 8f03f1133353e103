import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from '../context.ts'
import { invalidRequest, Problem } from './problem.ts'
import { unusableText } from './read-json.ts'

/** Refuses addresses with text that PostgreSQL cannot store, naming the parameter. */
export const readQuery: MiddlewareHandler<ApiEnv> = async (c, next) => {
  for (const [field, values] of Object.entries(c.req.queries())) {
    const why = [field, ...values].map(unusableText).find((reason) => reason !== undefined)
    if (why)
      throw invalidRequest([{ field: unusableText(field) ? 'query' : field, code: 'invalid_text', message: why }])
  }
  if (unusableText(c.req.path)) throw new Problem(404, 'not_found', { detail: 'There is nothing at this address.' })
  return next()
}
