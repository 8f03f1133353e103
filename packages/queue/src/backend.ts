import type { Job, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq'
import type { QueueName } from './jobs.ts'
import { openPostgres } from './postgres.ts'
import { openRedis } from './redis.ts'
import type { OnError } from './report.ts'

export type BullQueue = Pick<Queue, 'add' | 'addBulk' | 'obliterate' | 'close' | 'waitUntilReady'> & Emitter
export type BullWorker = Pick<Worker, 'close' | 'pause' | 'waitUntilReady'> & Emitter

type Emitter = {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown
}

/** A running server that carries jobs. There are two: PostgreSQL and Redis. */
export type Backend = {
  createQueue(name: QueueName, options: Omit<QueueOptions, 'connection'>): BullQueue
  createWorker(
    name: QueueName,
    processor: (job: Job) => Promise<void>,
    options: Omit<WorkerOptions, 'connection'>,
  ): BullWorker
  /** Rejects when the server does not answer. */
  ping(): Promise<void>
  /** Cuts all connections. Does not wait for the server. */
  close(): Promise<void>
}

/** Redis Cluster keeps keys with the same {tag} on one node, which BullMQ's scripts need. */
const defaultPrefix = '{outdial}'

/** @throws an error that says what to do when the server does not answer */
export function openBackend(options: {
  databaseUrl: string
  redisUrl?: string
  prefix?: string
  onError: OnError
}): Promise<Backend> {
  const { databaseUrl, redisUrl, prefix = defaultPrefix, onError } = options
  return redisUrl ? openRedis(redisUrl, { prefix, onError }) : openPostgres(databaseUrl, onError)
}
