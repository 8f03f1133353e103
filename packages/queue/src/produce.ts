import type { Backend, BullQueue } from './backend.ts'
import { coalesce } from './coalesce.ts'
import { delayedTick, dialJob, type JobDraft, type QueueName, queueNames, requirePayload, wakeUp } from './jobs.ts'
import type { OnError } from './report.ts'

/**
 * Consumers of apply and notify that run at the same time, in all processes together. Each lane is one job that waits
 * and one that runs; consumers take rows with `skip locked`, so lanes share the rows, whoever was woken.
 */
const lanes = 4

/**
 * Who wakes nobody for this long begins with the first lane again. With little to do one consumer does it all: woken
 * for one row each, several would only stand in each other's way.
 */
const quietMs = 50

/** Adds this many jobs in one round trip. */
const bulkSize = 500

/**
 * So many are added one by one, at once: on PostgreSQL BullMQ makes two temporary tables for a bulk, which takes longer
 * than a few inserts and swells the catalog. A hang-up makes room for one call, so it is the usual case.
 */
const fewJobs = 8

/**
 * A process adds the same wake-up no more often than this: each costs several transactions on PostgreSQL, and a burst
 * of webhooks needs no more than one.
 */
const restMs = 20

export type Queues = Record<QueueName, BullQueue>

/** @throws an error that says what to do when `migrateQueue` has not run */
export async function openQueues(backend: Backend, onConnectionError: OnError): Promise<Queues> {
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

/** What adds jobs. Only an id that is no id makes it throw. */
export function createProducer(queues: Queues, onError: OnError) {
  const attempt = async (queue: QueueName, send: () => Promise<unknown>) => {
    try {
      await send()
    } catch (error) {
      onError(new Error(`could not add to ${queue}; the sweep will find it`, { cause: error }), { queue, swept: true })
    }
  }
  const addOne = (queue: QueueName) =>
    coalesce<JobDraft>(
      (_key, { name, data, opts }) => attempt(queue, () => queues[queue].add(name, data, opts)),
      restMs,
    )
  const add = { tick: addOne('tick'), fill: addOne('fill'), apply: addOne('apply'), notify: addOne('notify') }
  const wakeLaneOf = (name: 'apply' | 'notify') => {
    let [turn, lastMs] = [0, Number.NEGATIVE_INFINITY]
    return () => {
      const nowMs = performance.now()
      turn = nowMs - lastMs > quietMs ? 0 : (turn + 1) % lanes
      lastMs = nowMs
      const key = `${name}-${turn}`
      return add[name](key, wakeUp(name, { key, data: {} }))
    }
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
      if (drafts.length <= fewJobs) {
        const add = ({ name, data, opts }: JobDraft) => attempt('dial', () => queues.dial.add(name, data, opts))
        return void (await Promise.all(drafts.map(add)))
      }
      for (let from = 0; from < drafts.length; from += bulkSize) {
        await attempt('dial', () => queues.dial.addBulk(drafts.slice(from, from + bulkSize)))
      }
    },
    apply: wakeLaneOf('apply'),
    notify: wakeLaneOf('notify'),
  }
}
