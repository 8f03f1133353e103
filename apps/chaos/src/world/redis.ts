import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startProcess } from './child-process.ts'
import type { Guard } from './guard.ts'
import { findPorts } from './ports.ts'

/** A redis-server of its own. */
export type RedisServer = {
  url: string
  /** Forgets everything. */
  flush(): Promise<void>
  /** Stops and comes back, with what it knew; `crash` loses up to the last second of it. */
  restart(options?: { crash?: boolean; pauseMs?: number }): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  /** Every write is refused from now on: out of memory, with the policy that a queue needs. */
  fillMemory(): Promise<void>
  freeMemory(): Promise<void>
  close(): Promise<void>
}

/** @throws an error that says what to do when there is no redis-server */
export async function openRedis(options: { directory: string; port?: number; guard?: Guard }): Promise<RedisServer> {
  const { directory, guard } = options
  await mkdir(directory, { recursive: true })
  const port = options.port ?? (await findPorts(1))[0] ?? 0
  const url = `redis://127.0.0.1:${port}`
  const server = startProcess({
    name: 'redis-server',
    command: 'redis-server',
    args: argsOf({ port, directory }),
    env: {},
    logFile: join(directory, 'redis.log'),
    isReady: async () => (await command(url, 'PING')) === 'PONG',
    readyDeadlineMs: 15_000,
    guard,
  })
  await server.ready().catch((cause) => {
    const advice = 'Install it (Debian: apt-get install redis-server, macOS: brew install redis) or use postgres.'
    throw new Error(`redis-server could not be started. ${advice}`, { cause })
  })
  const start = async () => {
    server.start()
    await server.ready()
  }
  return {
    url,
    flush: async () => void (await command(url, 'FLUSHALL')),
    async restart({ crash = false, pauseMs = 0 } = {}) {
      if (crash) server.kill('SIGKILL')
      await server.stop({ patienceMs: 10_000 })
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      await start()
    },
    stop: async () => void (await server.stop({ patienceMs: 10_000 })),
    start,
    fillMemory: async () => void (await command(url, 'CONFIG', 'SET', 'maxmemory', '1')),
    freeMemory: async () => void (await command(url, 'CONFIG', 'SET', 'maxmemory', '0')),
    close: async () => void (await server.stop({ patienceMs: 1_000 })),
  }
}

function argsOf({ port, directory }: { port: number; directory: string }): string[] {
  const settings = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: 'yes', appendfsync: 'everysec' }
  const memory = { 'maxmemory-policy': 'noeviction' }
  return Object.entries({ ...settings, ...memory }).flatMap(([name, value]) => [`--${name}`, String(value)])
}

async function command(url: string, name: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await redis.call(name, ...args)
  } finally {
    redis.disconnect()
  }
}
