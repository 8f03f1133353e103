import type { Job } from 'bullmq'
import type { Backend } from './backend.ts'
import { settlesWithin, succeedsWithin } from './deadline.ts'
import { type Payloads, type QueueName, readPayload, wakeJob } from './jobs.ts'
import type { OnError } from './report.ts'

export type Consumer = {
  /** Takes no new job, waits for the running ones, then lets go of the connections. */
  close(): Promise<void>
}

type ConsumeOptions<Name extends QueueName> = {
  name: Name
  handler: (payload: Payloads[Name]) => Promise<void>
  concurrency: number
  /** What to do with a delayed tick whose time has come. */
  onWake: (trunkId: string) => Promise<void>
  onError: OnError
  onConnectionError: OnError
  /** In ms; tests of killed workers have less time. */
  stalled?: { lockDuration: number; stalledInterval: number }
}

const closeLimitMs = 5_000
const pingLimitMs = 1_000

/**
 * A worker whose process died is noticed after one lock and up to two checks, and until then nothing with the same key
 * runs: 11 s for what only looks around and may run twice, 20 to 40 s for dial jobs, whose end the sweep does not need.
 * Locks are renewed at half time, and on PostgreSQL by the hosts' clocks: those must agree to two seconds.
 */
const stalledAfter = {
  wakeUp: { lockDuration: 6_000, stalledInterval: 2_500 },
  dial: { lockDuration: 20_000, stalledInterval: 10_000 },
}

/**
 * Told for a job that ends while its lock is being renewed, or that ends here after it was taken for stalled, replaced
 * or flushed. The lock guards nothing: rows do, and the permit to dial.
 */
const isAboutLocks = /^(could not renew lock|Missing (key|lock) for job|Lock mismatch for job)/

/** A call's job that was started once is never started again, whatever became of its worker. */
const startedOnce = { maxStalledCount: 0, maxStartedAttempts: 1 }

export async function consume<Name extends QueueName>(
  backend: Backend,
  options: ConsumeOptions<Name>,
): Promise<Consumer> {
  const { name, concurrency, onError, onConnectionError } = options
  const stalled = options.stalled ?? (name === 'dial' ? stalledAfter.dial : stalledAfter.wakeUp)
  const running = new Set<Promise<void>>()
  const processor = async (job: Job) => {
    const run = runJob(job, options)
    running.add(run)
    await run
    running.delete(run)
  }
  const worker = backend.createWorker(name, processor, {
    concurrency,
    ...stalled,
    ...(name === 'dial' ? startedOnce : {}),
    runRetryDelay: 1_000,
  })
  worker.on('error', (error) => {
    if (!isAboutLocks.test(error.message)) onConnectionError(error, { queue: name })
  })
  worker.on('failed', (job, error) => {
    const lost = new Error(`a ${name} job was given up (${error.message}): the sweep takes care of what it was for`)
    onError(lost, { queue: name, payload: readPayload(name, job?.data) ?? undefined, swept: true })
  })
  const close = async () => {
    const paused = worker.pause(true)
    const settle = async () => {
      while (running.size > 0) await Promise.all(running)
    }
    // With the server gone BullMQ would wait for it. Then closing is forced, once nothing of ours is running.
    const alive = await succeedsWithin(backend.ping(), pingLimitMs)
    const closing = alive ? worker.close() : Promise.all([paused, settle()]).then(() => worker.close(true))
    do await settle()
    while (!(await settlesWithin(closing, closeLimitMs)) && running.size > 0)
  }
  await worker.waitUntilReady().catch(async (error) => {
    await close()
    throw error
  })
  let closed: Promise<void> | undefined
  return { close: () => (closed ??= close()) }
}

/** Never rejects: BullMQ would keep a failure that nobody reads. */
async function runJob<Name extends QueueName>(job: Job, options: ConsumeOptions<Name>): Promise<void> {
  const { name, handler, onWake, onError } = options
  const payload = readPayload(name, job.data)
  if (!payload) {
    onError(new Error(`dropped a malformed ${name} job: look for another program that adds jobs here`), { queue: name })
    return
  }
  try {
    if (job.name === wakeJob && 'trunkId' in payload) await onWake(payload.trunkId)
    else await handler(payload)
  } catch (error) {
    onError(error instanceof Error ? error : new Error(String(error)), { queue: name, payload })
  }
}
