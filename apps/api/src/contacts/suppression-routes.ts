import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  addSuppression,
  addSuppressions,
  listSuppressions,
  readSuppression,
  removeSuppression,
  suppressionInput,
  suppressionsInput,
} from '@outdial/dialing/contacts/suppressions'
import { importSuppressions, suppressionsAsCsv, suppressionsCsvInput } from '@outdial/dialing/contacts/suppressions-csv'
import type { Context } from 'hono'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { sendCsv, wantsCsv } from '../http/send-csv.ts'
import { parseOrRefuse } from '../http/validation.ts'

const suppressionAnswer = z
  .object({
    id: z.uuid(),
    phoneNumber: z.string(),
    reason: z.string(),
    source: z.string().openapi({ description: '`api`, `import`, or `call` where the person asked in a call.' }),
    callId: z.uuid().nullable(),
    createdAt: z.date(),
  })
  .openapi('Suppression')

const addedAnswer = z
  .object({
    added: z.int(),
    known: z.int().openapi({ description: 'Forbidden before, or named twice.' }),
    invalid: z.array(z.object({ index: z.int(), code: z.string(), reason: z.string() })),
  })
  .openapi('AddedSuppressions')

const importedAnswer = z
  .object({
    rows: z.int(),
    added: z.int(),
    known: z.int(),
    invalid: z.int(),
    rejects: z
      .array(z.object({ line: z.int(), code: z.string(), reason: z.string(), value: z.string() }))
      .openapi({ description: 'The first thousand of the invalid ones.' }),
  })
  .openapi('ImportedSuppressions')

/** One number or many. */
const addInput = suppressionsInput
  .partial({ phoneNumbers: true })
  .extend({ phoneNumber: suppressionInput.shape.phoneNumber.optional() })
  .refine(({ phoneNumber, phoneNumbers }) => (phoneNumber === undefined) !== (phoneNumbers === undefined), {
    path: ['phoneNumber'],
    error: 'give either phoneNumber or phoneNumbers',
  })

const csvQuery = suppressionsCsvInput.partial()

const about = { tags: ['Suppressions'], security }

const list = createRoute({
  method: 'get',
  path: '/suppressions',
  ...about,
  operationId: 'listSuppressions',
  summary: 'List suppressed numbers, or download all of them as CSV',
  description: 'CSV with `format=csv` or `Accept: text/csv`: all numbers, oldest first, without pages.',
  request: { query: pageQuery.extend({ format: z.enum(['json', 'csv']).optional() }) },
  responses: {
    200: {
      description: 'One page of suppressions, newest first; or all of them as CSV.',
      content: { 'application/json': { schema: pageOf(suppressionAnswer) }, 'text/csv': { schema: z.string() } },
    },
    ...problems(),
  },
})

const add = createRoute({
  method: 'post',
  path: '/suppressions',
  ...about,
  operationId: 'addSuppressions',
  summary: 'Suppress one number, many, or those of a CSV file',
  description:
    'From this moment on nobody calls them, also in calls that wait to be dialed. `phoneNumber` for one, ' +
    '`phoneNumbers` for up to 10,000, or a body of `text/csv` of any size with its options in the query.',
  request: {
    headers: repeatable,
    query: csvQuery,
    body: {
      required: false,
      content: { 'application/json': { schema: addInput }, 'text/csv': { schema: z.string() } },
    },
  },
  responses: {
    200: jsonAnswer('What became of the numbers.', z.union([addedAnswer, importedAnswer])),
    201: jsonAnswer('The suppression, for a single number.', suppressionAnswer),
    ...problems(409, 413, 415, 422),
  },
})

const read = createRoute({
  method: 'get',
  path: '/suppressions/{id}',
  ...about,
  operationId: 'readSuppression',
  summary: 'Read a suppression',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The suppression.', suppressionAnswer), ...problems(404) },
})

const remove = createRoute({
  method: 'delete',
  path: '/suppressions/{id}',
  ...about,
  operationId: 'deleteSuppression',
  summary: 'Allow a number again',
  description: 'Only if the person agreed to it. The audit log keeps who did so.',
  request: { params: idPath },
  responses: { 204: { description: 'The number may be called again.' }, ...problems(404) },
})

/** Numbers that must not be called. */
export function suppressionRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => {
    const { format, ...page } = c.req.valid('query')
    if (wantsCsv(c, format))
      return sendCsv(c, { lines: suppressionsAsCsv(deps, c.var.who), fileName: 'suppressions.csv' })
    return c.json(await listSuppressions(deps, c.var.who, page), 200)
  })
  app.openapi(add, async (c) => {
    if (/^text\/csv\b/i.test(c.req.header('content-type') ?? '')) {
      const input = { ...parseOrRefuse(suppressionsCsvInput, c.req.valid('query')), stream: bodyOf(c) }
      return c.json(await importSuppressions(deps, c.var.who, input), 200)
    }
    // Without a content type nothing was validated yet.
    const { phoneNumber, phoneNumbers, ...rest } = parseOrRefuse(addInput, c.req.valid('json'))
    if (phoneNumbers) return c.json(await addSuppressions(deps, c.var.who, { phoneNumbers, ...rest }), 200)
    return c.json(await addSuppression(deps, c.var.who, { phoneNumber: phoneNumber ?? '', ...rest }), 201)
  })
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readSuppression(deps, c.var.who, { suppressionId: id }), 200)
  })
  app.openapi(remove, async (c) => {
    await removeSuppression(deps, c.var.who, { suppressionId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}

async function* bodyOf(c: Context): AsyncGenerator<Uint8Array> {
  if (c.req.raw.body) yield* c.req.raw.body
}
