import { livekitKeys, noon } from '@outdial/dialing/testing'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialedCall, livekitEvent, openWebhooksWorld, type WebhooksWorld } from './testing/webhooks-world.ts'

let simulator: Simulator
let world: WebhooksWorld
beforeAll(async () => {
  simulator = await startSimulator({
    ...{ port: 0, speed: 1, clockOriginMs: Date.now(), seed: 1, ...livekitKeys, webhookUrls: [] },
  })
  world = await openWebhooksWorld({ livekitUrl: simulator.url })
})
afterAll(async () => {
  await world.close()
  await simulator.close()
})

const tell = async (roomName: string, event: string, seconds: number, participant: Record<string, unknown>) => {
  const atMs = noon.getTime() + seconds * 1_000
  const told = { event, id: `EV_${crypto.randomUUID()}`, createdAt: String(atMs / 1_000), room: { name: roomName } }
  const body = { ...told, participant: { sid: 'PA_1', joinedAtMs: String(atMs), ...participant } }
  expect((await world.post('/api/livekit/webhook', await livekitEvent(body))).status).toBe(200)
}

const leaves = (roomName: string, seconds: number) => {
  const leg = { identity: 'callee', kind: 'SIP', disconnectReason: 'CLIENT_INITIATED' }
  return tell(roomName, 'participant_left', seconds, { ...leg, attributes: { 'sip.callStatus': 'hangup' } })
}

const agentComes = (roomName: string, seconds: number) =>
  tell(roomName, 'participant_joined', seconds, { identity: 'agent-1', kind: 'AGENT' })

/** A call that LiveKit has a room for. */
const callWithRoom = async () => {
  const { roomName } = await dialedCall(world)
  await world.deps.livekit.createRoom({
    ...{ roomName, metadata: '', agent: null, maxParticipants: 2 },
    ...{ emptyTimeoutMs: 120_000, departureTimeoutMs: 10_000 },
  })
  return roomName
}

const roomExists = async (roomName: string) => (await world.deps.livekit.lookUp(roomName)).roomExists

describe('an agent that joins', () => {
  it('when the call is over finds its room closed, instead of waiting there for nobody', async () => {
    const roomName = await callWithRoom()
    await leaves(roomName, 35)
    await agentComes(roomName, 36)
    expect(await roomExists(roomName)).toBe(false)
  })

  it('before the end, and is told of after it, keeps its room for its report', async () => {
    const roomName = await callWithRoom()
    await leaves(roomName, 35)
    await agentComes(roomName, 30)
    expect(await roomExists(roomName)).toBe(true)
  })

  it('while the call goes on keeps its room', async () => {
    const roomName = await callWithRoom()
    await agentComes(roomName, 2)
    expect(await roomExists(roomName)).toBe(true)
  })
})
