import { randomUUID } from 'node:crypto'
import { createTestDatabase, testRedisUrl } from '@outdial/database/testing'
import { Redis } from 'ioredis'
import pg from 'pg'
import { migrateQueue } from '../queue.ts'
import { type Line, layLine } from './line.ts'
import { hasRedisServer, startRedisServer } from './redis-server.ts'

/** What `openQueue` needs, reached through a line that can be cut. */
export type TestServer = {
  databaseUrl: string
  redisUrl?: string
  prefix: string
  line: Line
  /** Ends all connections from the server's side, as a restart does. */
  dropConnections(): Promise<void>
  stop(): Promise<void>
}

export type TestBackend = { name: string; start(): Promise<TestServer> }

const ownRedis = await hasRedisServer()
const redisAvailable = ownRedis || testRedisUrl() !== undefined

/** The same tests run on each of these. A server that is missing is named, so that nobody believes it was tested. */
export const backends: TestBackend[] = redisAvailable
  ? [
      { name: 'PostgreSQL', start: startPostgres },
      { name: 'Redis', start: startRedis },
    ]
  : [{ name: 'PostgreSQL only (for Redis set REDIS_URL or install redis-server)', start: startPostgres }]

async function startPostgres(): Promise<TestServer> {
  const database = await createTestDatabase()
  await migrateQueue({ databaseUrl: database.url })
  const line = await layLine(database.url)
  return {
    databaseUrl: line.url,
    prefix: '',
    line,
    dropConnections: () => dropPostgresConnections(database.url),
    async stop() {
      await line.close()
      await database.drop()
    },
  }
}

async function dropPostgresConnections(url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  await admin.end()
}

async function startRedis(): Promise<TestServer> {
  const server = ownRedis ? await startRedisServer() : { url: testRedisUrl() ?? '', stop: async () => {} }
  const line = await layLine(server.url)
  const admin = new Redis(server.url)
  return {
    databaseUrl: 'postgres://not-used.invalid/none',
    redisUrl: line.url,
    prefix: `{test-${randomUUID()}}`,
    line,
    dropConnections: async () => void (await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
    async stop() {
      await line.close()
      admin.disconnect()
      await server.stop()
    },
  }
}
