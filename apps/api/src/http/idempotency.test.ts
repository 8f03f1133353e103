import { calls } from '@outdial/database/schema/calls'
import { contactLists } from '@outdial/database/schema/contacts'
import { auditLog, idempotencyKeys } from '@outdial/database/schema/workspaces'
import { takeIdempotencyKey } from '@outdial/dialing/workspaces/idempotency'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'
import { type Seeded, seedWorkspace } from '../testing/seed-workspace.ts'

let world: ApiWorld
let client: Client
let seeded: Seeded

beforeAll(async () => {
  world = await openApiWorld()
  client = await world.openClient()
  seeded = await seedWorkspace(world, client)
})
afterAll(() => world.close())

const post = (path: string, json: unknown, key: string) =>
  client.send('POST', path, { json, headers: { 'idempotency-key': key } })

const listsCalled = async (name: string) =>
  (await world.db.select().from(contactLists)).filter((list) => list.name === name)

describe('a repeat with the same Idempotency-Key', () => {
  it('gets the same answer and creates nothing', async () => {
    const first = await post('/contact-lists', { name: 'Once' }, 'a')
    const second = await post('/contact-lists', { name: 'Once' }, 'a')
    expect(second).toMatchObject({ status: first.status, body: first.body })
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await listsCalled('Once')).toHaveLength(1)
  })

  it('is refused with another body, or at another address', async () => {
    await post('/contact-lists', { name: 'One' }, 'b')
    for (const again of [
      await post('/contact-lists', { name: 'Two' }, 'b'),
      await post('/api-keys', { name: 'One' }, 'b'),
    ]) {
      expect(again).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
    }
    expect(await listsCalled('Two')).toEqual([])
  })

  it('of a request that was refused is tried again', async () => {
    expect((await post('/contact-lists', { name: '' }, 'c')).status).toBe(400)
    expect((await post('/contact-lists', { name: 'Corrected' }, 'c')).status).toBe(201)
  })

  it('at the same time waits for the first one', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('/contact-lists', { name: 'Burst' }, 'd')))
    expect(new Set(answers.map(idOf)).size).toBe(1)
    expect(answers.filter((answer) => answer.headers.has('idempotency-replayed'))).toHaveLength(4)
    expect(await listsCalled('Burst')).toHaveLength(1)
  })

  it('that the first one keeps waiting is told to come back', async () => {
    const request = {
      workspaceId: client.workspaceId,
      key: 'e',
      request: await fingerprintOf('/contact-lists', '{"name":"Slow"}'),
    }
    await takeIdempotencyKey(world.deps, { ...request, at: new Date() })
    const answer = await post('/contact-lists', { name: 'Slow' }, 'e')
    expect(answer).toMatchObject({ status: 409, body: { code: 'idempotency_in_progress' } })
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  it('after 24 hours is a new request', async () => {
    const first = await post('/contact-lists', { name: 'Yesterday' }, 'f')
    await world.db.update(idempotencyKeys).set({ createdAt: new Date(Date.now() - 25 * 3_600_000) })
    expect(idOf(await post('/contact-lists', { name: 'Yesterday' }, 'f'))).not.toBe(idOf(first))
  })

  it('gets the secret of an API key again, which is stored nowhere in the clear', async () => {
    const first = await post('/api-keys', { name: 'Sealed' }, 'g')
    const second = await post('/api-keys', { name: 'Sealed' }, 'g')
    expect(second.body).toEqual(first.body)
    expect(JSON.stringify(await world.db.select().from(idempotencyKeys))).not.toContain(first.body.secret)
  })

  it.each(['', 'x'.repeat(256), 'schlüssel'])('must be short printable ASCII: %j', async (key) => {
    const answer = await post('/contact-lists', { name: 'Never' }, key)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } })
  })
})

/** Whoever was killed after the work and before the answer was kept leaves the key taken and the work done. */
describe('a repeat after a crash', () => {
  const creations = ['/contact-lists', '/campaigns', '/assistants', '/trunks', '/api-keys', '/outbound-calls/initiate']

  it.each(creations)('of POST %s finds what was created', async (path) => {
    const key = `crash ${path}`
    const first = await post(path, seeded.inputFor(path), key)
    expect(first.status).toBe(201)
    await forgetAnswers()
    const second = await post(path, seeded.inputFor(path), key)
    expect(second.status).toBe(201)
    expect(idOf(second)).toBe(idOf(first))
    const log = await world.db.select().from(auditLog)
    const created = log.filter((entry) => entry.entityId === idOf(first))
    expect(created.filter(({ action }) => /created|initiate/.test(action)).length).toBeLessThanOrEqual(
      path === '/api-keys' ? 2 : 1,
    )
  })

  it('dials nobody twice', async () => {
    const json = { ...seeded.inputFor('/outbound-calls/initiate'), phoneNumber: '+15551230188' }
    await post('/outbound-calls/initiate', json, 'dial')
    await forgetAnswers()
    await Promise.all([post('/outbound-calls/initiate', json, 'dial'), post('/outbound-calls/initiate', json, 'dial')])
    const dialed = await world.db.select().from(calls)
    expect(dialed.filter((call) => call.phoneNumber === '+15551230188')).toHaveLength(1)
  })

  const forgetAnswers = () =>
    world.db.update(idempotencyKeys).set({ responseStatus: null, responseBody: null, takenAt: new Date(0) })
})

/** As the middleware makes it. */
async function fingerprintOf(path: string, body: string): Promise<string> {
  const text = JSON.stringify(['POST', `/api/v1${path}`, '', body])
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex')
}
