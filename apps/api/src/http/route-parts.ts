import { z } from '@hono/zod-openapi'
import { pageInput } from '@outdial/dialing/page'
import { problemSchema } from './problem.ts'

/** One of the two is needed below /api/v1. */
export const security: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }]

export const idPath = z.object({ id: z.uuid() })

/** Strict, so that a misspelt filter does not answer with everything. */
export const pageQuery = z.strictObject({
  limit: pageInput.shape.limit.meta({ description: 'How many entries at most, 1 to 200.' }),
  cursor: pageInput.shape.cursor.meta({ description: '`nextCursor` of the page before.' }),
})

/** For every POST that creates or dials. */
export const repeatable = z.object({
  'idempotency-key': z.string().optional().openapi({
    description: 'A repeat with the same key and body within 24 hours gets the same answer and does nothing twice.',
  }),
})

export function jsonBody<Schema extends z.ZodType>(
  schema: Schema,
  options: { required: boolean } = { required: true },
) {
  return { ...options, content: { 'application/json': { schema } } }
}

export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } }
}

export function pageOf<Schema extends z.ZodType>(schema: Schema) {
  return z.object({
    data: z.array(schema),
    nextCursor: z.string().nullable().openapi({ description: 'Null on the last page.' }),
  })
}

/** The errors that a route can answer with, for the document; the code throws them. */
export function problems(...statuses: (keyof typeof meanings)[]): Record<never, never> {
  const all = [...new Set([400, 401, 429, ...statuses] as const)].toSorted((a, b) => a - b)
  return Object.fromEntries(
    all.map((status) => [
      status,
      { description: meanings[status], content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  )
}

const meanings = {
  400: 'The request does not fit; `errors` names each wrong field.',
  401: 'Neither a valid API key nor a valid token was sent.',
  404: 'There is nothing with this id in the workspace.',
  409: 'The state of things does not allow it now.',
  413: 'The body is too large.',
  415: 'The content type is not one of those described.',
  422: 'The request reads well but cannot be carried out; `errors` says why.',
  429: 'Too many requests; `Retry-After` says when to come back.',
  500: 'Something went wrong that the client cannot mend.',
  503: 'LiveKit or the database does not answer at the moment; `Retry-After` says when to come back.',
}
