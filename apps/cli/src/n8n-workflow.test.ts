import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { runInNewContext } from 'node:vm'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from './all-in-one.ts'
import { created } from './api/answers.ts'
import { createApiClient } from './api/client.ts'
import { ensureSample, sampleTrunk } from './dev/sample.ts'

/** The workflow of the n8n guide, carried out by hand against a running installation: n8n itself is not here. */
const workflow = new URL('../../../docs/guides/n8n/outdial.json', import.meta.url)
const apiKey = 'odk_a-key-for-the-test-of-the-workflow'
const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters!!' }

const parameters = z.looseObject({
  url: z.string().optional(),
  jsonBody: z.string().optional(),
  jsCode: z.string().optional(),
})
const shape = z.object({
  nodes: z.array(z.looseObject({ name: z.string(), type: z.string(), parameters })),
  connections: z.record(z.string(), z.object({ main: z.array(z.array(z.object({ node: z.string() }))) })),
})

type Received = { headers: IncomingHttpHeaders; raw: string }

let database: TestDatabase
let all: AllInOne
let inbox: Server
const received: Received[] = []
let nodes: Map<string, z.output<typeof parameters>>
let connections: z.output<typeof shape>['connections']

beforeAll(async () => {
  const parsed = shape.parse(JSON.parse(await readFile(workflow, 'utf8')))
  nodes = new Map(parsed.nodes.map((node) => [node.name, node.parameters]))
  connections = parsed.connections
  database = await createTestDatabase()
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: { port: { port: 0, isFixed: true }, seed: 1, ...keys, trunks: [sampleTrunk] },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    clock: { speed: 60, originMs: Date.now() },
    allowPrivateNotices: true,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  inbox = createServer(async (request, response) => {
    received.push({ headers: request.headers, raw: await text(request) })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(inbox, 'listening')
}, 60_000)

afterAll(async () => {
  inbox.close()
  await all.stop()
  await database.drop()
}, 60_000)

/** What n8n's Code node would hand on. It throws what the node throws. */
async function checkSignature(notice: Received, secret: string): Promise<{ json: Record<string, unknown> }[]> {
  const code = (nodes.get('Check the signature')?.jsCode ?? '').replace(/whsec_[\w-]+/, secret)
  const { headers, raw } = notice
  const scope = {
    ...{ Buffer, Date, JSON, Math, Number, Error, require: createRequire(import.meta.url) },
    $input: { all: () => [{ json: { headers, body: {} } }] },
    node: { helpers: { getBinaryDataBuffer: async () => Buffer.from(raw) } },
  }
  return (await runInNewContext(`(async function () { ${code} }).call(node)`, scope)) as never
}

test('every arrow of the workflow leads to a node of it', () => {
  const targets = Object.values(connections).flatMap(({ main }) => main.flat().map(({ node }) => node))
  for (const name of [...Object.keys(connections), ...targets]) expect([...nodes.keys()]).toContain(name)
  expect(targets.length).toBeGreaterThan(4)
})

test('a lead is called, and the notice of its end passes the check', { timeout: 60_000 }, async () => {
  const workspace = await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date() })
  const { assistant } = await ensureSample(all.deps, workspace)
  const client = createApiClient({ url: all.url, apiKey })
  const endpoint = z.object({ secret: z.string() })
  const url = `http://127.0.0.1:${(inbox.address() as AddressInfo).port}/webhook/outdial-notice`
  const { secret } = await client.post('/notice-endpoints', { body: { url, events: ['call.ended'] }, answer: endpoint })

  const lead = { leadId: '4711', phone: '+15005550001', name: 'Grace' }
  const { jsonBody = '', url: address = '' } = nodes.get('Call the lead') ?? {}
  const expression = jsonBody.replace(/^=\{\{|\}\}$/g, '').replace(/REPLACE-WITH[\w-]+/, assistant.id)
  const body: unknown = JSON.parse(runInNewContext(expression, { JSON, $json: { body: lead } }) as string)
  await client.post(new URL(address).pathname.replace('/api/v1', ''), { body, answer: created })

  await expect.poll(() => received.length, { timeout: 50_000 }).toBeGreaterThan(0)
  const notice = received[0] as Received
  const [{ json } = { json: {} }] = await checkSignature(notice, secret)
  expect(json).toMatchObject({
    type: 'call.ended',
    data: { outcome: 'interested', to_number: '+15005550001', metadata: { lead_id: '4711' } },
  })

  const changed = { ...notice, raw: notice.raw.replace('interested', 'do_not_call') }
  await expect(checkSignature(changed, secret)).rejects.toThrow('not signed')
  const other = `whsec_${createHmac('sha256', 'other').digest('base64')}`
  await expect(checkSignature(notice, other)).rejects.toThrow('not signed')
  const headers = { ...notice.headers, 'webhook-timestamp': '1614265330' }
  await expect(checkSignature({ ...notice, headers }, secret)).rejects.toThrow('older than five minutes')
})
