import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { startTwilioAccount } from '@outdial/telephony/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from '../all-in-one.ts'
import { createApiClient } from '../api/client.ts'
import { runCommand } from '../testing/run-command.ts'

const apiKey = 'odk_a-key-for-the-test-of-registering'
const address = 'outdial-6789abcdef.pstn.twilio.com'

let database: TestDatabase
let all: AllInOne
let account: Awaited<ReturnType<typeof startTwilioAccount>>

beforeAll(async () => {
  database = await createTestDatabase()
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: {
      port: { port: 0, isFixed: true },
      seed: 1,
      apiKey: 'devkey',
      apiSecret: 'a-secret-of-at-least-32-chars!!!',
    },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    clock: { speed: 1, originMs: Date.now() },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date() })
}, 60_000)
afterAll(async () => {
  await all.stop()
  await database.drop()
}, 60_000)

beforeEach(async () => {
  account = await startTwilioAccount({ numbers: ['+14155550100', '+14155550101'] })
})
afterEach(() => account.close())

function setup(line: string, env: Record<string, string> = {}) {
  const installation = { OUTDIAL_URL: all.url, OUTDIAL_API_KEY: apiKey }
  return runCommand(['twilio', 'setup', '--register', ...line.split(' ')], { ...account.env, ...installation, ...env })
}

const trunks = async () => {
  const row = z.looseObject({ id: z.string(), name: z.string(), numbers: z.array(z.string()), livekit: z.unknown() })
  const { data } = await createApiClient({ url: all.url, apiKey }).get('/trunks', z.object({ data: z.array(row) }))
  return data
}

test('a trunk is made at Twilio, on LiveKit and in Outdial, and completed by the next runs', async () => {
  const dry = await setup('--number +14155550100 --dry-run')
  expect(dry).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^\+ trunk Outdial in Outdial/m) })
  expect(await trunks()).toEqual([])

  const first = await setup('--number +14155550100')
  const [trunk] = await trunks()
  expect(first).toMatchObject({ code: 0, stdout: `${trunk?.id}\n` })
  const login = { authUsername: 'outdial', hasPassword: true }
  expect(trunk).toMatchObject({
    provider: 'twilio',
    callsPerSecond: 1,
    livekit: { address, transport: 'tcp', ...login },
  })

  const second = await setup('--number +14155550100')
  expect(second.stderr).not.toMatch(/^[+~!]/m)
  const third = await setup('--number +14155550101 --secure --new-password')
  expect(third).toMatchObject({ code: 0, stdout: first.stdout })
  expect(third.stderr).toMatch(/^~ trunk .* in Outdial and on LiveKit: numbers, security, password$/m)
  expect(await trunks()).toMatchObject([
    { numbers: ['+14155550100', '+14155550101'], livekit: { transport: 'tls', mediaEncryption: 'require', ...login } },
  ])
})

test('a user whose password nobody knows is not registered, and an installation that is away is told first', async () => {
  const away = await setup('--number +14155550100', { OUTDIAL_URL: 'http://127.0.0.1:9' })
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('OUTDIAL_URL') })
  expect(account.writes()).toEqual([])
  await runCommand(['twilio', 'setup', '--domain', 'other', '--number', '+14155550100'], account.env)
  const unknown = await setup('--domain other --number +14155550100')
  expect(unknown).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^! .*--new-password/m) })
})
