import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  changeEndpoint,
  createEndpoint,
  endpointInput,
  endpointPatch,
  endpointSettings,
  listEndpoints,
  offReasons,
  readEndpoint,
  removeEndpoint,
  rotateSecret,
} from '@outdial/dialing/notices/endpoints'
import { redeliverFailed, redeliverFailedInput, testEndpoint } from '@outdial/dialing/notices/notices'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { noticeInFullAnswer } from './notice-answer.ts'

const endpointAnswer = z
  .object({
    id: z.uuid(),
    assistantId: z
      .uuid()
      .nullable()
      .openapi({ description: 'Whose end-call URL it is; null for an endpoint of the workspace.' }),
    ...endpointPatch.required().shape,
    failingSince: z.date().nullable().openapi({ description: 'It has taken nothing since. Null when all is well.' }),
    switchedOffAt: z.date().nullable(),
    switchedOffReason: z
      .enum(offReasons)
      .nullable()
      .openapi({ description: 'It failed for three days, it answered 410, or somebody wanted it so.' }),
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .openapi('NoticeEndpoint')

const secret = z.string().openapi({ description: 'Signs what is sent. It is shown here and never again.' })
const newEndpointAnswer = endpointAnswer.extend({ secret }).openapi('NewNoticeEndpoint')

const about = { tags: ['Notices'], security }

const list = createRoute({
  method: 'get',
  path: '/notice-endpoints',
  ...about,
  operationId: 'listNoticeEndpoints',
  summary: 'List notice endpoints, newest first',
  description: 'Also the end-call URLs of assistants, each with the `assistantId` it belongs to.',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of endpoints.', pageOf(endpointAnswer)), ...problems() },
})

const create = createRoute({
  method: 'post',
  path: '/notice-endpoints',
  ...about,
  operationId: 'createNoticeEndpoint',
  summary: 'Create a notice endpoint',
  request: { headers: repeatable, body: jsonBody(endpointInput) },
  responses: {
    201: jsonAnswer('The new endpoint with its secret.', newEndpointAnswer),
    ...problems(409, 413, 415, 422),
  },
})

const read = createRoute({
  method: 'get',
  path: '/notice-endpoints/{id}',
  ...about,
  operationId: 'readNoticeEndpoint',
  summary: 'Read a notice endpoint',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The endpoint.', endpointAnswer), ...problems(404) },
})

const replace = createRoute({
  method: 'put',
  path: '/notice-endpoints/{id}',
  ...about,
  operationId: 'replaceNoticeEndpoint',
  summary: 'Replace all settings of a notice endpoint',
  description: 'What is left out takes its default. The secret stays.',
  request: { params: idPath, body: jsonBody(endpointSettings) },
  responses: { 200: jsonAnswer('The changed endpoint.', endpointAnswer), ...problems(404, 409, 413, 415, 422) },
})

const patch = createRoute({
  method: 'patch',
  path: '/notice-endpoints/{id}',
  ...about,
  operationId: 'changeNoticeEndpoint',
  summary: 'Change some settings of a notice endpoint',
  description:
    'What is left out stays. `active: true` switches on again what was switched off for failing. Address and events ' +
    'of an end-call URL follow its assistant.',
  request: { params: idPath, body: jsonBody(endpointPatch) },
  responses: { 200: jsonAnswer('The changed endpoint.', endpointAnswer), ...problems(404, 409, 413, 415, 422) },
})

const remove = createRoute({
  method: 'delete',
  path: '/notice-endpoints/{id}',
  ...about,
  operationId: 'deleteNoticeEndpoint',
  summary: 'Delete a notice endpoint',
  description: 'What is on its way to it is given up.',
  request: { params: idPath },
  responses: { 204: { description: 'It is told nothing more.' }, ...problems(404, 409) },
})

const rotate = createRoute({
  method: 'post',
  path: '/notice-endpoints/{id}/rotate-secret',
  ...about,
  operationId: 'rotateNoticeSecret',
  summary: 'Give a notice endpoint a new secret',
  description: 'For 24 hours the one before signs as well. Also the way to the secret of an end-call URL.',
  request: { params: idPath, headers: repeatable },
  responses: { 200: jsonAnswer('The endpoint with its new secret.', newEndpointAnswer), ...problems(404, 409) },
})

const test = createRoute({
  method: 'post',
  path: '/notice-endpoints/{id}/test',
  ...about,
  operationId: 'testNoticeEndpoint',
  summary: 'Send a test to a notice endpoint',
  description: 'A notice `notice.test`, whatever events it wants. Read the notice again to see what became of it.',
  request: { params: idPath, headers: repeatable },
  responses: { 202: jsonAnswer('The notice, on its way.', noticeInFullAnswer), ...problems(404, 409) },
})

const redeliver = createRoute({
  method: 'post',
  path: '/notice-endpoints/{id}/redeliver',
  ...about,
  operationId: 'redeliverFailedNotices',
  summary: 'Send an endpoint again what it did not get',
  description: 'Every delivery to it that was given up is tried again, with the ids the notices had.',
  request: { params: idPath, headers: repeatable, body: jsonBody(redeliverFailedInput, { required: false }) },
  responses: {
    202: jsonAnswer('How many are on their way again.', z.object({ redelivered: z.int() })),
    ...problems(404, 409, 413, 415),
  },
})

/** Where the workspace is told what happens. */
export function noticeEndpointRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listEndpoints(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(create, async (c) => {
    c.set('hasSecret', true)
    return c.json(await createEndpoint(deps, c.var.who, c.req.valid('json')), 201)
  })
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readEndpoint(deps, c.var.who, { endpointId: id }), 200)
  })
  app.openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeEndpoint(deps, c.var.who, { endpointId: id, changes: c.req.valid('json') }), 200)
  })
  app.openapi(patch, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeEndpoint(deps, c.var.who, { endpointId: id, changes: c.req.valid('json') }), 200)
  })
  app.openapi(remove, async (c) => {
    await removeEndpoint(deps, c.var.who, { endpointId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  app.openapi(rotate, async (c) => {
    c.set('hasSecret', true)
    return c.json(await rotateSecret(deps, c.var.who, { endpointId: c.req.valid('param').id }), 200)
  })
  app.openapi(test, async (c) => {
    return c.json(await testEndpoint(deps, c.var.who, { endpointId: c.req.valid('param').id }), 202)
  })
  app.openapi(redeliver, async (c) => {
    const { since } = c.req.valid('json')
    return c.json(await redeliverFailed(deps, c.var.who, { endpointId: c.req.valid('param').id, since }), 202)
  })
  return app
}
