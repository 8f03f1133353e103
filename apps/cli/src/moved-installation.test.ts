/** An installation that somebody moved over to: started with the variables of the old one, and sent its first request. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPorts } from '@outdial/chaos/ports'
import { type Role, type RoleProcess, startRole } from '@outdial/chaos/role-process'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { migrateQueue } from '@outdial/queue/queue'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'

const patienceMs = 120_000
const apiKey = `odk_${randomBytes(32).toString('base64url')}`
const livekit = { apiKey: 'devkey', apiSecret: randomBytes(32).toString('base64url') }
const clock = { speed: 20, clockOriginMs: Date.now() }

let database: TestDatabase
let simulator: Simulator
let folder: string
let apiUrl: string
let processes: RoleProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-moved-'))
  database = await createTestDatabase()
  await migrateQueue({ databaseUrl: database.url })
  const [api = 0, webhooks = 0, scheduler = 0, worker = 0] = await findPorts(4)
  const webhooksUrl = `http://127.0.0.1:${webhooks}`
  apiUrl = `http://127.0.0.1:${api}`
  const trunks = [{ sipTrunkId: 'ST_old', address: 'sip.simulator.test', numbers: ['+12125550100'] }]
  const webhookUrls = [`${webhooksUrl}/api/livekit/webhook`]
  simulator = await startSimulator({ port: 0, seed: 1, ...clock, ...livekit, webhookUrls, trunks })
  const env = {
    ...{ DATABASE_URL: database.url, PUBLIC_URL: webhooksUrl, OUTDIAL_API_KEY: apiKey, LIVEKIT_URL: simulator.url },
    ...{ LIVEKIT_API_KEY: livekit.apiKey, LIVEKIT_API_SECRET: livekit.apiSecret },
    ...{ CLOCK_SPEED: String(clock.speed), CLOCK_ORIGIN: String(clock.clockOriginMs) },
    ...{ LIVEKIT_SIP_OUTBOUND_TRUNK_ID: 'ST_old', LIVEKIT_SIP_FROM_NUMBER: '+12125550177', LIVEKIT_AGENT_NAME: 'old' },
  }
  const ports: [Role, number][] = [
    ['dial-worker', worker],
    ['scheduler', scheduler],
    ['webhooks', webhooks],
    ['api', api],
  ]
  processes = ports.map(([role, port]) => startRole(role, { port, env, directory: folder }))
  await Promise.all(processes.map((each) => each.ready()))
}, patienceMs)

afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()))
  await simulator.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
}, patienceMs)

test('the first request needs no set-up of its own', { timeout: patienceMs }, async () => {
  const answer = await fetch(`${apiUrl}/api/calls/outbound`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ to: '+15005550001', questions: ['Why?'] }),
  })
  expect(await answer.json()).toMatchObject({
    participant: { status: 'answered', sipCallId: expect.stringMatching(/^SCL_/) },
    metadata: { question: 'Why?' },
  })
  const [leg] = simulator.ledger().calls
  expect(leg).toMatchObject({ to: '+15005550001', from: '+12125550177', trunkId: 'ST_old' })
  await expect.poll(() => simulator.ledger().calls[0]?.outcome, { timeout: patienceMs }).toBe('interested')
})
