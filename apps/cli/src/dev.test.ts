import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPorts } from '@outdial/chaos/ports'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { call, created } from './api/answers.ts'
import { createApiClient } from './api/client.ts'
import { writeContactFile } from './demo/contact-file.ts'
import { type CliProcess, startCli } from './testing/cli-process.ts'

const patienceMs = 120_000
const jwtSecret = 'a secret of at least 32 characters, for tests'

let database: TestDatabase
let folder: string
let env: Record<string, string>
let dev: CliProcess
let url: string
let apiKey: string

beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'outdial-dev-test-'))
  const [port = 0, simulatorPort = 0] = await findPorts(2)
  const data = { DATABASE_URL: database.url, OUTDIAL_DATA_DIRECTORY: folder, JWT_SECRET: jwtSecret }
  env = { ...data, PORT: String(port), SIMULATOR_PORT: String(simulatorPort), CLOCK_SPEED: '100' }
  dev = startCli(['dev'], env)
  await dev.prints(/npm run demo/)
  url = /^ {2}API +(\S+)\/api\/v1$/m.exec(dev.stdout())?.[1] ?? ''
  apiKey = /^ {2}API key +(\S+)$/m.exec(dev.stdout())?.[1] ?? ''
}, patienceMs)

afterAll(async () => {
  dev.child.kill('SIGTERM')
  await dev.ended
  await database.drop()
  await rm(folder, { recursive: true, force: true })
}, patienceMs)

const campaignState = z.object({ state: z.string(), attempts: z.int() })

/** A command that talks to the running installation. */
async function run(args: string[], more: Record<string, string> = {}) {
  const cli = startCli(args, { OUTDIAL_URL: url, OUTDIAL_API_KEY: apiKey, ...more })
  return { code: await cli.ended, stdout: cli.stdout(), stderr: cli.stderr() }
}

test('the first call that is printed needs nothing else and is answered', { timeout: patienceMs }, async () => {
  const body = /-d '(\{.*\})'$/m.exec(dev.stdout())?.[1] ?? ''
  const client = createApiClient({ url, apiKey })
  const { id } = await client.post('/outbound-calls/initiate', { body: JSON.parse(body), answer: call })
  const read = () => client.get(`/outbound-calls/${id}`, call)
  await expect.poll(read, { timeout: 30_000 }).toMatchObject({ status: 'completed', outcome: 'interested' })
  const listed = await run(['calls', 'list', '--outcome', 'interested'])
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining(id) })
})

test('a contact file goes into the list of that name, and only once', { timeout: patienceMs }, async () => {
  const path = join(folder, 'contacts.csv')
  await writeFile(path, writeContactFile({ count: 30, seed: 3 }))
  const first = await run(['import', path, '--list', 'Autumn leads', '--country', 'US'])
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/30 rows: 30 accepted, 0 duplicates, 0 invalid/),
  })
  const again = await run(['import', path, '--list', 'Autumn leads', '--country', 'US'])
  expect(again.stdout).toMatch(/30 rows: 0 accepted, 30 duplicates, 0 invalid/)
  const listId = /^contact list +(\S+)$/m
  expect(listId.exec(again.stdout)?.[1]).toBe(listId.exec(first.stdout)?.[1])
})

test('a token opens the workspace it was minted for, and no other', { timeout: patienceMs }, async () => {
  const made = await run(['workspace', 'create', 'Acme'], { DATABASE_URL: database.url })
  const id = /^workspace +(\S+)$/m.exec(made.stdout)?.[1] ?? ''
  const key = /^API key +(\S+)$/m.exec(made.stdout)?.[1] ?? ''
  const minted = await run(['token', '--workspace', id, '--subject', 'ada'], { JWT_SECRET: jwtSecret })
  const authorization = `Bearer ${minted.stdout.trim()}`
  const response = await fetch(`${url}/api/v1/workspace`, { headers: { authorization } })
  expect(z.object({ id: z.string(), name: z.string() }).parse(await response.json())).toEqual({ id, name: 'Acme' })
  const byKey = createApiClient({ url, apiKey: key })
  expect(await byKey.get('/assistants', z.object({ data: z.array(z.unknown()) }))).toEqual({ data: [] })
})

test('whoever asks why somebody was called or not is told the story', { timeout: patienceMs }, async () => {
  const client = createApiClient({ url, apiKey })
  const make = async (path: string, body: object) => (await client.post(path, { body, answer: created })).id
  const contactListId = await make('/contact-lists', { name: 'One' })
  const contacts = [{ phoneNumber: '+12125550142', name: 'Ada' }]
  await client.post(`/contact-lists/${contactListId}/contacts`, { body: { contacts }, answer: z.object({}) })
  const { data } = await client.get('/assistants', z.object({ data: z.array(created) }))
  const source = { contactSource: 'contact_list', contactListId, assistantId: data[0]?.id }
  const hours = { callingDays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], startHour: 0, endHour: 0 }
  const rules = { ...hours, jurisdictionRules: 'warn', maxAttemptsPerContact: 1 }
  const campaignId = await make('/campaigns', { name: 'One', ...source, ...rules })
  const why = (who: string) => run(['campaign', 'why', campaignId, who])
  expect((await why('+12125550142')).stdout).toMatch(/Ada: waiting.*\nThe campaign has not been started\./)
  expect(await why('+12125550143')).toMatchObject({ code: 2, stderr: expect.stringContaining('no contact') })
  await run(['campaign', 'start', campaignId])
  const states = () => client.get(`/campaigns/${campaignId}/contacts`, z.object({ data: z.array(campaignState) }))
  await expect.poll(states, { timeout: 60_000 }).toEqual({ data: [{ state: 'finished', attempts: 1 }] })
  const lines = (await why('+12125550142')).stdout.split('\n')
  expect(lines[0]).toBe('+12125550142 Ada: finished, attempts: 1')
  const kinds = lines.slice(4).map((line) => line.split(/ {2,}/)[1])
  expect(kinds).toEqual(expect.arrayContaining(['campaign_started', 'claimed', 'permitted', 'dialed', 'finished']))
  expect(lines[1]).toMatch(/The campaign is done with them|as often as the campaign tries|does not call again/)
})

test('what the API refuses is said in its words', { timeout: patienceMs }, async () => {
  const unknown = '00000000-0000-7000-8000-000000000000'
  expect(await run(['campaign', 'start', unknown])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no campaign .*Check the id/),
  })
  expect(await run(['campaign', 'list'], { OUTDIAL_API_KEY: 'wrong' })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/API key is not known/),
  })
})

test('a port that somebody asked for is not replaced by another', { timeout: patienceMs }, async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const second = startCli(['dev'], { ...env, PORT: String(port) })
  expect(await second.ended).toBe(1)
  expect(second.stderr()).toMatch(new RegExp(`port ${port} is in use: set PORT`))
  const third = startCli(['dev'], { ...env, PORT: '0', SIMULATOR_PORT: String(port) })
  expect(await third.ended).toBe(1)
  expect(third.stderr()).toMatch(/SIMULATOR_PORT/)
  taken.close()
})

test('settings that cannot be used are all named', { timeout: patienceMs }, async () => {
  const cli = startCli(['dev'], {
    ...env,
    DATABASE_URL: 'mysql://x',
    LIVEKIT_URL: 'wss://livekit.example.com',
    PORT: 'x',
  })
  expect(await cli.ended).toBe(2)
  for (const name of ['DATABASE_URL', 'PORT']) expect(cli.stderr()).toMatch(new RegExp(`${name} is not valid`))
})
