import { openBackend } from './backend.ts'
import { type Consumer, consume } from './consume.ts'
import { settlesWithin } from './deadline.ts'
import type { Payloads, QueueName } from './jobs.ts'
import { migratePostgres } from './postgres.ts'
import { createProducer, openQueues } from './produce.ts'
import { connectionErrors, type OnError } from './report.ts'

export type { ErrorContext, OnError } from './report.ts'
export type { Consumer, Payloads, QueueName }

/**
 * Carries "look now" between processes. A job is a hint, never the truth: what cannot be added or gets lost goes to
 * `onError` and is found by the sweep, so adding never rejects for the server's sake and never waits over 10 s.
 */
export type Queue = {
  /**
   * Look at this trunk now: at most one such job waits and one runs. With `delayMs` (real time) look then: one
   * delayed tick per trunk, a later call replaces an earlier one that is not yet due. Neither holds up the other.
   */
  tick(trunkId: string, options?: { delayMs: number }): Promise<void>
  /** Turn this campaign's list into work; at most one waits and one runs. */
  fill(campaignId: string): Promise<void>
  /** Dial these calls, each after its delay in real ms. A call whose job is there is left alone. */
  dial(jobs: { callId: string; delayMs: number }[]): Promise<void>
  /** Signals wait to be applied. */
  apply(): Promise<void>
  /** Notices wait to be delivered. */
  notify(): Promise<void>
  /** Runs `handler` for each job of a queue, up to `concurrency` at once in this process. Its errors are reported. */
  work<Name extends QueueName>(
    name: Name,
    handler: (payload: Payloads[Name]) => Promise<void>,
    options: { concurrency: number },
  ): Promise<Consumer>
  /** Rejects when the server does not answer. */
  ping(): Promise<void>
  /** Lets go of everything within seconds, also when the server is gone. Close consumers first to wait for jobs. */
  close(): Promise<void>
}

const closeLimitMs = 5_000

/**
 * Opens the queue on Redis when `redisUrl` is given, on PostgreSQL otherwise. `prefix` keeps installations on one Redis
 * apart; on PostgreSQL the database does. `onError` gets what goes wrong later.
 * @throws an error that says what to do when the server cannot be reached or `migrateQueue` has not run
 */
export async function openQueue(options: {
  databaseUrl: string
  redisUrl?: string
  prefix?: string
  onError: OnError
}): Promise<Queue> {
  const { onError } = options
  const onConnectionError = connectionErrors(onError)
  const backend = await openBackend({ ...options, onError: onConnectionError })
  const queues = await openQueues(backend, onConnectionError)
  const producer = createProducer(queues, onConnectionError)
  const consumers = new Set<Consumer>()
  let closed: Promise<void> | undefined
  const close = async () => {
    const closing = [...consumers, ...Object.values(queues)].map((each) => each.close())
    await settlesWithin(Promise.allSettled(closing), closeLimitMs)
    await backend.close()
  }
  return {
    ...producer,
    async work(name, handler, { concurrency }) {
      const onWake = (trunkId: string) => producer.tick(trunkId)
      const consumer = await consume(backend, { name, handler, concurrency, onWake, onError, onConnectionError })
      consumers.add(consumer)
      return consumer
    },
    ping: backend.ping,
    close: () => (closed ??= close()),
  }
}

/**
 * Creates or updates BullMQ's tables in PostgreSQL; several processes may call it at once. Nothing to do with Redis.
 * Roles in `grantTo` may use the tables without owning them.
 */
export async function migrateQueue(options: {
  databaseUrl: string
  redisUrl?: string
  grantTo?: string[]
}): Promise<void> {
  if (!options.redisUrl) await migratePostgres(options.databaseUrl, options.grantTo ?? [])
}
