import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPorts } from '@outdial/chaos/ports'
import { type Role, type RoleProcess, startRole } from '@outdial/chaos/role-process'
import { createTestDatabase, type TestDatabase, testRedisUrl } from '@outdial/database/testing'
import { judge } from '@outdial/judge/judge'
import { readEvidence } from '@outdial/judge/read-evidence'
import { eraseQueue } from '@outdial/queue/erase'
import { migrateQueue } from '@outdial/queue/queue'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Call, call } from './api/answers.ts'
import { createApiClient } from './api/client.ts'
import { writeContactFile } from './demo/contact-file.ts'
import { importContacts, launchCampaign } from './demo/journey.ts'
import { checkCounters } from './demo/result.ts'
import { watchCampaign } from './demo/watch.ts'

const speed = 200
const contacts = 200
const patienceMs = 180_000
/** More than the machine can follow, so that many phones ring when the worker is killed. */
const limits = { callsPerSecond: 5, maxConcurrency: 100 }
const clockOriginMs = Date.now()
/** The machine cannot follow this pace: calls wait in front of each other, each on its own. */
const paceJitterMs = 2_000

const apiKey = `odk_${randomBytes(32).toString('base64url')}`
const livekit = { apiKey: 'devkey', apiSecret: randomBytes(32).toString('base64url') }
const numbers = ['+12125550199']

let database: TestDatabase
let simulator: Simulator
let folder: string
const processes: RoleProcess[] = []
let apiUrl = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-roles-'))
  database = await createTestDatabase()
  const redisUrl = ownRedis()
  await migrateQueue({ databaseUrl: database.url, ...(redisUrl && { redisUrl }) })
  const [apiPort = 0, webhooksPort = 0, ...otherPorts] = await findPorts(6)
  const webhooksUrl = `http://127.0.0.1:${webhooksPort}`
  apiUrl = `http://127.0.0.1:${apiPort}`
  simulator = await startSimulator({
    ...{ port: 0, speed, clockOriginMs, seed: 1, ...livekit },
    webhookUrls: [`${webhooksUrl}/api/livekit/webhook`],
    trunks: [{ sipTrunkId: 'ST_roles', name: 'Roles', address: 'sip.simulator.test', numbers }],
  })
  const env = {
    ...{ DATABASE_URL: database.url, ...(redisUrl && { REDIS_URL: redisUrl }), LIVEKIT_URL: simulator.url },
    ...{ LIVEKIT_API_KEY: livekit.apiKey, LIVEKIT_API_SECRET: livekit.apiSecret, PUBLIC_URL: webhooksUrl },
    ...{ CLOCK_SPEED: String(speed), CLOCK_ORIGIN: String(clockOriginMs), OUTDIAL_API_KEY: apiKey },
  }
  const roles: [Role, number][] = [
    ['dial-worker', otherPorts[0] ?? 0],
    ['dial-worker', otherPorts[1] ?? 0],
    ['scheduler', otherPorts[2] ?? 0],
    ['scheduler', otherPorts[3] ?? 0],
    ['webhooks', webhooksPort],
    ['api', apiPort],
  ]
  processes.push(...roles.map(([role, port]) => startRole(role, { port, env, directory: folder })))
  await Promise.all(processes.map((each) => each.ready()))
}, patienceMs)

afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()))
  await simulator.close()
  const redisUrl = ownRedis()
  const erased = { databaseUrl: database.url, prefix: '{outdial}', onError: () => {} }
  if (redisUrl) await eraseQueue({ ...erased, redisUrl })
  await database.drop()
  await rm(folder, { recursive: true, force: true })
}, patienceMs)

/** The roles use the queue's usual prefix, so they get a Redis database that no other test uses. */
function ownRedis(): string | undefined {
  const shared = testRedisUrl()
  if (!shared) return undefined
  const url = new URL(shared)
  url.pathname = '/11'
  return url.href
}

test('a dial worker killed while phones ring costs nothing but its own calls', { timeout: patienceMs }, async () => {
  const client = createApiClient({ url: apiUrl, apiKey })
  const path = join(folder, 'contacts.csv')
  await writeFile(path, writeContactFile({ count: contacts, seed: 1 }))
  const csvFile = await importContacts(client, { path, country: 'US' })
  const campaignId = await launchCampaign(client, {
    csvFile,
    livekitTrunkId: 'ST_roles',
    numbers,
    limits,
  })

  const ringing = () => simulator.ledger().calls.filter((invite) => !invite.answered && !invite.ended)
  await expect.poll(() => ringing().length, { interval: 5, timeout: 60_000 }).toBeGreaterThan(3)
  const [victim] = processes
  victim?.child.kill('SIGKILL')
  const killedAtMs = Date.now()

  const last = await watchCampaign(client, { campaignId, signal: AbortSignal.timeout(patienceMs), onLook: () => {} })
  const calls: Call[] = []
  for await (const each of client.list(`/outbound-calls/campaign/${campaignId}`, call)) calls.push(each)
  const evidence = await readEvidence({ ledger: simulator.url, databaseUrl: database.url })
  const options = { clockSpeed: speed, paceJitterMs, expectFinished: true }
  const { violations, facts } = judge({ ...evidence, options })

  expect(victim?.child.signalCode).toBe('SIGKILL')
  expect(violations).toEqual([])
  expect(last.status.contacts).toMatchObject({ total: contacts, waiting: 0, claimed: 0, finished: contacts })
  expect(facts.invites).toBeGreaterThanOrEqual(contacts)
  expect(checkCounters(last, calls)).toEqual([])
  // Only of what it was dialing may something be unknown.
  const unknown = new Set(calls.filter(({ disposition }) => disposition === 'unknown').map(({ id }) => id))
  const permits = evidence.log.filter(({ kind, callId }) => kind === 'permitted' && callId && unknown.has(callId))
  expect(permits.filter(({ recordedAt }) => Date.parse(recordedAt) > killedAtMs)).toEqual([])
  expect(facts.unreported).toBe(0)
})
