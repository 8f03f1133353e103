import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openBackend } from './backend.ts'
import { consume } from './consume.ts'
import type { Payloads, QueueName } from './jobs.ts'
import { backends, type TestServer } from './testing/servers.ts'
import { type ReportedError, useQueue } from './testing/use-queue.ts'

const patience = { timeout: 25_000, interval: 20 }

/** A death is noticed within a second instead of half a minute. */
const stalled = { lockDuration: 400, stalledInterval: 200 }

describe.each(backends)('$name: a worker is killed', (backend) => {
  const using = useQueue(backend)

  test('a call that it had is not dialed again, but may be added again', async () => {
    const { queue } = await using.open()
    const callId = randomUUID()
    await queue.dial([{ callId, delayMs: 0 }])
    await killWhileRunning('dial', using.server)
    const dialed: string[] = []
    const survivor = await openSurvivor(using.server, 'dial', async (payload) => void dialed.push(payload.callId))
    await expect.poll(() => survivor.errors.map(({ payload }) => payload), patience).toContainEqual({ callId })
    expect(dialed).toEqual([])
    await queue.dial([{ callId, delayMs: 0 }])
    await expect.poll(() => dialed, patience).toEqual([callId])
    await survivor.close()
  })

  test('the trunk that it looked at is looked at again, and once more for what came meanwhile', async () => {
    const { queue } = await using.open()
    const trunkId = randomUUID()
    await queue.tick(trunkId)
    await killWhileRunning('tick', using.server)
    await Promise.all(Array.from({ length: 10 }, () => queue.tick(trunkId)))
    const ticked: string[] = []
    const survivor = await openSurvivor(using.server, 'tick', async (payload) => void ticked.push(payload.trunkId))
    await expect.poll(() => ticked, patience).toEqual([trunkId, trunkId])
    await survivor.close()
  })
})

/** Starts a process that takes the job which waits, and kills it while it is at it. */
async function killWhileRunning(name: QueueName, { databaseUrl, redisUrl, prefix }: TestServer): Promise<void> {
  const program = fileURLToPath(new URL('./testing/hang.ts', import.meta.url))
  const server = JSON.stringify({ databaseUrl, redisUrl, prefix })
  const worker = spawn(process.execPath, [program, name, server, JSON.stringify(stalled)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(worker.stdout, 'data')
  worker.kill('SIGKILL')
  await once(worker, 'exit')
}

async function openSurvivor<Name extends QueueName>(
  server: TestServer,
  name: Name,
  handler: (payload: Payloads[Name]) => Promise<void>,
) {
  const errors: ReportedError[] = []
  const onError = (error: Error, about: object) => void errors.push({ error, ...about })
  const backend = await openBackend({ ...server, onError })
  const options = {
    name,
    handler,
    concurrency: 2,
    onWake: async () => {},
    onError,
    onConnectionError: onError,
    stalled,
  }
  const consumer = await consume(backend, options)
  const close = async () => {
    await consumer.close()
    await backend.close()
  }
  return { errors, close }
}
