/** Notices when the process that sends them is killed: api, scheduler and webhooks, each a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPorts } from '@outdial/chaos/ports'
import { type RoleProcess, startRole } from '@outdial/chaos/role-process'
import { createTestDatabase, type TestDatabase, testRedisUrl } from '@outdial/database/testing'
import { eraseQueue } from '@outdial/queue/erase'
import { migrateQueue } from '@outdial/queue/queue'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const patienceMs = 180_000
const apiKey = 'odk_a-key-for-the-test-of-killed-postmen'
const livekit = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters' }
const count = 6

let database: TestDatabase
let simulator: Simulator
let folder: string
let env: Record<string, string>
let ports: number[]
let receiver: Server
/** It takes connections and says nothing. */
let isHanging = true
const begun = new Set<string>()
const taken = new Set<string>()
const processes: RoleProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-notices-'))
  database = await createTestDatabase()
  const redisUrl = ownRedis()
  await migrateQueue({ databaseUrl: database.url, ...(redisUrl && { redisUrl }) })
  simulator = await startSimulator({
    ...{ port: 0, speed: 1, clockOriginMs: Date.now(), seed: 1, ...livekit, webhookUrls: [], trunks: [] },
  })
  receiver = createServer((request, response) => {
    const id = String(request.headers['webhook-id'])
    begun.add(id)
    if (isHanging) return
    taken.add(id)
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  ports = await findPorts(4)
  env = {
    ...{ DATABASE_URL: database.url, ...(redisUrl && { REDIS_URL: redisUrl }), LIVEKIT_URL: simulator.url },
    ...{ LIVEKIT_API_KEY: livekit.apiKey, LIVEKIT_API_SECRET: livekit.apiSecret, PUBLIC_URL: 'http://127.0.0.1:9' },
    ...{ OUTDIAL_API_KEY: apiKey, NOTICES_ALLOW_PRIVATE: 'true' },
  }
  const roles = ['api', 'scheduler', 'webhooks'] as const
  processes.push(...roles.map((role, i) => startRole(role, { port: ports[i] ?? 0, env, directory: folder })))
  await Promise.all(processes.map((each) => each.ready()))
}, patienceMs)

afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()))
  receiver.closeAllConnections()
  receiver.close()
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
  url.pathname = '/12'
  return url.href
}

async function send(method: string, path: string, json?: object) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' }
  const url = `http://127.0.0.1:${ports[0]}/api/v1${path}`
  const answer = await fetch(url, { method, headers, ...(json && { body: JSON.stringify(json) }) })
  return z.looseObject({ id: z.string().optional() }).parse(await answer.json())
}

test('a postman killed with notices in hand loses none: the next one sends them under their ids', {
  timeout: patienceMs,
}, async () => {
  const { port } = receiver.address() as AddressInfo
  const endpoint = await send('POST', '/notice-endpoints', { url: `http://127.0.0.1:${port}/` })
  const ids: string[] = []
  for (let i = 0; i < count; i += 1) {
    const { id } = await send('POST', `/notice-endpoints/${endpoint.id}/test`)
    ids.push(id ?? '')
  }
  await expect.poll(() => begun.size, { timeout: 60_000 }).toBeGreaterThan(0)
  const postman = processes[2]
  postman?.child.kill('SIGKILL')
  await expect.poll(() => postman?.child.signalCode, { timeout: 10_000 }).toBe('SIGKILL')
  expect(taken.size).toBe(0)

  isHanging = false
  const next = startRole('webhooks', { port: ports[3] ?? 0, env, directory: folder })
  processes.push(next)
  await next.ready()
  await expect.poll(() => taken.size, { timeout: 90_000 }).toBe(count)
  expect([...taken].toSorted((a, b) => a.localeCompare(b))).toEqual(ids.toSorted((a, b) => a.localeCompare(b)))
  const statuses = async () => {
    const { data } = await send('GET', '/notices')
    return (data as { status: string }[]).map(({ status }) => status)
  }
  await expect.poll(statuses, { timeout: 30_000 }).toEqual(ids.map(() => 'delivered'))
})
