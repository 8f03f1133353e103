import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { carrierInput, trunkInput, trunkPatch, withProfile } from '@outdial/dialing/trunks/trunk-input'
import { archiveTrunk, changeTrunk, createTrunk, listTrunks, readTrunk } from '@outdial/dialing/trunks/trunks'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'

export const trunkAnswer = z
  .object({
    id: z.uuid(),
    ...trunkPatch.omit({ livekit: true }).required().shape,
    livekit: carrierInput
      .omit({ authPassword: true })
      .required()
      .extend({ hasPassword: z.boolean() })
      .nullable()
      .openapi({ description: 'What LiveKit was told of the carrier; null for a trunk that was not made here.' }),
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .openapi('Trunk')

const about = { tags: ['Trunks'], security }

const list = createRoute({
  method: 'get',
  path: '/trunks',
  ...about,
  operationId: 'listTrunks',
  summary: 'List trunks, newest first',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of trunks.', pageOf(trunkAnswer)), ...problems() },
})

const create = createRoute({
  method: 'post',
  path: '/trunks',
  ...about,
  operationId: 'createTrunk',
  summary: 'Create a trunk',
  description:
    'With `livekit` the outbound trunk is made on LiveKit, with `livekitTrunkId` it stands for one that is there. ' +
    'Transport, address, number format and calls per second come from the profile of `provider` where nothing is said.',
  request: { headers: repeatable, body: jsonBody(trunkInput) },
  responses: { 201: jsonAnswer('The new trunk.', trunkAnswer), ...problems(409, 413, 415, 422, 503) },
})

const read = createRoute({
  method: 'get',
  path: '/trunks/{id}',
  ...about,
  operationId: 'readTrunk',
  summary: 'Read a trunk',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The trunk.', trunkAnswer), ...problems(404) },
})

const replace = createRoute({
  method: 'put',
  path: '/trunks/{id}',
  ...about,
  operationId: 'replaceTrunk',
  summary: 'Replace all settings of a trunk',
  description: 'What is left out takes its default; a password that is left out stays.',
  request: { params: idPath, body: jsonBody(trunkInput) },
  responses: { 200: jsonAnswer('The changed trunk.', trunkAnswer), ...problems(404, 409, 413, 415, 422, 503) },
})

const patch = createRoute({
  method: 'patch',
  path: '/trunks/{id}',
  ...about,
  operationId: 'changeTrunk',
  summary: 'Change some settings of a trunk',
  description: 'What is left out stays.',
  request: { params: idPath, body: jsonBody(trunkPatch) },
  responses: { 200: jsonAnswer('The changed trunk.', trunkAnswer), ...problems(404, 409, 413, 415, 422, 503) },
})

const remove = createRoute({
  method: 'delete',
  path: '/trunks/{id}',
  ...about,
  operationId: 'deleteTrunk',
  summary: 'Delete a trunk',
  description:
    'Campaigns on it have to be stopped first, and its phone numbers deleted. On LiveKit it is deleted if it was made ' +
    'here; else it stays there.',
  request: { params: idPath },
  responses: { 204: { description: 'It is gone.' }, ...problems(404, 409, 503) },
})

/** Trunks: the way out to the telephone network, with its limits. */
export function trunkRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listTrunks(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(create, async (c) => c.json(await createTrunk(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readTrunk(deps, c.var.who, { trunkId: id }), 200)
  })
  app.openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeTrunk(deps, c.var.who, { trunkId: id, changes: withProfile(c.req.valid('json')) }), 200)
  })
  app.openapi(patch, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeTrunk(deps, c.var.who, { trunkId: id, changes: c.req.valid('json') }), 200)
  })
  app.openapi(remove, async (c) => {
    await archiveTrunk(deps, c.var.who, { trunkId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}
