import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auditLog } from '@outdial/database/schema/workspaces'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../api.ts'
import { type ApiWorld, type Client, idOf, jwtSecret, openApiWorld, send } from '../testing/api-world.ts'

let world: ApiWorld
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
  client = await world.openClient()
})
afterAll(() => world.close())

const secret = new TextEncoder().encode(jwtSecret)

function token(
  claims: Record<string, unknown>,
  options: { expires?: string; algorithm?: string; key?: Uint8Array } = {},
) {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: options.algorithm ?? 'HS256' })
  if (options.expires !== '') jwt.setExpirationTime(options.expires ?? '5m')
  return jwt.sign(options.key ?? secret)
}

const readWith = (headers: Record<string, string>) => send(world.app, '/api/v1/workspace', { headers })

describe('an API key', () => {
  it.each([
    ['x-api-key', (key: string) => ({ 'x-api-key': key })],
    ['Authorization', (key: string) => ({ authorization: `Bearer ${key}` })],
  ])('opens its workspace from the header %s', async (_, headers) => {
    expect(await readWith(headers(client.apiKey))).toMatchObject({ status: 200, body: { id: client.workspaceId } })
  })

  it('opens nothing once it is revoked', async () => {
    const made = await client.send('POST', '/api-keys', { json: { name: 'Short-lived' } })
    const headers = { 'x-api-key': String(made.body.secret) }
    expect((await readWith(headers)).status).toBe(200)
    expect((await client.send('DELETE', `/api-keys/${idOf(made)}`)).status).toBe(204)
    expect(await readWith(headers)).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } })
    expect((await client.send('DELETE', `/api-keys/${idOf(made)}`)).status).toBe(404)
  })

  it('is shown once, and its use is noted', async () => {
    const list = await client.send('GET', '/api-keys')
    expect(list.text).not.toContain(client.apiKey)
    expect(list.body.data).toContainEqual(
      expect.objectContaining({ prefix: client.apiKey.slice(0, 10), lastUsedAt: world.clock.at.toISOString() }),
    )
  })

  it.each(['odk_unknown', 'x', '💥', "' or 1=1"])('that is not known is refused: %j', async (key) => {
    const answer = await readWith({ 'x-api-key': encodeURI(key) })
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
  })
})

describe('a token', () => {
  it('opens the workspace that it names', async () => {
    const bearer = await token({ sub: 'ann', workspace_id: client.workspaceId })
    expect((await readWith({ authorization: `Bearer ${bearer}` })).body).toMatchObject({ id: client.workspaceId })
  })

  it('is who did it in the audit log', async () => {
    const bearer = await token({ sub: 'ann', workspace_id: client.workspaceId })
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    const made = await send(world.app, '/api/v1/contact-lists', { method: 'POST', body: '{"name":"A"}', headers })
    const rows = await world.db.select().from(auditLog)
    expect(rows.find((row) => row.entityId === made.body.id)).toMatchObject({ actor: 'user:ann' })
  })

  it.each([
    ['without an end', { claims: {}, options: { expires: '' } }],
    ['that has expired', { claims: {}, options: { expires: '-1h' } }],
    ['signed with another secret', { claims: {}, options: { key: new TextEncoder().encode('x'.repeat(40)) } }],
    ['of another algorithm', { claims: {}, options: { algorithm: 'HS512' } }],
    ['without a subject', { claims: { sub: undefined }, options: {} }],
    ['without a workspace', { claims: { workspace_id: undefined }, options: {} }],
    ['for a workspace that is no UUID', { claims: { workspace_id: 'x' }, options: {} }],
    ['for a workspace that is not there', { claims: { workspace_id: crypto.randomUUID() }, options: {} }],
  ])('%s is refused', async (_, { claims, options }) => {
    const bearer = await token({ sub: 'ann', workspace_id: client.workspaceId, ...claims }, options)
    const answer = await readWith({ authorization: `Bearer ${bearer}` })
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } })
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('without a signature is refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { sub: 'ann', workspace_id: client.workspaceId, exp: 4_000_000_000 }
    const bearer = `${part({ alg: 'none' })}.${part(claims)}.x`
    expect((await readWith({ authorization: `Bearer ${bearer}` })).status).toBe(401)
  })
})

it.each<Record<string, string>>([
  {},
  { authorization: 'Basic YTpi' },
  { authorization: 'Bearer' },
  { 'x-api-key': ' ' },
])('without credentials the answer says what to send: %j', async (headers) => {
  expect(await readWith(headers)).toMatchObject({ status: 401, body: { code: 'no_credentials' } })
})

describe('JWKS_URL', () => {
  it('takes tokens of the keys that are published there, and no others', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
    const stranger = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }
    const server = createServer((_, answer) => answer.end(JSON.stringify({ keys: [jwk] }))).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
      const app = createApi({ deps: world.apiDeps, clock: { now: () => world.clock.at }, auth: { jwksUrl } })
      const read = async (key: CryptoKey) => {
        const bearer = await new SignJWT({ sub: 'ann', workspace_id: client.workspaceId })
          .setProtectedHeader({ alg: 'RS256', kid: 'one' })
          .setExpirationTime('5m')
          .sign(key)
        return send(app, '/api/v1/workspace', { headers: { authorization: `Bearer ${bearer}` } })
      }
      expect((await read(privateKey)).status).toBe(200)
      expect((await read(stranger.privateKey)).status).toBe(401)
      const shared = await token({ sub: 'ann', workspace_id: client.workspaceId })
      const answer = await send(app, '/api/v1/workspace', { headers: { authorization: `Bearer ${shared}` } })
      expect(answer.status).toBe(401)
    } finally {
      server.close()
    }
  })
})

it('takes API keys only where tokens are not set up', async () => {
  const app = createApi({ deps: world.apiDeps, clock: { now: () => world.clock.at }, auth: {} })
  const bearer = await token({ sub: 'ann', workspace_id: client.workspaceId })
  const answer = await send(app, '/api/v1/workspace', { headers: { authorization: `Bearer ${bearer}` } })
  expect(answer).toMatchObject({ status: 401, body: { detail: expect.stringContaining('API keys only') } })
})
