import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AllInOne, startAll } from './all-in-one.ts'
import { ensureSample, sampleTrunk } from './dev/sample.ts'

const guides = fileURLToPath(new URL('../../../docs/guides', import.meta.url))
const curl = fileURLToPath(new URL('testing/curl.ts', import.meta.url))
const apiKey = 'odk_a-key-for-the-test-of-the-guides'

let database: TestDatabase
let all: AllInOne
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-guides-'))
  await writeFile(join(folder, 'do-not-call.csv'), 'phone\n+14155550199\n')
  database = await createTestDatabase()
  const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters!!' }
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: { port: { port: 0, isFixed: true }, seed: 1, ...keys, trunks: [sampleTrunk] },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    // Noon in New York on a Monday: whoever may be called at all may be called now.
    clock: { speed: 1, originMs: Date.now(), startMs: Date.parse('2026-03-02T17:00:00Z') },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  await ensureSample(all.deps, await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date() }))
}, 60_000)

afterAll(async () => {
  await all.stop()
  await database.drop()
  await rm(folder, { recursive: true })
}, 60_000)

/** What the guides' overview says to begin with; and a trunk and an assistant, as their first steps leave behind. */
const preamble = `
set -eu
curl() { node "$CURL" "$@"; }
field() { node -pe "JSON.parse(require('fs').readFileSync(0, 'utf8')).$1"; }
KEY="x-api-key: $OUTDIAL_API_KEY" JSON='content-type: application/json'
trunk=$(curl -s $API/trunks -H "$KEY" | field 'data[0].id')
assistant=$(curl -s $API/assistants -H "$KEY" | field 'data[0].id')
`

/** Only the requests: other commands of the guides have tests of their own. */
function requestsOf(guide: string): string[] {
  const blocks = [...guide.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block = '']) => block)
  return blocks
    .filter((block) => block.includes('$API'))
    .map((block) =>
      block
        .replace(/^ *(outdial|API=|field\(\)).*(\\\n.*)*$/gm, '')
        .replaceAll('…', 'value')
        .replaceAll('+1YOURNUMBER', '+15005550001')
        .replaceAll('"https://n8n.example.com/', '"https://hooks.example.com/'),
    )
}

const names = (await readdir(guides)).filter((name) => name.endsWith('.md') && name !== 'README.md')

test.each(names)('every request of docs/guides/%s is accepted', { timeout: 60_000 }, async (name) => {
  const requests = requestsOf(await readFile(join(guides, name), 'utf8'))
  if (requests.length === 0) return expect(name).toMatch(/^(self-hosted-livekit|your-own-agent)\.md$/)
  const script = [preamble, ...requests].join('\n')
  const env = { PATH: process.env.PATH, CURL: curl, API: `${all.url}/api/v1`, OUTDIAL_API_KEY: apiKey }
  const run = promisify(execFile)('sh', ['-c', script], { cwd: folder, env })
  await expect(run).resolves.toMatchObject({ stderr: '' })
})
