import { inWorkspace } from '@outdial/database/client'
import { phoneNumbers } from '@outdial/database/schema/assistants'
import { receiveInboundCall } from '@outdial/dialing/calls/receive-inbound-call'
import { addWorkspace, after, noon, tell, type Workspace } from '@outdial/dialing/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'
import { type EventStream, readEvents } from '../testing/read-events.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client
let livekitInboundTrunkId: string

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world)
  client = await world.openClient(workspace.who.workspaceId)
  const { workspaceId } = workspace.who
  livekitInboundTrunkId = `ST_${workspaceId}`
  const phoneNumber = `+1555${String(Number.parseInt(workspaceId.slice(-8), 16) % 10_000_000).padStart(7, '0')}`
  const number = { workspaceId, phoneNumber, assistantId: workspace.assistantId, answeredBy: 'person' as const }
  const onLiveKit = { livekitInboundTrunkId, livekitDispatchRuleId: 'SDR_1' }
  await inWorkspace(world.apiDeps.db, workspaceId, (tx) => tx.insert(phoneNumbers).values({ ...number, ...onLiveKit }))
})

const streams: EventStream[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) await stream.close()
})

async function watch(by = client, headers: Record<string, string> = {}): Promise<EventStream> {
  const response = await world.app.request('/api/v1/calls/events', { headers: { 'x-api-key': by.apiKey, ...headers } })
  const stream = readEvents(response)
  streams.push(stream)
  return stream
}

async function callIn(): Promise<string> {
  const roomName = `inbound-_+14155550123_${crypto.randomUUID()}`
  const sip = { 'sip.trunkID': livekitInboundTrunkId, 'sip.phoneNumber': '+14155550123' }
  await receiveInboundCall(world.deps, { roomName, sip, joinedAt: noon }, noon)
  return roomName
}

describe('GET /calls/events', () => {
  it('tells of a caller, of who takes the call, and of its end', async () => {
    const stream = await watch()
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    expect(await stream.next()).toMatchObject({ event: 'snapshot', data: { calls: [] } })
    const roomName = await callIn()
    const rings = await stream.until('call')
    expect(rings.data).toMatchObject({
      ...{ direction: 'inbound', status: 'calling', roomName, phoneNumber: '+14155550123' },
      ...{ answeredBy: 'person', takenBy: null, assistantId: workspace.assistantId },
    })
    const taken = await client.send('POST', '/api/livekit/inbound-answer', { json: { roomName } })
    expect((await stream.until('call')).data).toMatchObject({ takenBy: taken.body.identity, status: 'calling' })
    const callId = String(rings.data.id)
    await tell(world, callId, { kind: 'answered', at: after(2_000) })
    expect((await stream.until('call')).data).toMatchObject({ status: 'answered' })
    await tell(world, callId, { kind: 'leg_left', at: after(9_000), reason: 'left', wasAnswered: true })
    expect((await stream.until('call')).data).toMatchObject({ status: 'completed', disposition: 'completed' })
  })

  it('shows what is open to who comes later, and what was missed to who comes back', async () => {
    const roomName = await callIn()
    const first = await watch()
    const snapshot = await first.next()
    expect(snapshot.data.calls).toMatchObject([{ roomName }])
    await first.close()
    const single = await client.send('POST', '/outbound-calls/initiate', {
      json: { phoneNumber: '+15551230000', assistantId: workspace.assistantId },
    })
    const second = await watch(client, { 'last-event-id': snapshot.id })
    expect(await second.next()).toMatchObject({
      event: 'call',
      data: { id: idOf(single), direction: 'outbound', answeredBy: 'agent', status: 'pending' },
    })
  })

  it('tells a stranger nothing', async () => {
    const stranger = await world.openClient()
    const stream = await watch(stranger)
    expect((await stream.next()).data).toEqual({ calls: [] })
    await callIn()
    const own = await watch()
    expect((await own.next()).data.calls).toHaveLength(1)
    const again = await watch(stranger)
    expect((await again.next()).data).toEqual({ calls: [] })
  })

  it('needs a key', async () => {
    expect((await world.app.request('/api/v1/calls/events')).status).toBe(401)
  })
})
