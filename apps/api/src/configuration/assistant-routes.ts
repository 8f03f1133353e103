import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  archiveAssistant,
  assistantInput,
  assistantPatch,
  changeAssistant,
  createAssistant,
  listAssistants,
  readAssistant,
} from '@outdial/dialing/assistants/assistants'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'

const assistantAnswer = z
  .object({
    id: z.uuid(),
    ...assistantPatch.required().shape,
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .openapi('Assistant')

const about = { tags: ['Assistants'], security }

const list = createRoute({
  method: 'get',
  path: '/assistants',
  ...about,
  operationId: 'listAssistants',
  summary: 'List assistants, newest first',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of assistants.', pageOf(assistantAnswer)), ...problems() },
})

const create = createRoute({
  method: 'post',
  path: '/assistants',
  ...about,
  operationId: 'createAssistant',
  summary: 'Create an assistant',
  request: { headers: repeatable, body: jsonBody(assistantInput) },
  responses: { 201: jsonAnswer('The new assistant.', assistantAnswer), ...problems(409, 413, 415, 422) },
})

const read = createRoute({
  method: 'get',
  path: '/assistants/{id}',
  ...about,
  operationId: 'readAssistant',
  summary: 'Read an assistant',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The assistant.', assistantAnswer), ...problems(404) },
})

const replace = createRoute({
  method: 'put',
  path: '/assistants/{id}',
  ...about,
  operationId: 'replaceAssistant',
  summary: 'Replace all settings of an assistant',
  description: 'What is left out takes its default.',
  request: { params: idPath, body: jsonBody(assistantInput) },
  responses: { 200: jsonAnswer('The changed assistant.', assistantAnswer), ...problems(404, 409, 413, 415, 422) },
})

const patch = createRoute({
  method: 'patch',
  path: '/assistants/{id}',
  ...about,
  operationId: 'changeAssistant',
  summary: 'Change some settings of an assistant',
  description: 'What is left out stays.',
  request: { params: idPath, body: jsonBody(assistantPatch) },
  responses: { 200: jsonAnswer('The changed assistant.', assistantAnswer), ...problems(404, 409, 413, 415, 422) },
})

const remove = createRoute({
  method: 'delete',
  path: '/assistants/{id}',
  ...about,
  operationId: 'deleteAssistant',
  summary: 'Delete an assistant',
  description: 'Campaigns that use it have to be stopped first.',
  request: { params: idPath },
  responses: { 204: { description: 'It is gone.' }, ...problems(404, 409) },
})

/** Assistants: how the AI talks. */
export function assistantRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listAssistants(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(create, async (c) => c.json(await createAssistant(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readAssistant(deps, c.var.who, { assistantId: id }), 200)
  })
  app.openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeAssistant(deps, c.var.who, { assistantId: id, changes: c.req.valid('json') }), 200)
  })
  app.openapi(patch, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeAssistant(deps, c.var.who, { assistantId: id, changes: c.req.valid('json') }), 200)
  })
  app.openapi(remove, async (c) => {
    await archiveAssistant(deps, c.var.who, { assistantId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}
