import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@outdial/database/client'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { LiveKit } from '@outdial/telephony/livekit'
import { startTwilioAccount } from '@outdial/telephony/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from '../all-in-one.ts'
import { created } from '../api/answers.ts'
import { createApiClient } from '../api/client.ts'
import { ensureSample, sampleTrunk } from '../dev/sample.ts'
import { runCommand } from '../testing/run-command.ts'

const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters!!' }
const apiKey = 'odk_a-key-for-the-test-of-the-doctor'

let database: TestDatabase
let all: AllInOne
let env: Record<string, string>

beforeAll(async () => {
  database = await createTestDatabase()
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: { port: { port: 0, isFixed: true }, seed: 1, ...keys, trunks: [sampleTrunk] },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    clock: { speed: 1, originMs: Date.now() },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  await ensureSample(all.deps, await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date() }))
  env = {
    ...{ DATABASE_URL: database.url, PUBLIC_URL: all.url, OUTDIAL_URL: all.url, OUTDIAL_API_KEY: apiKey },
    ...{ LIVEKIT_URL: all.livekit.url, LIVEKIT_API_KEY: keys.apiKey, LIVEKIT_API_SECRET: keys.apiSecret },
  }
}, 60_000)

afterAll(async () => {
  await all.stop()
  await database.drop()
}, 60_000)

const doctor = (more: Record<string, string> = {}, args: string[] = []) =>
  runCommand(['doctor', ...args], { ...env, ...more })

const linesWith = (stdout: string, mark: string) => stdout.split('\n').filter((line) => line.startsWith(mark))

test('an installation that works is found to work, and nothing is left behind', { timeout: 30_000 }, async () => {
  const agent = ['--agent', 'outdial-agent']
  const { code, stdout } = await doctor({ JWT_SECRET: 'a-secret-of-at-least-32-characters!!' }, agent)
  expect(linesWith(stdout, '✗')).toEqual([])
  expect(code).toBe(0)
  for (const about of ['database', 'queue', 'livekit', 'public', 'api', 'agent']) {
    expect(stdout).toMatch(new RegExp(`^✓ ${about} `, 'm'))
  }
  expect(stdout).toMatch(/^! public +127\.0\.0\.1 is reached only from here/m)
  expect(stdout).toMatch(/^- twilio +not looked at: set TWILIO_ACCOUNT_SID/m)
  expect(stdout).toMatch(/^✓ api +the trunk Simulated telephone network is ST_simulator$/m)
  const client = createApiClient({ url: all.url, apiKey })
  expect(await client.text('/calls')).toContain('"data":[]')
})

const wrongs: [string, Record<string, string>, RegExp][] = [
  ['no database', { DATABASE_URL: 'postgres://me:hush@127.0.0.1:1/x' }, /^✗ database +.*ECONNREFUSED.*DATABASE_URL/m],
  ['another secret', { LIVEKIT_API_SECRET: 'another-secret-of-at-least-32-chars' }, /^✗ livekit .*LIVEKIT_API_SECRET/m],
  [
    'a secret the webhooks role does not have',
    { LIVEKIT_API_SECRET: 'another-secret-of-at-least-32-chars' },
    /^✗ public .*another key/m,
  ],
  ['no LiveKit', { LIVEKIT_URL: 'ws://livekit.invalid' }, /^✗ livekit .*LIVEKIT_URL/m],
  [
    'an address that nobody has',
    { PUBLIC_URL: 'https://dialer.invalid' },
    /^✗ public +.*ENOTFOUND.*Correct PUBLIC_URL/m,
  ],
  ['no key set', { JWKS_URL: 'http://keys.invalid/jwks' }, /^✗ tokens +.*Correct JWKS_URL/m],
  ['a trunk LiveKit does not have', { LIVEKIT_SIP_OUTBOUND_TRUNK_ID: 'ST_none' }, /^✗ livekit .*ST_none/m],
  ['an unknown key', { OUTDIAL_API_KEY: 'odk_unknown-key-of-nobody' }, /^✗ api +\S/m],
  ['a variable that makes no sense', { PUBLIC_URL: 'dialer.example.com' }, /^✗ variable +PUBLIC_URL: set it to/m],
  ['a short secret', { JWT_SECRET: 'too-short' }, /^✗ variable +JWT_SECRET: .*32 characters/m],
]
test.each(wrongs)('%s is found, and the rest is looked at all the same', async (_, more, expected) => {
  const { code, stdout, stderr } = await doctor(more)
  expect(stdout).toMatch(expected)
  expect(code).toBe(1)
  expect(stderr).toMatch(/(is|are) wrong\.$/m)
  expect(linesWith(stdout, '✓').length).toBeGreaterThan(3)
  expect(stdout + stderr).not.toMatch(/hush|another-secret|too-short|nobody/)
})

test('an address that leads to something else is found', async () => {
  expect((await doctor({ PUBLIC_URL: all.livekit.url })).stdout).toMatch(/^✗ public .*Correct PUBLIC_URL/m)
})

test('an agent that does not come is missed', async () => {
  const { code, stdout } = await doctor({}, ['--agent', 'missing-agent', '--wait', '1'])
  expect({ code, lines: linesWith(stdout, '✗').length }).toEqual({ code: 1, lines: 1 })
  expect(stdout).toMatch(/^✗ agent +missing-agent did not come/m)
})

