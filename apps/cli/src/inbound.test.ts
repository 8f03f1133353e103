/** Calls that come in, and people at their browsers, on a running installation: real HTTP, all roles, the simulator. */
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { createWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from './all-in-one.ts'

const patienceMs = 60_000
const agentConfigToken = 'a-token-of-the-operators-agent'
const caller = '+14155550123'

let database: TestDatabase
let all: AllInOne
let apiKey: string

beforeAll(async () => {
  database = await createTestDatabase()
  const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters' }
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: { port: { port: 0, isFixed: true }, seed: 1, ...keys, trunks: [] },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    providers: { agentConfigToken },
    clock: { speed: 20, originMs: Date.now() },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  const by = { actor: 'test', now: new Date() }
  const { id: workspaceId } = await createWorkspace(all.deps, { name: 'Test' }, by)
  apiKey = (await createApiKey(all.deps, { workspaceId, ...by }, { name: 'Test' })).secret
}, patienceMs)

afterAll(async () => {
  await all.stop()
  await database.drop()
}, patienceMs)

const anything = z.record(z.string(), z.unknown())

async function send(method: string, path: string, json?: unknown, headers: Record<string, string> = {}) {
  const sent = { 'x-api-key': apiKey, 'content-type': 'application/json', ...headers }
  const body = json ? { body: JSON.stringify(json) } : {}
  const answer = await fetch(`${all.url}${path}`, { method, headers: sent, ...body })
  return { status: answer.status, body: anything.parse(await answer.json()) }
}

async function network(path: string, json: unknown) {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(json)
  const answer = await fetch(`${all.simulator?.url}/_network${path}`, { method: 'POST', headers, body })
  return anything.parse(await answer.json())
}

/** A number of its own with a way out, assigned to a new assistant. */
async function addLine(phoneNumber: string, answeredBy: 'agent' | 'person'): Promise<string> {
  const words = { greeting: 'Good day', prompt: 'Help.', questions: ['How many?'] }
  const assistant = await send('POST', '/api/v1/assistants', { name: 'Ann', agentName: 'ann', ...words })
  const trunk = {
    provider: 'twilio',
    livekit: { address: 'acme.pstn.twilio.com', authPassword: 'x', authUsername: 'y' },
  }
  const number = { phoneNumber, assistantId: assistant.body.id, answeredBy, trunk }
  const made = await send('POST', '/api/v1/phone-numbers', number)
  expect(made.status).toBe(201)
  return String(made.body.trunkId)
}

/** What the event stream tells, until something fits. */
async function watchCalls() {
  const answer = await fetch(`${all.url}/api/v1/calls/events`, { headers: { 'x-api-key': apiKey } })
  const reader = (answer.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async until(fits: object): Promise<Record<string, unknown>> {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end < 0) {
          const { done, value } = await reader.read()
          if (done) throw new Error('the stream has ended')
          text += value
          continue
        }
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        const call = data ? anything.parse(JSON.parse(data)) : {}
        if (Object.entries(fits).every(([name, value]) => call[name] === value)) return call
      }
    },
    close: () => reader.cancel(),
  }
}

const legOf = (roomName: unknown) => all.simulator?.ledger().calls.find((leg) => leg.roomName === roomName)
const ended = (callId: unknown) =>
  expect
    .poll(async () => (await send('GET', `/api/v1/outbound-calls/${String(callId)}`)).body, { timeout: patienceMs })
    .toMatchObject({ status: 'completed' })

describe('somebody calls a number', { timeout: patienceMs }, () => {
  it('and the assistant’s agent answers, while the console watches', async () => {
    await addLine('+12125550111', 'agent')
    const stream = await watchCalls()
    const order = { from: caller, to: '+12125550111', outcome: 'interested', talkMs: 60_000 }
    const { roomName } = await network('/inbound', order)
    // At this speed it rings for a few hundredths of a second, and the stream looks twice in one.
    const rings = await stream.until({ roomName })
    expect(rings).toMatchObject({ direction: 'inbound', phoneNumber: caller, fromNumber: '+12125550111' })
    const config = await send('GET', `/api/livekit/agent-config?roomName=${String(roomName)}`, undefined, {
      authorization: `Bearer ${agentConfigToken}`,
    })
    expect(config).toMatchObject({
      status: 200,
      body: { agentName: 'ann', greeting: 'Good day', call: { id: rings.id, direction: 'inbound' } },
    })
    await stream.until({ roomName, status: 'completed' })
    await stream.close()
    await ended(rings.id)
    const { body } = await send('GET', `/api/v1/outbound-calls/${String(rings.id)}`)
    expect(body).toMatchObject({
      direction: 'inbound',
      outcome: 'interested',
      answers: { 'How many?': expect.anything() },
    })
    expect(body.durationSeconds).toBeGreaterThan(0)
    const listed = await send('GET', '/api/v1/calls?direction=inbound')
    expect(listed.body.data).toMatchObject([{ id: rings.id }])
  })

  it('and a person takes it at the browser, talks, and hangs up', async () => {
    await addLine('+12125550112', 'person')
    const stream = await watchCalls()
    const { roomName } = await network('/inbound', { from: caller, to: '+12125550112', talkMs: 3_600_000 })
    const rings = await stream.until({ roomName, status: 'calling' })
    expect(rings).toMatchObject({ answeredBy: 'person', takenBy: null })
    const seat = await send('POST', '/api/livekit/inbound-answer', { callId: rings.id, personName: 'Eve' })
    expect(seat).toMatchObject({ status: 200, body: { roomName } })
    expect(await network('/people', { token: seat.body.token })).toMatchObject({ roomName })
    await stream.until({ roomName, status: 'answered' })
    await stream.close()
    expect((await send('POST', `/api/v1/outbound-calls/${String(rings.id)}/hangup`)).status).toBe(200)
    await ended(rings.id)
    expect(legOf(roomName)).toMatchObject({ ending: 'hung_up', hungUpBy: 'api' })
    expect(legOf(roomName)?.agentIdentity).toBeUndefined()
  })
})

describe('somebody calls from the browser', { timeout: patienceMs }, () => {
  it('and talks with whoever answers, without an agent', async () => {
    const trunkId = await addLine('+12125550113', 'person')
    const call = { to: '+15005550018', trunkId, recipientName: 'Ada' }
    const seat = await send('POST', '/api/livekit/outbound-call', call)
    expect(seat.status).toBe(201)
    const { callId, roomName, token } = seat.body
    expect(await network('/people', { token })).toMatchObject({ roomName })
    await expect
      .poll(async () => (await send('GET', `/api/v1/outbound-calls/${String(callId)}`)).body.status, {
        timeout: patienceMs,
      })
      .toBe('answered')
    expect(legOf(roomName)).toMatchObject({ to: '+15005550018', from: '+12125550113' })
    await send('POST', `/api/v1/outbound-calls/${String(callId)}/hangup`)
    await ended(callId)
    expect(legOf(roomName)).toMatchObject({ ending: 'hung_up', hungUpBy: 'api' })
    expect(legOf(roomName)?.agentIdentity).toBeUndefined()
  })
})
