import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calls } from '@outdial/database/schema/calls'
import { recordings } from '@outdial/database/schema/recordings'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addWorkspace, after, livekitKeys, noon, openWorld, type World } from '../testing.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { removeFiles } from './remove-files.ts'

let world: World
let storage: Server
let recorder: Recorder
/** What the storage answers next, and what it was asked. */
let answers: number[]
let asked: string[]

beforeAll(async () => {
  world = await openWorld()
  storage = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]}`)
    response.writeHead(answers.shift() ?? 204).end('<Error><Code>SlowDown</Code></Error>')
  })
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`
  const bucket = { bucket: 'calls', accessKey: 'AK', secretKey: 'SK', region: 'eu-central-1', endpoint }
  const livekit = { url: 'http://127.0.0.1:9', ...livekitKeys }
  const clock = { realNow: () => new Date() }
  recorder = createRecorder({ when: 'always', bucket, keyPrefix: '' }, { livekit, clock })
})
afterAll(async () => {
  storage.close()
  await world.close()
})
beforeEach(() => {
  answers = []
  asked = []
})

async function doomed() {
  const { who } = await addWorkspace(world)
  const { workspaceId } = who
  const [call] = await world.db
    .insert(calls)
    .values({ workspaceId, origin: 'single', phoneNumber: '+14155550100', roomName: crypto.randomUUID() })
    .returning()
  const file = { source: 'livekit', status: 'complete', bucket: 'calls', fileKey: 'a b/1.ogg' } as const
  const [row] = await world.db
    .insert(recordings)
    .values({ workspaceId, callId: call?.id ?? '', ...file, deleteRequestedAt: noon, tryAt: noon })
    .returning()
  return async () =>
    (
      await world.db
        .select()
        .from(recordings)
        .where(eq(recordings.id, row?.id ?? ''))
    )[0]
}

const look = (seconds: number) => removeFiles(world.deps, { recorder, now: after(seconds * 1_000) })

describe('a file that is to go', () => {
  it('is deleted once', async () => {
    const read = await doomed()
    await Promise.all([look(1), look(1)])
    expect(await read()).toMatchObject({ status: 'deleted', deletedAt: after(1_000), tryAt: null })
    await look(100)
    expect(asked).toEqual(['DELETE /calls/a%20b/1.ogg'])
  })

  it('is tried again, less and less often, while the storage refuses', async () => {
    const read = await doomed()
    answers = [503, 503, 404]
    await look(1)
    expect(await read()).toMatchObject({ status: 'complete', tries: 1, tryAt: after(11_000) })
    await look(10)
    expect(asked).toHaveLength(1)
    await look(12)
    expect(await read()).toMatchObject({ status: 'complete', tries: 2, tryAt: after(32_000) })
    await look(33)
    expect(await read()).toMatchObject({ status: 'deleted', tryAt: null })
  })
})
