import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiWorld, openApiWorld, send } from '../testing/api-world.ts'

let world: ApiWorld
beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())

it.each([
  '/api/livekit/webhook',
  '/api/agent/calls/018f0000-0000-7000-8000-000000000000/report',
  '/api/v1/outbound-calls/status-callback',
  '/api/v1/recording/status',
  '/api/v1/livekit/room/inbound-1',
  '/api/exotel/a-secret/status',
])('POST %s is told to be at the wrong role', async (path) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  expect(await send(world.app, path, { method: 'POST', body: 'CallSid=CA1', headers })).toMatchObject({
    ...{ status: 421, body: { code: 'misdirected_request', title: 'Misdirected Request' } },
  })
})
