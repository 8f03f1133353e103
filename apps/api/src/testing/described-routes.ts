/** The routes as the OpenAPI document describes them, but for those that another role serves. */
import { createApi } from '../api.ts'
import { callbackTag } from '../docs/callback-routes.ts'

export type Route = {
  method: string
  /** Below /api/v1, with `{id}`; whole where it is not below. */
  path: string
  hasJsonBody: boolean
  /** Names of the body's fields. */
  fields: string[]
  /** Names of the query's parameters. */
  query: string[]
}

export function describedRoutes(): Route[] {
  const nothing = {} as Parameters<typeof createApi>[0]['deps']
  const app = createApi({ deps: nothing, clock: { now: () => new Date(0) }, auth: {} })
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Test', version: '1' } })
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .filter(([, operation]) => !operation.tags?.includes(callbackTag.name))
      .map(([method, operation]) => describe(path, { method, operation })),
  )
}

type Operation = {
  tags?: string[]
  requestBody?: { content?: Record<string, { schema?: { properties?: object } }> }
  parameters?: { name: string; in: string }[]
}

function describe(path: string, { method, operation }: { method: string; operation: Operation }): Route {
  const body = operation.requestBody?.content?.['application/json']?.schema
  return {
    method: method.toUpperCase(),
    path: path.replace(/^\/api\/v1/, ''),
    hasJsonBody: body !== undefined,
    fields: Object.keys(body?.properties ?? {}),
    query: (operation.parameters ?? []).filter((each) => each.in === 'query').map((each) => each.name),
  }
}
