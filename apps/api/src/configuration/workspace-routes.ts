import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { createApiKey, createApiKeyInput, listApiKeys, revokeApiKey } from '@outdial/dialing/workspaces/api-keys'
import { changeWorkspace, readWorkspace, workspacePatch } from '@outdial/dialing/workspaces/workspaces'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'

const workspaceAnswer = z
  .object({ id: z.uuid(), ...workspacePatch.required().shape, createdAt: z.date() })
  .openapi('Workspace')

const apiKeyAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().openapi({ description: 'The first characters, to tell keys apart.' }),
    createdAt: z.date(),
    lastUsedAt: z.date().nullable().openapi({ description: 'To the minute.' }),
  })
  .openapi('ApiKey')

const newApiKeyAnswer = apiKeyAnswer
  .extend({ secret: z.string().openapi({ description: 'The key itself. It is shown here and never again.' }) })
  .openapi('NewApiKey')

const about = { tags: ['Workspace'], security }

const read = createRoute({
  method: 'get',
  path: '/workspace',
  ...about,
  operationId: 'readWorkspace',
  summary: 'Read the workspace of the key or token',
  responses: { 200: jsonAnswer('The workspace.', workspaceAnswer), ...problems() },
})

const change = createRoute({
  method: 'patch',
  path: '/workspace',
  ...about,
  operationId: 'changeWorkspace',
  summary: 'Change some settings of the workspace',
  request: { body: jsonBody(workspacePatch) },
  responses: { 200: jsonAnswer('The workspace.', workspaceAnswer), ...problems(413, 415) },
})

const listKeys = createRoute({
  method: 'get',
  path: '/api-keys',
  ...about,
  operationId: 'listApiKeys',
  summary: 'List API keys, newest first',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of keys, without their secrets.', pageOf(apiKeyAnswer)), ...problems() },
})

const createKey = createRoute({
  method: 'post',
  path: '/api-keys',
  ...about,
  operationId: 'createApiKey',
  summary: 'Create an API key',
  request: { headers: repeatable, body: jsonBody(createApiKeyInput) },
  responses: { 201: jsonAnswer('The new key with its secret.', newApiKeyAnswer), ...problems(409, 413, 415) },
})

const revokeKey = createRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  ...about,
  operationId: 'revokeApiKey',
  summary: 'Revoke an API key',
  description: 'It opens nothing from now on, also where it is the key of this request.',
  request: { params: idPath },
  responses: { 204: { description: 'It is revoked.' }, ...problems(404) },
})

/** The tenant and who may act for it. */
export function workspaceRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(read, async (c) => c.json(await readWorkspace(deps, c.var.who), 200))
  app.openapi(change, async (c) => c.json(await changeWorkspace(deps, c.var.who, c.req.valid('json')), 200))
  app.openapi(listKeys, async (c) => c.json(await listApiKeys(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(createKey, async (c) => {
    c.set('hasSecret', true)
    return c.json(await createApiKey(deps, c.var.who, c.req.valid('json')), 201)
  })
  app.openapi(revokeKey, async (c) => {
    await revokeApiKey(deps, c.var.who, { apiKeyId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}