test('a database that is not migrated is not used', async () => {
  const empty = await createTestDatabase()
  const owner = connect({ url: empty.url, role: 'owner', maxConnections: 1 })
  await owner.db.execute('drop schema drizzle cascade')
  await owner.close()
  const { code, stdout } = await doctor({ DATABASE_URL: empty.url })
  await empty.drop()
  expect(code).toBe(1)
  expect(stdout).toMatch(/^✗ database +\d+ migrations are missing\. Run: outdial migrate$/m)
})

const egress = {
  ...{ LIVEKIT_EGRESS_ENABLED: 'true', LIVEKIT_EGRESS_S3_BUCKET: 'calls' },
  ...{ LIVEKIT_EGRESS_S3_ACCESS_KEY: 'AKIA', LIVEKIT_EGRESS_S3_SECRET_KEY: 'hush' },
}
const storageSays: [string, RegExp][] = [
  ['NoSuchKey', /^✓ recordings the key may read and delete in the bucket calls/m],
  ['NoSuchBucket', /^✗ recordings .*LIVEKIT_EGRESS_S3_BUCKET/m],
  ['InvalidAccessKeyId', /^✗ recordings .*LIVEKIT_EGRESS_S3_ACCESS_KEY/m],
  ['SignatureDoesNotMatch', /^✗ recordings .*LIVEKIT_EGRESS_S3_SECRET_KEY/m],
  ['AccessDenied', /^! recordings .*may not list/m],
  ['SlowDown', /^✗ recordings .*answers SlowDown/m],
]
test.each(storageSays)('a storage that says %s is understood', async (code, expected) => {
  const asked: string[] = []
  const storage = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const status = request.method === 'DELETE' ? 204 : 404
    response.writeHead(status).end(status === 404 ? `<Error><Code>${code}</Code></Error>` : undefined)
  }).listen(0, '127.0.0.1')
  await once(storage, 'listening')
  const endpoint = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`
  const { stdout, stderr } = await doctor({ ...egress, LIVEKIT_EGRESS_S3_ENDPOINT: endpoint })
  storage.close()
  expect(stdout).toMatch(expected)
  expect(stdout + stderr).not.toContain('hush')
  expect(asked[0]).toMatch(/^GET \/calls\/outdial-doctor-/)
  expect(asked.length).toBe(code === 'NoSuchKey' ? 2 : 1)
})

test('recordings without a place for them are missed', async () => {
  const { code, stdout } = await doctor({ LIVEKIT_EGRESS_ENABLED: 'true' })
  expect(code).toBe(1)
  expect(stdout).toMatch(/^✗ recordings .*LIVEKIT_EGRESS_S3_BUCKET/m)
  expect((await doctor()).stdout).toMatch(/^- recordings No call is recorded/m)
})

test('an inbound trunk without a rule or without a number is found', async () => {
  const livekit = new LiveKit({ url: all.livekit.url, ...keys })
  const { livekitTrunkId } = await livekit.inbound.createTrunk({ name: 'Front desk', numbers: ['+14155550177'] })
  const before = (await doctor()).stdout
  expect(before).toMatch(/^✗ livekit .*Front desk.*dispatch-rule create --trunk ST_/m)
  expect(before).toMatch(/^! api .*Front desk\) belong to no number.*phone-numbers/m)
  await livekit.inbound.createRule({ name: 'Front desk', livekitTrunkIds: [livekitTrunkId] })
  expect((await doctor()).stdout).toMatch(/^✓ livekit +calls to ST_\w+ \(Front desk\) come in by SDR_/m)
  await livekit.inbound.deleteTrunk(livekitTrunkId)

  const client = createApiClient({ url: all.url, apiKey })
  const { data } = await client.get('/assistants', z.object({ data: z.array(created) }))
  const body = { phoneNumber: '+14155550178', assistantId: data[0]?.id }
  const number = await client.post('/phone-numbers', { body, answer: z.object({ livekitInboundTrunkId: z.string() }) })
  expect((await doctor()).stdout).toMatch(/^✓ api +calls to \+14155550178 are answered$/m)
  await livekit.inbound.deleteTrunk(number.livekitInboundTrunkId)
  expect((await doctor()).stdout).toMatch(/^✗ api +\+14155550178 comes in by ST_\w+, which LiveKit does not have/m)
})

test('Twilio: credentials, the number, its trunk, and whether LiveKit calls through it', async () => {
  const account = await startTwilioAccount()
  const twilio = { ...account.env, TWILIO_PHONE_NUMBER: '+14155550100' }
  const about = async (more: Record<string, string> = {}) =>
    linesWith((await doctor({ ...twilio, ...more })).stdout.replace(/^(.) twilio +/gm, 'twilio $1 '), 'twilio').join(
      '\n',
    )
  expect(await about()).toMatch(/✓ the account Acme.*\n.*! \+14155550100 is on no Elastic SIP trunk.*twilio setup/)
  expect((await runCommand(['twilio', 'setup'], twilio)).code).toBe(0)
  expect(await about()).toMatch(/✓ .*is on the trunk Outdial.*\n.*✗ No outbound trunk of LiveKit leads to outdial-/)
  const registering = await runCommand(['twilio', 'setup', '--new-password', '--register'], { ...env, ...twilio })
  expect(registering.code).toBe(0)
  expect(await about()).not.toMatch(/[✗!]/)
  expect(await about({ TWILIO_AUTH_TOKEN: 'wrong-token' })).toMatch(/^twilio ✗ .*TWILIO_AUTH_TOKEN/)
  expect(await about({ TWILIO_PHONE_NUMBER: '+14155550199' })).toMatch(/✗ \+14155550199 is not a number/)
  await account.close()
})
