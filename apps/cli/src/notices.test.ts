/** A customer's system and a running installation: real HTTP, all roles, the queue, and the simulator's telephones. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from './all-in-one.ts'

const patienceMs = 90_000
const apiKey = 'odk_a-key-for-the-test-of-notices'
const interested = '+15005550001'

const noticeBody = z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) })
type Got = { path: string; headers: IncomingHttpHeaders; text: string; body: z.infer<typeof noticeBody> }

let database: TestDatabase
let all: AllInOne
let receiver: Server
let hook: string
const got: Got[] = []
/** How often the receiver answers 503 before it takes anything. */
let refusals = 2

beforeAll(async () => {
  database = await createTestDatabase()
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      refusals -= 1
      if (refusals >= 0) return void response.writeHead(503).end()
      const text = Buffer.concat(chunks).toString()
      const { url: path = '', headers } = request
      got.push({ path, headers, text, body: noticeBody.parse(JSON.parse(text)) })
      response.end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const livekit = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters' }
  const trunks = [{ sipTrunkId: 'ST_main', address: 'sip.example.com', numbers: ['+12125550100'] }]
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: { port: { port: 0, isFixed: true }, seed: 1, ...livekit, trunks },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    allowPrivateNotices: true,
    clock: { speed: 20, originMs: Date.now() },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date() })
}, patienceMs)

afterAll(async () => {
  receiver.close()
  await all.stop()
  await database.drop()
}, patienceMs)

async function send(method: string, path: string, json?: unknown) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' }
  const body = json === undefined ? {} : { body: JSON.stringify(json) }
  const answer = await fetch(`${all.url}/api/v1${path}`, { method, headers, ...body })
  return z.looseObject({ id: z.string().optional() }).parse(await answer.json())
}

it('tells the story of a call, signed, again where it was refused, and the end also to the assistant’s own URL', {
  timeout: patienceMs,
}, async () => {
  await send('POST', '/trunks', {
    ...{ name: 'Main', livekitTrunkId: 'ST_main', numbers: ['+12125550100'], isDefault: true },
  })
  const { id: assistantId } = await send('POST', '/assistants', {
    ...{ name: 'Ann', agentName: 'ann', greeting: 'Hello', assistantEndCallUrl: `${hook}/end` },
  })
  const { secret } = await send('POST', '/notice-endpoints', { url: `${hook}/all` })
  const call = await send('POST', '/outbound-calls/initiate', { phoneNumber: interested, assistantId })

  const types = (path: string) => got.filter((each) => each.path === path).map(({ body }) => body.type)
  const story = ['call.answered', 'call.ended', 'call.outcome', 'call.started']
  await expect.poll(() => types('/all').toSorted((a, b) => a.localeCompare(b)), { timeout: patienceMs }).toEqual(story)
  await expect.poll(() => types('/end'), { timeout: patienceMs }).toEqual(['call.ended'])

  const ended = got.filter(({ body }) => body.type === 'call.ended')
  for (const { body } of ended) {
    expect(body.data).toMatchObject({
      ...{ call_id: call.id, assistant_id: assistantId, assistant_name: 'Ann', to_number: interested },
      ...{ from_number: '+12125550100', outcome: 'interested', disposition: 'completed' },
    })
    expect(body.data.transcripts).toContainEqual(
      expect.objectContaining({ speaker: 'agent', text: expect.any(String), timestamp: expect.any(String) }),
    )
  }
  // One notice, whoever is told of it.
  expect(new Set(ended.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  const key = Buffer.from(String(secret).slice('whsec_'.length), 'base64')
  for (const { headers, text } of got.filter(({ path }) => path === '/all')) {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(300)
  }

  const statuses = async () => {
    const log = await send('GET', `/notices?callId=${call.id}`)
    return (log.data as { status: string }[]).map(({ status }) => status)
  }
  await expect.poll(statuses, { timeout: patienceMs }).toEqual(Array(4).fill('delivered'))
})
