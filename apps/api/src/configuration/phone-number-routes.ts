import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { phoneNumberInput, phoneNumberPatch } from '@outdial/dialing/trunks/phone-number-input'
import {
  assignPhoneNumber,
  changePhoneNumber,
  listPhoneNumbers,
  readPhoneNumber,
  releasePhoneNumber,
} from '@outdial/dialing/trunks/phone-numbers'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'

const phoneNumberAnswer = z
  .object({
    id: z.uuid(),
    phoneNumber: z.string(),
    ...phoneNumberPatch.omit({ inbound: true }).required().shape,
    trunkId: z.uuid().nullable().openapi({ description: 'The outbound trunk; null for a number that is only called.' }),
    livekitInboundTrunkId: z.string(),
    livekitDispatchRuleId: z
      .string()
      .nullable()
      .openapi({ description: 'Null where the inbound trunk was not made here.' }),
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .openapi('PhoneNumber')

const about = { tags: ['Phone numbers'], security }

const list = createRoute({
  method: 'get',
  path: '/phone-numbers',
  ...about,
  operationId: 'listPhoneNumbers',
  summary: 'List the numbers that people call, newest first',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of numbers.', pageOf(phoneNumberAnswer)), ...problems() },
})

const assign = createRoute({
  method: 'post',
  path: '/phone-numbers',
  ...about,
  operationId: 'assignPhoneNumber',
  summary: 'Assign a number to an assistant',
  description:
    'Makes the inbound trunk and the dispatch rule on LiveKit, which give every call a room named `inbound-…`; with ' +
    '`trunk` the outbound trunk as well. An assistant without a trunk then calls out on that one.',
  request: { headers: repeatable, body: jsonBody(phoneNumberInput) },
  responses: { 201: jsonAnswer('The number.', phoneNumberAnswer), ...problems(409, 413, 415, 422, 503) },
})

const read = createRoute({
  method: 'get',
  path: '/phone-numbers/{id}',
  ...about,
  operationId: 'readPhoneNumber',
  summary: 'Read a number',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The number.', phoneNumberAnswer), ...problems(404) },
})

const patch = createRoute({
  method: 'patch',
  path: '/phone-numbers/{id}',
  ...about,
  operationId: 'changePhoneNumber',
  summary: 'Give a number to another assistant, or let others answer',
  description: 'What is left out stays. Calls that come in from now on are answered so.',
  request: { params: idPath, body: jsonBody(phoneNumberPatch) },
  responses: { 200: jsonAnswer('The number.', phoneNumberAnswer), ...problems(404, 409, 413, 415, 422, 503) },
})

const release = createRoute({
  method: 'delete',
  path: '/phone-numbers/{id}',
  ...about,
  operationId: 'releasePhoneNumber',
  summary: 'Take a number from its assistant',
  description: 'Deletes the inbound trunk and the rule on LiveKit. The outbound trunk stays.',
  request: { params: idPath },
  responses: { 204: { description: 'Nobody can call it any more.' }, ...problems(404, 503) },
})

/** Numbers that people call, and who answers there. */
export function phoneNumberRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listPhoneNumbers(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(assign, async (c) => c.json(await assignPhoneNumber(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(read, async (c) => {
    const { id: phoneNumberId } = c.req.valid('param')
    return c.json(await readPhoneNumber(deps, c.var.who, { phoneNumberId }), 200)
  })
  app.openapi(patch, async (c) => {
    const { id: phoneNumberId } = c.req.valid('param')
    return c.json(await changePhoneNumber(deps, c.var.who, { phoneNumberId, changes: c.req.valid('json') }), 200)
  })
  app.openapi(release, async (c) => {
    await releasePhoneNumber(deps, c.var.who, { phoneNumberId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}
