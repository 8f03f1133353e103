import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testRedisUrl } from '@outdial/database/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { DemoResult } from './demo/result.ts'
import { descendantsOf, isRunning, startCli } from './testing/cli-process.ts'

const patienceMs = 120_000

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-demo-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** On the server of the test run, in a database that the demo makes and drops. */
const onTestServer = () => ['--database-url', inject('testServer').url, '--exit', '--json']

test('a whole campaign, from invented contacts to a verdict in JSON', { timeout: patienceMs }, async () => {
  const redisUrl = testRedisUrl()
  const redis = redisUrl ? ['--redis-url', redisUrl] : []
  const demo = startCli(['demo', '--contacts', '40', '--speed', '300', '--seed', '219', ...redis, ...onTestServer()])
  expect({ code: await demo.ended, stderr: demo.stderr() }).toMatchObject({ code: 0 })

  const lines = demo.stdout().trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  const result = JSON.parse(lines[0] ?? '') as DemoResult
  expect(result).toMatchObject({
    contacts: { total: 40, finished: 40, accepted: 40, duplicates: 0, invalid: 0 },
    callsWithTwoInvites: 0,
    countersMatchLedger: true,
    brokenRules: [],
    ...{ speed: 300, seed: 219, queue: redisUrl ? 'redis' : 'postgres', ok: true },
  })
  const { calls, invites } = result
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
  expect([sum(calls.byStatus), sum(calls.byDisposition)]).toEqual([calls.total, calls.total])
  expect(invites).toBe(calls.total - (calls.byDisposition.canceled ?? 0))
  expect(invites).toBeGreaterThanOrEqual(40)
  expect(result.simulatedTimeMs).toBeGreaterThan(0)
  expect(demo.stderr()).toMatch(/Imported 40 rows: 40 accepted/)
})

test('a file with nobody to call ends with a message that says why', { timeout: patienceMs }, async () => {
  const csv = join(folder, 'nobody.csv')
  await writeFile(csv, 'Name,Phone\nAda,12\nGrace,\n')
  const demo = startCli(['demo', '--csv', csv, ...onTestServer()])
  expect(await demo.ended).toBe(1)
  expect(demo.stderr()).toMatch(/nobody to call: all 2 rows were refused for US, the first because:\s+line 2:/)
  expect(demo.stdout()).toBe('')
})

test('Ctrl-C leaves no process and no lock behind', { timeout: patienceMs }, async () => {
  const env = { OUTDIAL_DATA_DIRECTORY: join(folder, 'data') }
  const first = startCli(['demo', '--contacts', '300', '--speed', '20', '--exit'], env)
  await first.says(/ringing/)
  const started = await descendantsOf(first.child.pid ?? 0)
  expect(started.length).toBeGreaterThan(0)
  first.child.kill('SIGINT')
  expect(await first.ended).toBe(130)
  await expect.poll(() => started.filter(isRunning), { timeout: 10_000 }).toEqual([])

  const second = startCli(['demo', '--contacts', '5', '--speed', '600', '--seed', '275', '--exit', '--json'], env)
  expect({ code: await second.ended, stderr: second.stderr() }).toMatchObject({ code: 0 })
  expect(JSON.parse(second.stdout())).toMatchObject({ contacts: { finished: 5 }, ok: true })
})
