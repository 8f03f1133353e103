import { calls } from '@outdial/database/schema/calls'
import { addWorkspace, noon, type Workspace } from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

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

const phoneNumber = '+15551230000'
const post = (name: string, json: object, headers: Record<string, string> = {}) =>
  client.send('POST', `/livekit/outbound-calls/${name}`, { json, headers })
const stored = async (id: unknown) => (await world.db.select().from(calls)).find((call) => call.id === id)

describe('POST /livekit/outbound-calls/create-participant', () => {
  it('dials a number without an agent', async () => {
    const roomName = crypto.randomUUID()
    const answer = await post('create-participant', { phoneNumber, roomName, participantIdentity: 'guest', dtmf: '1#' })
    expect(answer).toMatchObject({
      status: 201,
      body: {
        ...{ roomName, status: 'pending', agentDispatch: null },
        participant: { participantIdentity: 'guest', participantId: null, sipCallId: null },
      },
    })
    const options = { agentName: null, participantIdentity: 'guest', dtmf: '1#' }
    expect(await stored(answer.body.callId)).toMatchObject({ origin: 'single', assistantId: null, options })
    expect(await post('create-participant', { phoneNumber, roomName })).toMatchObject({
      status: 409,
      body: { code: 'room_taken' },
    })
  })

  it.each([
    [{ phoneNumber: '12' }, 422, 'phoneNumber'],
    [{ phoneNumber, roomName: 'inbound-1' }, 422, 'roomName'],
    [{ phoneNumber, trunkId: crypto.randomUUID() }, 422, 'trunkId'],
    [{ phoneNumber, participantIdentity: 'a b' }, 400, 'participantIdentity'],
    [{ phoneNumber, agentName: 'ann' }, 400, 'agentName'],
    [{}, 400, 'phoneNumber'],
  ])('refuses %j and names the field', async (json, status, field) => {
    expect(await post('create-participant', json)).toMatchObject({ status, body: { errors: [{ field }] } })
  })

  it('is 404 for a trunk of LiveKit that the workspace does not have', async () => {
    expect((await post('create-participant', { phoneNumber, livekitTrunkId: 'ST_none' })).status).toBe(404)
    expect((await post('create-participant', { phoneNumber, livekitTrunkId: 'ST_test' })).status).toBe(201)
  })
})

describe('POST /livekit/outbound-calls/create-call', () => {
  it('takes an assistant, or an agent by name', async () => {
    const { assistantId } = workspace
    const agentMetadata = { mood: 'kind' }
    const first = await post('create-call', { phoneNumber, assistantId, agentMetadata })
    expect(first).toMatchObject({ status: 201, body: { agentDispatch: { agentName: 'ann', dispatchId: null } } })
    expect(await stored(first.body.callId)).toMatchObject({ assistantId, options: { agentMetadata } })
    const second = await post('create-call', { phoneNumber, agentName: 'bob' })
    expect(second).toMatchObject({ status: 201, body: { agentDispatch: { agentName: 'bob' } } })
    expect(await post('create-call', { phoneNumber })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'agentName', code: 'required' }] },
    })
    expect((await post('create-call', { phoneNumber, assistantId: crypto.randomUUID() })).status).toBe(404)
  })

  it('makes one call of repeats with the same Idempotency-Key', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const json = { phoneNumber, agentName: 'ann' }
    const [first, second] = [await post('create-call', json, key), await post('create-call', json, key)]
    expect(second.body.callId).toBe(first.body.callId)
    expect((await post('create-call', { ...json, agentName: 'bob' }, key)).status).toBe(409)
  })
})

describe('POST /livekit/outbound-calls/dispatch-agent', () => {
  const json = { agentName: 'ann' }

  it('is for rooms of own calls that were dialed and are not over', async () => {
    expect((await post('dispatch-agent', { ...json, roomName: 'nowhere' })).status).toBe(404)
    const { body } = await post('create-participant', { phoneNumber })
    const { callId, roomName } = body
    expect(await post('dispatch-agent', { ...json, roomName })).toMatchObject({
      status: 409,
      body: { code: 'not_dialed' },
    })
    const stranger = await world.openClient()
    const path = '/livekit/outbound-calls/dispatch-agent'
    expect((await stranger.send('POST', path, { json: { ...json, roomName } })).status).toBe(404)
    await client.send('POST', `/outbound-calls/${String(callId)}/hangup`)
    expect(await post('dispatch-agent', { ...json, roomName })).toMatchObject({
      status: 409,
      body: { code: 'call_is_over' },
    })
  })

  it.each([
    [{ roomName: 'a' }, 'agentName'],
    [{ agentName: 'ann' }, 'roomName'],
    [{ roomName: 'a', agentName: '' }, 'agentName'],
    [{ roomName: 'a', agentName: 'ann', metadata: 'x' }, 'metadata'],
  ])('refuses %j and names the field', async (wrong, field) => {
    expect(await post('dispatch-agent', wrong)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})

describe('trunks', () => {
  it('are created and listed as everywhere else', async () => {
    const made = await post('create-trunk', { name: 'Second', livekitTrunkId: 'ST_second' })
    expect(made.status).toBe(201)
    const { body } = await client.send('GET', '/livekit/outbound-calls/trunks')
    expect(body.data).toMatchObject([{ id: idOf(made) }, { id: workspace.trunkId }])
    expect((await post('create-trunk', { name: 'Again', livekitTrunkId: 'ST_second' })).status).toBe(409)
    expect((await post('create-trunk', { name: 'Neither' })).status).toBe(400)
  })

  it('of an assistant are its own, else the one that its calls go out on', async () => {
    const read = (id: string) => client.send('GET', `/livekit/outbound-calls/trunk/${id}`)
    expect(await read(workspace.assistantId)).toMatchObject({ status: 200, body: { id: workspace.trunkId } })
    const second = idOf(await post('create-trunk', { name: 'Second', livekitTrunkId: 'ST_second' }))
    expect((await read(workspace.assistantId)).status).toBe(404)
    await client.send('PATCH', `/assistants/${workspace.assistantId}`, { json: { trunkId: second } })
    expect((await read(workspace.assistantId)).body).toMatchObject({ id: second })
    expect((await read(crypto.randomUUID())).status).toBe(404)
  })
})
