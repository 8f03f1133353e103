import { connect } from '@outdial/database/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../api.ts'
import { type ApiWorld, type Client, idOf, openApiWorld, send } from '../testing/api-world.ts'

let world: ApiWorld
let client: Client

beforeAll(async () => {
  world = await openApiWorld({ requestsPerMinute: 50 })
  client = await world.openClient()
})
afterAll(() => world.close())

const json = { 'content-type': 'application/json' }

describe('addresses', () => {
  it('that are not there answer 404', async () => {
    expect(await client.send('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 'unknown_route' } })
    expect(await send(world.app, '/nothing')).toMatchObject({ status: 404, body: { code: 'unknown_route' } })
  })

  it('that do not take the method answer 405 and say which they take', async () => {
    const answer = await client.send('PUT', '/campaigns')
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
    expect(answer.headers.get('allow')).toBe('GET, POST')
  })
})

describe('bodies', () => {
  it('of another content type answer 415', async () => {
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }]) {
      const answer = await client.send('POST', '/contact-lists', { body: '{"name":"A"}', headers })
      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    }
  })

  it('above 10 MB answer 413, however they come', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(11 * 1024 * 1024) })
    const sized = { ...json, 'content-length': String(body.length) }
    for (const headers of [json, sized]) {
      const answer = await client.send('POST', '/contact-lists', { body, headers })
      expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    }
  })

  it('that are announced and cannot be there, as some clients do, are no matter', async () => {
    expect((await client.send('GET', '/workspace', { headers: json })).status).toBe(200)
  })

  it('that are missing name the fields that are required', async () => {
    const answer = await client.send('POST', '/campaigns')
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toContainEqual({ field: 'name', code: 'required', message: 'is required' })
  })

  it('that announce JSON and are empty count as empty objects', async () => {
    expect((await client.send('POST', '/contact-lists', { body: '', headers: json })).body).toMatchObject({
      errors: [{ field: 'name', code: 'required' }],
    })
  })

  it.each([
    ['{"name":"a\\u0000b"}', 'name', 'invalid_text'],
    ['{"name":"\\ud800"}', 'name', 'invalid_text'],
    ['{"name":1e999}', 'name', 'too_big'],
    ['{"__proto__":{"name":"A"}}', '__proto__', 'invalid_key'],
    ['{"name":', 'body', 'malformed_json'],
    [`{"name":${'['.repeat(40)}${']'.repeat(40)}}`, `name${'.0'.repeat(31)}`, 'too_deep'],
    [`{"name":[${'0,'.repeat(30_000)}0]}`, 'name', 'too_big'],
    ['{"name":"A","colour":"red"}', 'colour', 'unknown_field'],
    ['{"name":7}', 'name', 'invalid_type'],
    ['[]', 'body', 'invalid_type'],
  ])('like %s are refused by name', async (body, field, code) => {
    const answer = await client.send('POST', '/contact-lists', { body, headers: json })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field, code }] } })
  })

  it('with more mistakes than anybody reads name the first hundred', async () => {
    const contacts = Array.from({ length: 5_000 }, () => 7)
    const list = await client.send('POST', '/contact-lists', { json: { name: 'A' } })
    const answer = await client.send('POST', `/contact-lists/${idOf(list)}/contacts`, { json: { contacts } })
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toHaveLength(100)
  })
})

describe('every answer', () => {
  it('has an id, the caller’s own where it is harmless', async () => {
    const given = await client.send('GET', '/workspace', { headers: { 'x-request-id': 'my-request-1' } })
    expect(given.headers.get('x-request-id')).toBe('my-request-1')
    const replaced = await client.send('GET', '/nothing', { headers: { 'x-request-id': '<script>' } })
    expect(replaced.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    expect(replaced.body.requestId).toBe(replaced.headers.get('x-request-id'))
  })

  it('keeps browsers from guessing and framing, and lets no other origin in', async () => {
    const { headers } = await client.send('GET', '/workspace', { headers: { origin: 'https://evil.example' } })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(headers.has('access-control-allow-origin')).toBe(false)
  })
})

describe('what nobody foresaw', () => {
  it('is a 500 without a word of the cause, which is in the log under the same id', async () => {
    const errors: object[] = []
    const log = { info: () => {}, warn: () => {}, error: (fields: object) => void errors.push(fields) }
    const deps = { ...world.apiDeps, log }
    const broken = { now: () => new Date(Number.NaN) }
    const app = createApi({ deps, clock: broken, auth: {} })
    const headers = { ...json, 'x-api-key': client.apiKey }
    const answer = await send(app, '/api/v1/contact-lists', { method: 'POST', body: '{"name":"A"}', headers })
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } })
    expect(answer.text).not.toMatch(/RangeError|Invalid|\.ts/)
    expect(errors).toEqual([expect.objectContaining({ requestId: answer.body.requestId, err: expect.anything() })])
  })

  it('is a 503 where the database is away', async () => {
    const gone = connect({ url: 'postgres://nobody@127.0.0.1:9/nothing', role: 'api', maxConnections: 1 })
    const deps = { ...world.apiDeps, db: gone.db }
    const app = createApi({ deps, clock: { now: () => world.clock.at }, auth: {} })
    const answer = await send(app, '/api/v1/workspace', { headers: { 'x-api-key': client.apiKey } })
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    await gone.close()
  })
})

describe('the rate limit', () => {
  it('counts per key, says what is left, and refuses with the time to come back', async () => {
    const [busy, other] = [await world.openClient(), await world.openClient()]
    const first = await busy.send('GET', '/workspace')
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=50;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"default";r=49;t=\d+$/)
    for (let i = 1; i < 50; i++) await busy.send('GET', '/workspace')
    const refused = await busy.send('GET', '/workspace')
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await other.send('GET', '/workspace')).status).toBe(200)
  })
})
