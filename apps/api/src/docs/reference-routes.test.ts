import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ApiWorld, addressOf, type Client, openApiWorld, send } from '../testing/api-world.ts'
import { describedRoutes } from '../testing/described-routes.ts'
import { type Seeded, seedWorkspace } from '../testing/seed-workspace.ts'

type Schema = Record<string, unknown>
type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security: unknown[]
  parameters?: { name: string; in: string }[]
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
}

let world: ApiWorld
let client: Client
let seeded: Seeded
let paths: Record<string, Record<string, Operation>>
let components: Record<string, Schema>
let text: string

beforeAll(async () => {
  world = await openApiWorld({ publicUrl: 'https://dialer.example.com' })
  client = await world.openClient()
  seeded = await seedWorkspace(world, client)
  const document = await send(world.app, '/openapi.json')
  text = document.text
  paths = document.body.paths as typeof paths
  components = (document.body.components as { schemas: typeof components }).schemas
})
afterAll(() => world.close())

const operations = () => Object.values(paths).flatMap((methods) => Object.values(methods))

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1 and needs no key', () => {
    expect(JSON.parse(text)).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Outdial' },
      servers: [{ url: '/' }, { url: 'https://dialer.example.com' }],
      components: { securitySchemes: { apiKey: { type: 'apiKey' }, bearer: { type: 'http' } } },
    })
  })

  it('describes every route that is served below /api and /call', () => {
    const served = world.app.routes
      .filter(({ method, path }) => method !== 'ALL' && /^\/(api|call)\//.test(path) && !path.includes('*'))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.toSorted()).toEqual([...new Set(served)].toSorted())
  })

  it('says of every route what it is called, does, and answers', () => {
    const names = operations().map((operation) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    const tags = (JSON.parse(text) as { tags: { name: string }[] }).tags.map((tag) => tag.name)
    for (const operation of operations()) {
      expect(operation.summary.length, operation.operationId).toBeGreaterThan(8)
      expect(tags).toContain(operation.tags[0])
      const isCallback = operation.tags.includes('Callbacks')
      expect(operation.security.length).toBeLessThanOrEqual(isCallback ? 1 : 2)
      if (!isCallback) expect(operation.security).toHaveLength(2)
      const errors = isCallback ? ['400', '413', '421'] : ['400', '401', '429']
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(errors))
      for (const response of Object.values(operation.responses)) expect(response.description).not.toBe('')
    }
  })

  it('refers to nothing that is not there, and names every parameter of a path', () => {
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(components).toHaveProperty(name ?? '')
    }
    for (const [path, methods] of Object.entries(paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const { parameters = [] } of Object.values(methods)) {
        const given = parameters.filter((each) => each.in === 'path').map((each) => each.name)
        expect(given, path).toEqual(wanted)
      }
    }
  })

  it('takes an Idempotency-Key wherever something is created or dialed', () => {
    const without = Object.entries(paths)
      .filter(([, { post }]) => post && !post.tags.includes('Callbacks'))
      .filter(([, { post }]) => !post?.parameters?.some((each) => each.name === 'idempotency-key'))
      .map(([path]) => path)
    expect(without).toEqual(['/api/v1/campaigns/{id}/preview'])
  })
})

describe('answers', () => {
  const readable = describedRoutes().filter(
    ({ method, path }) => (method === 'GET' && !/events|rejects/.test(path)) || path.endsWith('/preview'),
  )
  it.each(readable)('of $method $path have exactly the fields that the document says', async ({ method, path }) => {
    const answer = await client.send(method, seeded.addressOf(path))
    expect(answer.status).toBe(200)
    check(answer.body, schemaOf(path, { method, status: 200 }))
  })

  it.each([
    '/campaigns',
    '/contact-lists',
    '/suppressions',
    '/api-keys',
    '/assistants',
    '/trunks',
    '/notice-endpoints',
  ])('of POST %s as well', async (path) => {
    const json = { ...seeded.inputFor(path), ...(path === '/suppressions' && { phoneNumber: '+14155550177' }) }
    const answer = await client.send('POST', path, { json })
    expect(answer.status).toBe(201)
    check(answer.body, schemaOf(path, { method: 'POST', status: 201 }))
  })

  it('that are errors as well', async () => {
    const answer = await client.send('POST', '/campaigns', { json: {} })
    check(answer.body, schemaOf('/campaigns', { method: 'POST', status: 400 }))
  })
})

describe('GET /docs', () => {
  it('is a page whose script comes from this server', async () => {
    const page = await send(world.app, '/docs')
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).toContain('src="/docs/scalar.js"')
    expect(page.text).not.toMatch(/src="https?:/)
    const script = await send(world.app, '/docs/scalar.js')
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect(script.text.length).toBeGreaterThan(1_000_000)
  })

  it('is pointed to by /', async () => {
    expect((await send(world.app, '/')).body).toMatchObject({ reference: '/docs', openapi: '/openapi.json' })
  })
})

function schemaOf(path: string, { method, status }: { method: string; status: number }): Schema {
  const content = paths[addressOf(path)]?.[method.toLowerCase()]?.responses[status]?.content
  const schema = content?.['application/json']?.schema ?? content?.['application/problem+json']?.schema
  if (!schema) throw new Error(`${method} ${path} describes no JSON for ${status}`)
  return schema
}

/** Also refuses fields that the document does not name. */
function check(value: unknown, schema: Schema): void {
  const closed = JSON.stringify({ ...schema, $defs: components })
    .replaceAll('#/components/schemas/', '#/$defs/')
    .replaceAll('"properties":{', '"additionalProperties":false,"properties":{')
  const parsed = z.fromJSONSchema(JSON.parse(closed)).safeParse(value)
  expect(parsed.error?.issues ?? []).toEqual([])
}
