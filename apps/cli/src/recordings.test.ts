/** A recorded call on a running installation: real HTTP, all roles, and a simulator that records and keeps files. */
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { createAssistant } from '@outdial/dialing/assistants/assistants'
import { createTrunk } from '@outdial/dialing/trunks/trunks'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { createWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from './all-in-one.ts'

const patienceMs = 60_000

let database: TestDatabase
let all: AllInOne
let apiKey: string
let assistantId: string

beforeAll(async () => {
  database = await createTestDatabase()
  const project = { seed: 1, apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters' }
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: {
      ...{ port: { port: 0, isFixed: true }, ...project },
      trunks: [{ sipTrunkId: 'ST_main', address: 'sip.example.com', numbers: ['+12125550100'] }],
    },
    recordings: 'simulator',
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    clock: { speed: 20, originMs: Date.now() },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  const { deps } = all
  const now = new Date()
  const { id: workspaceId } = await createWorkspace(deps, { name: 'Test' }, { actor: 'test', now })
  const who = { workspaceId, actor: 'test', now }
  apiKey = (await createApiKey(deps, who, { name: 'Test' })).secret
  const trunk = { name: 'Main', provider: 'other' as const, livekitTrunkId: 'ST_main', numbers: ['+12125550100'] }
  await createTrunk(deps, who, { ...trunk, callsPerSecond: 50, maxConcurrency: 50, rampUpSeconds: 0, isDefault: true })
  const words = { prompt: '', greeting: 'Hello', aiDisclosure: '', questions: ['Own?'], stt: {}, llm: {}, tts: {} }
  const nothing = { assistantEndCallUrl: null, trunkId: null }
  assistantId = (await createAssistant(deps, who, { name: 'Ann', agentName: 'ann', ...words, ...nothing })).id
}, patienceMs)

afterAll(async () => {
  await all.stop()
  await database.drop()
}, patienceMs)

async function send(method: string, path: string, json?: unknown) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' }
  const request = { method, headers, ...(json ? { body: JSON.stringify(json) } : {}) }
  const answer = await fetch(`${all.url}/api/v1${path}`, request)
  return { status: answer.status, body: z.record(z.string(), z.unknown()).parse(await answer.json()) }
}

async function dial(metadata: Record<string, unknown>): Promise<string> {
  const { body } = await send('POST', '/outbound-calls/initiate', {
    phoneNumber: '+15005550001',
    assistantId,
    metadata,
  })
  return z.string().parse(body.id)
}

const poll = { timeout: 30_000 }
const readCall = async (id: string) => (await send('GET', `/outbound-calls/${id}`)).body
const recordingOf = async (id: string) =>
  z.array(z.looseObject({ id: z.string() })).parse((await readCall(id)).recordings)[0]

it('is recorded, listened to, found by its words, and deleted', { timeout: patienceMs }, async () => {
  const [id, silent] = [await dial({ recording: true }), await dial({})]
  await expect.poll(() => recordingOf(id), poll).toMatchObject({ status: 'complete', isAvailable: true })
  const recording = (await recordingOf(id)) ?? { id: '' }
  const { status, body } = await send('GET', `/recordings/${recording.id}/link?expiresInSeconds=60`)
  expect(status).toBe(200)
  const listened = await fetch(String(body.url))
  expect([listened.status, listened.headers.get('content-type')]).toEqual([200, 'audio/ogg'])
  expect((await listened.arrayBuffer()).byteLength).toBe(recording.sizeBytes)

  await expect.poll(() => readCall(id), poll).toMatchObject({ status: 'completed', outcome: 'interested' })
  const found = await send('GET', '/calls?said=%22I%20am%20interested%22')
  expect(
    z
      .array(z.looseObject({ id: z.string() }))
      .parse(found.body.data)
      .map((call) => call.id),
  ).toContain(id)

  expect((await send('DELETE', `/recordings/${recording.id}`)).status).toBe(202)
  await expect.poll(() => recordingOf(id), poll).toMatchObject({ status: 'deleted', isAvailable: false })
  expect((await fetch(String(body.url))).status).toBe(404)

  await expect.poll(() => readCall(silent), poll).toMatchObject({ status: 'completed', recordings: [] })
})

it('is told live, line by line, and ends with the whole of it', { timeout: patienceMs }, async () => {
  const slowly = { number: '+15005550001', behaviour: 'answers_interested', talkMs: 120_000 }
  const control = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(slowly) }
  expect((await fetch(`${all.simulator?.url}/_network/numbers`, control)).status).toBeLessThan(300)
  const id = await dial({ live_transcript: true })
  const headers = { 'x-api-key': apiKey }
  const answer = await fetch(`${all.url}/api/v1/outbound-calls/${id}/transcript/events`, { headers })
  const counts: number[] = []
  let text = ''
  for await (const part of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += part
    const told = text.split('\n\n').slice(0, -1)
    text = text.slice(text.lastIndexOf('\n\n') + 2)
    for (const event of told.filter((each) => each.startsWith('event: transcript\n'))) {
      const { lines } = z.object({ lines: z.array(z.unknown()) }).parse(JSON.parse(event.split('data: ')[1] ?? ''))
      counts.push(lines.length)
    }
  }
  expect(new Set(counts).size).toBeGreaterThan(2)
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  const { transcript } = await readCall(id)
  expect(z.array(z.unknown()).parse(transcript)).toHaveLength(counts.at(-1) ?? 0)
})
