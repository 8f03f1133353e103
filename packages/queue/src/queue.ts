import type { Backend, BullQueue } from './backend.ts'
import { coalesce } from './coalesce.ts'
import { type Consumer, consume } from './consume.ts'
import { settlesWithin } from './deadline.ts'
import {
  delayedTick,
  dialJob,
  type JobDraft,
  type Payloads,
  type QueueName,
  queueNames,
  requirePayload,
  wakeUp,
} from './jobs.ts'
import { migratePostgres, openPostgres } from './postgres.ts'
import { openRedis } from './redis.ts'
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

/**
 * Consumers of apply and notify that run at the same time, in all processes together. Each lane is one job that waits
 * and one that runs; consumers take rows with `skip locked`, so lanes share the rows, whoever was woken.
 */
const lanes = 4

/** Redis Cluster keeps keys with the same {tag} on one node, which BullMQ's scripts need. */
const defaultPrefix = '{outdial}'

/** Adds this many jobs in one round trip. */
const bulkSize = 500

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
  const { databaseUrl, redisUrl, prefix = defaultPrefix, onError } = options
  const onConnectionError = connectionErrors(onError)
  const backend = redisUrl
    ? await openRedis(redisUrl, { prefix, onError: onConnectionError })
    : await openPostgres(databaseUrl, onConnectionError)
  const queues = await openQueues(backend, onConnectionError)
  const producer = createProducer(queues, onError)
  const consumers = new Set<Consumer>()
  return {
    ...producer,
    async work(name, handler, { concurrency }) {
      const onWake = (trunkId: string) => producer.tick(trunkId)
      const consumer = await consume(backend, { name, handler, concurrency, onWake, onError, onConnectionError })
      consumers.add(consumer)
      return consumer
    },
    ping: backend.ping,
    async close() {
      const closing = [...consumers, ...Object.values(queues)].map((each) => each.close())
      await settlesWithin(Promise.allSettled(closing), closeLimitMs)
      await backend.close()
    },
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

type Queues = Record<QueueName, BullQueue>

async function openQueues(backend: Backend, onConnectionError: OnError): Promise<Queues> {
  const entries = queueNames.map((name) => {
    // Nobody reads BullMQ's events; 0 would mean "never trim" on PostgreSQL.
    const queue = backend.createQueue(name, { streams: { events: { maxLen: 100 } } })
    queue.on('error', (error) => onConnectionError(error, { queue: name }))
    return [name, queue] as const
  })
  const queues = Object.fromEntries(entries) as Queues
  try {
    await Promise.all(Object.values(queues).map((queue) => queue.waitUntilReady()))
    return queues
  } catch (error) {
    await backend.close()
    if (!(error instanceof Error) || error.name !== 'SchemaMigrationRequiredError') throw error
    throw new Error('the queue has no tables in this database: run the migrations first', { cause: error })
  }
}

function createProducer(queues: Queues, onError: OnError) {
  const attempt = async (queue: QueueName, send: () => Promise<unknown>) => {
    try {
      await send()
    } catch (error) {
      onError(new Error(`could not add to ${queue}; the sweep will find it`, { cause: error }), { queue })
    }
  }
  const addOne = (queue: QueueName) =>
    coalesce<JobDraft>((_key, { name, data, opts }) => attempt(queue, () => queues[queue].add(name, data, opts)))
  const add = { tick: addOne('tick'), fill: addOne('fill'), apply: addOne('apply'), notify: addOne('notify') }
  let turn = 0
  const wakeLane = (name: 'apply' | 'notify') => {
    turn = (turn + 1) % lanes
    const key = `${name}-${turn}`
    return add[name](key, wakeUp(name, { key, data: {} }))
  }
  return {
    async tick(trunkId: string, options?: { delayMs: number }) {
      const data = requirePayload('tick', { trunkId })
      if (options && options.delayMs > 0) return add.tick(`wake-${trunkId}`, delayedTick(trunkId, options.delayMs))
      const key = `tick-${trunkId}`
      return add.tick(key, wakeUp('tick', { key, data }))
    },
    async fill(campaignId: string) {
      const data = requirePayload('fill', { campaignId })
      const key = `fill-${campaignId}`
      return add.fill(key, wakeUp('fill', { key, data }))
    },
    async dial(jobs: { callId: string; delayMs: number }[]) {
      const drafts = jobs.map(dialJob)
      for (let from = 0; from < drafts.length; from += bulkSize) {
        await attempt('dial', () => queues.dial.addBulk(drafts.slice(from, from + bulkSize)))
      }
    },
    apply: () => wakeLane('apply'),
    notify: () => wakeLane('notify'),
  }
}
