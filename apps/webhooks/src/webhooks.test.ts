import { connect } from '@outdial/database/client'
import { livekitKeys } from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  agentReport,
  livekitEvent,
  openWebhooksWorld,
  twilioAuthToken,
  twilioForm,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'
import { createWebhooks } from './webhooks.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
})
afterAll(() => world.close())

const twilioPaths = [
  '/api/v1/outbound-calls/status-callback',
  '/api/v1/recording/status',
  '/api/v1/livekit/room/room-1',
]
const formBytes = 65 * 1_024
const wholeBytes = 10 * 1_024 * 1_024 + 1

describe('every address', () => {
  it.each<[string, number]>([
    ['/api/livekit/webhook', wholeBytes],
    [`/api/agent/calls/${crypto.randomUUID()}/report`, wholeBytes],
    ...twilioPaths.map((path): [string, number] => [path, formBytes]),
    ['/api/exotel/a-secret/status', formBytes],
  ])('of %s answers 413 to too much', async (path, bytes) => {
    const body = 'x'.repeat(bytes)
    const sized = { 'content-length': String(bytes) }
    for (const headers of [{}, sized]) {
      expect(await world.post(path, { body, headers })).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    }
  })

  it('that is not there answers 404', async () => {
    expect(await world.post('/api/nothing', { body: '' })).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await world.app.request('/api/livekit/webhook')).status).toBe(404)
  })

  it.each(twilioPaths)('of Twilio’s, %s, says what to set where nothing is set', async (path) => {
    const clock = { now: () => world.clock.at, realNow: () => new Date(), realDelayUntil: () => 0 }
    for (const providers of [{}, { twilioAuthToken: '' }]) {
      const bare = createWebhooks({ deps: world.deps, clock, livekit: livekitKeys, providers })
      const answer = await bare.request(path, { method: 'POST', ...twilioForm(path, { CallSid: 'CA1' }) })
      expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'not_configured' }])
    }
  })
})

describe('while the database is away', () => {
  it('a sender is asked to send it again, and told nothing else', async () => {
    const gone = connect({ url: 'postgres://nobody@127.0.0.1:9/nothing', role: 'engine', maxConnections: 1 })
    const errors: string[] = []
    const log = { ...world.deps.log, error: (_: object, message: string) => void errors.push(message) }
    const deps = { ...world.deps, db: gone.db, log }
    const clock = { now: () => world.clock.at, realNow: () => new Date(), realDelayUntil: () => 0 }
    const app = createWebhooks({ deps, clock, livekit: livekitKeys, providers: { twilioAuthToken } })
    const status = '/api/v1/outbound-calls/status-callback'
    const event = { event: 'room_finished', id: 'EV_1', createdAt: '1772452835', room: { name: 'call-1' } }
    const requests = [
      ['/api/livekit/webhook', await livekitEvent(event)] as const,
      agentReport(crypto.randomUUID(), { id: '1', at: '2026-03-02T12:00:00Z' }),
      [status, twilioForm(status, { CallSid: 'CA1', CallStatus: 'busy' })] as const,
    ]
    for (const [path, request] of requests) {
      const answer = await app.request(path, { method: 'POST', ...request })
      const text = await answer.text()
      expect([answer.status, JSON.parse(text)]).toMatchObject([500, { code: 'internal_error' }])
      expect(text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|\.ts/)
    }
    expect(errors).toHaveLength(requests.length)
    await gone.close()
  })
})
