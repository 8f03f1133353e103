import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  callOf,
  dialedCall,
  livekitEvent,
  openWebhooksWorld,
  traces,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
})
afterAll(() => world.close())

const path = '/api/livekit/webhook'

const left = (roomName: string, id: string = crypto.randomUUID()) => ({
  ...{ event: 'participant_left', id: `EV_${id}`, createdAt: '1772452835', room: { name: roomName, sid: 'RM_1' } },
  participant: {
    ...{ sid: 'PA_1', identity: 'callee', kind: 'SIP', disconnectReason: 'CLIENT_INITIATED' },
    attributes: { 'sip.callID': 'SCL_1', 'sip.callStatus': 'hangup', 'sip.twilio.callSid': 'CA1' },
  },
})

describe('POST /api/livekit/webhook', () => {
  it('is applied before it is answered', async () => {
    const { callId, roomName } = await dialedCall(world)
    const answer = await world.post(path, await livekitEvent(left(roomName)))
    expect(answer).toMatchObject({ status: 200, body: { status: 'recorded' } })
    expect(await callOf(world, callId)).toMatchObject({ status: 'completed', providerCallId: 'CA1' })
  })

  it('absorbs a replay, also one that is signed anew', async () => {
    const { roomName } = await dialedCall(world)
    const event = left(roomName)
    await world.post(path, await livekitEvent(event))
    const before = await traces(world)
    const soon = new Date(Date.now() + 60_000)
    for (const replay of [await livekitEvent(event), await livekitEvent(event, { expiresAt: soon })]) {
      expect(await world.post(path, replay)).toMatchObject({ status: 200, body: { status: 'repeated' } })
    }
    expect(await traces(world)).toEqual(before)
  })

  it.each<[string, Parameters<typeof livekitEvent>[1]]>([
    ['a changed byte', { change: (body) => body.replace('hangup', 'hangyp') }],
    ['a byte more', { change: (body) => `${body} ` }],
    ['an expired token', { expiresAt: new Date(Date.now() - 60_000) }],
    ['a wrong secret', { secret: 'another-secret-of-at-least-32-chars' }],
  ])('refuses %s, and leaves no trace', async (_name, options) => {
    const { roomName } = await dialedCall(world)
    const before = await traces(world)
    const answer = await world.post(path, await livekitEvent(left(roomName), options))
    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json', body: { code: 'webhook_refused' } })
    expect(await traces(world)).toEqual(before)
  })

  it('refuses what has no token, or is no event', async () => {
    const { roomName } = await dialedCall(world)
    const before = await traces(world)
    const { body } = await livekitEvent(left(roomName))
    expect(await world.post(path, { body })).toMatchObject({ status: 401 })
    const { event: _, ...nameless } = left(roomName)
    expect(await world.post(path, await livekitEvent(nameless))).toMatchObject({ status: 400 })
    expect(await traces(world)).toEqual(before)
  })

  it('drops what concerns no call of ours', async () => {
    const before = await traces(world)
    const answer = await world.post(path, await livekitEvent(left('somebody-elses-room')))
    expect(answer).toMatchObject({ status: 200, body: { status: 'not_ours' } })
    expect(await traces(world)).toEqual(before)
  })
})
