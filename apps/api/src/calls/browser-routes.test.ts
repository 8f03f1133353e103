import { calls } from '@outdial/database/schema/calls'
import { auditLog } from '@outdial/database/schema/workspaces'
import { addWorkspace, livekitKeys, noon, one, type Workspace } from '@outdial/dialing/testing'
import { jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world)
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

async function grantsOf(token: unknown) {
  const secret = new TextEncoder().encode(livekitKeys.apiSecret)
  return (await jwtVerify(String(token), secret, { issuer: livekitKeys.apiKey })).payload
}

const callOf = async (id: unknown) => one((await world.db.select().from(calls)).find((call) => call.id === id))

describe('POST /api/livekit/outbound-call', () => {
  const call = (changes: object = {}, headers: Record<string, string> = {}) =>
    client.send('POST', '/api/livekit/outbound-call', { json: { to: '+15551230000', ...changes }, headers })

  it('asks for a call without an agent, and gives a token for its room alone', async () => {
    const { status, body } = await call({ recipientName: 'Ada', personName: 'Eve' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ roomName: `call-${String(body.callId)}`, identity: expect.stringMatching(/^person-/) })
    expect(body.serverUrl).toMatch(/^ws:/)
    const { video, sub, name } = await grantsOf(body.token)
    expect({ sub, name }).toEqual({ sub: body.identity, name: 'Eve' })
    expect(video).toMatchObject({ roomJoin: true, room: body.roomName })
    expect(JSON.stringify(video)).not.toMatch(/roomAdmin|roomCreate|roomList/)
    expect(await callOf(body.callId)).toMatchObject({
      ...{ status: 'pending', origin: 'single', phoneNumber: '+15551230000', contactName: 'Ada', assistantId: null },
      ...{ trunkId: workspace.trunkId, options: { agentName: null, person: body.identity } },
    })
  })

  it('happens once under one key, and what is kept of the answer is sealed', async () => {
    const headers = { 'idempotency-key': 'seat' }
    const [first, second] = [await call({}, headers), await call({}, headers)]
    expect(second.body).toEqual(first.body)
    const kept = await world.db.execute('select response_body::text as body from idempotency_keys')
    expect(JSON.stringify(kept)).not.toContain(String(first.body.token))
  })

  it('keeps to suppressions and hours', async () => {
    await client.send('POST', '/suppressions', { json: { phoneNumber: '+15551230000' } })
    expect(await call()).toMatchObject({ status: 422, body: { errors: [{ field: 'to', code: 'suppressed' }] } })
    // Noon in London is four in the morning in San Francisco.
    const early = { to: '+14155550100' }
    expect(await call(early)).toMatchObject({ status: 409, body: { code: 'outside_calling_hours' } })
    expect((await call({ ...early, ignoreWindow: true })).status).toBe(201)
  })

  it.each([
    [{ to: 5 }, 400, 'to'],
    [{ to: '0612345678' }, 422, 'to'],
    [{ metadata: 'x' }, 400, 'metadata'],
    [{ trunkId: 'x' }, 400, 'trunkId'],
  ])('%j is %i and names %s', async (changes, status, field) => {
    expect(await call(changes)).toMatchObject({ status, body: { errors: [{ field }] } })
  })
})

describe('POST /api/livekit/inbound-answer', () => {
  const answer = (json: object, by = client) => by.send('POST', '/api/livekit/inbound-answer', { json })

  async function incoming(changes: Partial<typeof calls.$inferInsert> = {}) {
    const roomName = `inbound-_+14155550123_${crypto.randomUUID()}`
    const { workspaceId } = workspace.who
    const ringing = { permittedAt: noon, dialedAt: noon, ringingAt: noon, checkAt: noon, burned: false }
    const row = { ...ringing, workspaceId, origin: 'inbound', status: 'calling', roomName, phoneNumber: '+14155550123' }
    const [call] = await world.db
      .insert(calls)
      .values({ ...row, ...changes } as typeof calls.$inferInsert)
      .returning()
    return one(call)
  }

  it('gives the caller’s room to the first who asks, and to the same person again', async () => {
    const { id: callId, roomName } = await incoming()
    const first = await answer({ callId, personId: 'eve', personName: 'Eve' })
    expect(first).toMatchObject({ status: 200, body: { callId, roomName } })
    expect((await grantsOf(first.body.token)).video).toMatchObject({ roomJoin: true, room: roomName })
    const second = await answer({ roomName, personId: 'bob' })
    expect(second).toMatchObject({ status: 409, body: { code: 'answered_by_another' } })
    expect(await answer({ roomName, personId: 'eve' })).toMatchObject({
      status: 200,
      body: { identity: first.body.identity },
    })
    const audit = (await world.db.select().from(auditLog)).filter((entry) => entry.entityId === callId)
    expect(audit).toMatchObject([{ action: 'call.taken' }])
  })

  it('lets one of several through who ask at once', async () => {
    const { id: callId } = await incoming()
    const people = ['a', 'b', 'c', 'd']
    const answers = await Promise.all(people.map((personId) => answer({ callId, personId })))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409])
  })

  it('is too late for a call that is over, and not for calls that we made', async () => {
    const over = { status: 'failed', disposition: 'no_answer', endedAt: noon, settledAt: noon, checkAt: null } as const
    const { id: callId } = await incoming(over)
    expect(await answer({ callId })).toMatchObject({ status: 409, body: { code: 'call_over' } })
    const ours = await incoming({ origin: 'single' })
    expect(await answer({ callId: ours.id })).toMatchObject({ status: 409, body: { code: 'not_inbound' } })
  })

  it('is 404 for a stranger, and 401 for nobody', async () => {
    const { id: callId, roomName } = await incoming()
    const stranger = await world.openClient()
    for (const json of [{ callId }, { roomName }]) expect((await answer(json, stranger)).status).toBe(404)
    const nobody = await world.app.request('/api/livekit/inbound-answer', { method: 'POST' })
    expect(nobody.status).toBe(401)
  })

  it.each([[{}], [{ callId: crypto.randomUUID(), roomName: 'x' }], [{ callId: 'x' }]])('%j is 400', async (json) => {
    expect(await answer(json)).toMatchObject({ status: 400, body: { errors: [{ field: 'callId' }] } })
  })
})
