import { createRedisBackend, type Job, type WorkerOptions, withBackend } from 'bullmq'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Backend, BullWorker } from './backend.ts'
import { succeedsWithin } from './deadline.ts'
import type { QueueName } from './jobs.ts'
import type { OnError } from './report.ts'

const { Queue, Worker } = withBackend(createRedisBackend)

const limitMs = 5_000

/** BullMQ's own backs off up to 20 s, which would be silence after the server is back. */
const reconnect = {
  retryStrategy: (times: number) => Math.min(times * 200, 2_000),
  connectTimeout: limitMs,
  keepAlive: 10_000,
} satisfies RedisOptions

/**
 * Two kinds of connections: the one that adds jobs gives up soon, because a caller waits; the ones of the workers
 * never do, as BullMQ demands.
 * @throws an error that says what to do when the server does not answer
 */
export async function openRedis(
  redisUrl: string,
  { prefix, onError }: { prefix: string; onError: OnError },
): Promise<Backend> {
  const producer = connect(redisUrl, { ...reconnect, maxRetriesPerRequest: 2, commandTimeout: limitMs })
  let reason: Error | undefined
  producer.on('error', (error: Error) => {
    reason = error
    onError(error, {})
  })
  const pinged = producer.ping().catch((error) => {
    reason ??= error
    throw error
  })
  // A Cluster whose nodes do not know their own address lets commands wait forever.
  if (!(await succeedsWithin(pinged, 2 * limitMs))) {
    producer.disconnect()
    const why = reason?.message ?? 'no answer'
    throw new Error(`cannot reach Redis at ${new URL(redisUrl).host} (${why}): start it or correct REDIS_URL`)
  }
  const workers = new Set<BullWorker & { cut(): void }>()
  return {
    createQueue: (name, options) => new Queue(name, { ...options, prefix, connection: producer }),
    createWorker(name, processor, options) {
      const worker = createWorker(redisUrl, { name, processor, options: { ...options, prefix } })
      workers.add(worker)
      return worker
    },
    ping: async () => void (await producer.ping()),
    async close() {
      producer.disconnect()
      for (const worker of workers) worker.cut()
    },
  }
}

type WorkerSetup = {
  name: QueueName
  processor: (job: Job) => Promise<void>
  options: Omit<WorkerOptions, 'connection'>
}

/** A worker has two connections: one for commands and one, copied by BullMQ, that waits for jobs. */
function createWorker(redisUrl: string, { name, processor, options }: WorkerSetup): BullWorker & { cut(): void } {
  const connection = connect(redisUrl, { ...reconnect, maxRetriesPerRequest: null })
  const worker = new Worker(name, processor, { ...options, connection })
  return Object.assign(worker, { cut: () => connection.disconnect() })
}

/**
 * `?sentinel=NAME` makes the host a Sentinel that knows the master NAME, `?cluster` makes it a node of a Cluster;
 * `&node=HOST:PORT` adds more of either.
 */
function connect(redisUrl: string, options: RedisOptions): Redis | Cluster {
  const url = new URL(redisUrl)
  const sentinel = url.searchParams.get('sentinel')
  const isCluster = url.searchParams.has('cluster')
  if (sentinel === null && !isCluster) return new Redis(redisUrl, options)
  const nodes = [url.host, ...url.searchParams.getAll('node')].map((node) => {
    const { hostname, port } = new URL(`redis://${node}`)
    return { host: hostname, port: Number(port || (isCluster ? 6379 : 26379)) }
  })
  const account: RedisOptions = {
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    ...(url.protocol === 'rediss:' && { tls: {} }),
    ...options,
  }
  if (isCluster) {
    const clusterRetryStrategy = reconnect.retryStrategy
    return new Cluster(nodes, { redisOptions: account, clusterRetryStrategy })
  }
  return new Redis({ ...account, sentinels: nodes, name: sentinel ?? '', db: Number(url.pathname.slice(1) || 0) })
}
