import { after, tell } from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  callOf,
  dialedCall,
  exotelSecret,
  openWebhooksWorld,
  traces,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
})
afterAll(() => world.close())

const path = `/api/exotel/${exotelSecret}/status`

const fields = (CustomField: string, changes: Record<string, string> = {}) => ({
  ...{ CallSid: 'exotel1', EventType: 'terminal', Status: 'busy', DateUpdated: '2026-03-02 17:30:04', CustomField },
  ...changes,
})

function multipart(values: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) form.append(name, value)
  return form
}

const bodies: [string, (values: Record<string, string>) => Parameters<WebhooksWorld['post']>[1]][] = [
  ['multipart', (values) => ({ body: multipart(values) })],
  [
    'a form',
    (values) => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(values).toString(),
    }),
  ],
  ['JSON', (values) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(values) })],
]

describe('POST /api/exotel/:secret/status', () => {
  it.each(bodies)('is read as %s, by the id of the call that Exotel was given', async (_name, bodyOf) => {
    const { callId } = await dialedCall(world)
    const sent = bodyOf(fields(callId, { CallSid: `sid${callId.replaceAll('-', '')}` }))
    expect(await world.post(path, sent)).toMatchObject({ status: 200, body: { status: 'recorded' } })
    await tell(world, callId, { kind: 'settle', at: after(40_000) })
    expect(await callOf(world, callId)).toMatchObject({ disposition: 'busy', endedAt: after(4_000) })
    expect(await world.post(path, sent)).toMatchObject({ status: 200, body: { status: 'repeated' } })
  })

  it('may name the room instead, or come from a call that nobody knows', async () => {
    const { roomName } = await dialedCall(world)
    const named = { body: multipart(fields(roomName, { CallSid: 'byroom' })) }
    expect(await world.post(path, named)).toMatchObject({ body: { status: 'recorded' } })
    for (const name of ['', 'nobodys', crypto.randomUUID(), "'; drop table calls"]) {
      const unknown = { body: multipart(fields(name, { CallSid: 'nobodys' })) }
      expect(await world.post(path, unknown)).toMatchObject({ status: 200, body: { status: 'parked' } })
    }
  })

  it.each<[string, string, Record<string, string>, number]>([
    ['a wrong secret', `/api/exotel/${exotelSecret}x/status`, {}, 404],
    ['no secret', '/api/exotel//status', {}, 404],
    ['no CallSid', path, { CallSid: '' }, 400],
    ['a status that is none', path, { Status: 'b\0usy' }, 400],
    ['too much', path, { More: 'x'.repeat(70_000) }, 413],
  ])('refuses %s, and leaves no trace', async (_name, address, changes, status) => {
    const { callId } = await dialedCall(world)
    const before = await traces(world)
    const answer = await world.post(address, { body: multipart(fields(callId, changes)) })
    expect(answer).toMatchObject({ status, type: 'application/problem+json' })
    expect(await traces(world)).toEqual(before)
  })

  it('refuses what cannot be read', async () => {
    for (const [type, body] of [
      ['application/json', '{'],
      ['multipart/form-data; boundary=x', 'nothing of the kind'],
      ['multipart/form-data', 'no boundary'],
    ] as const) {
      expect(await world.post(path, { headers: { 'content-type': type }, body })).toMatchObject({ status: 400 })
    }
  })

  it('is not there where nobody chose a secret', async () => {
    const bare = await openWebhooksWorld({ providers: {} })
    for (const secret of ['undefined', 'null', '']) {
      const request = { body: multipart(fields('x')) }
      expect(await bare.post(`/api/exotel/${secret}/status`, request)).toMatchObject({ status: 404 })
    }
    await bare.close()
  })
})
