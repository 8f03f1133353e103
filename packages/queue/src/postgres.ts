import { createPostgresBackend, runMigrations, withBackend } from 'bullmq'
import pg from 'pg'
import type { Backend } from './backend.ts'
import { settlesWithin } from './deadline.ts'
import type { OnError } from './report.ts'

/** BullMQ keeps its tables apart from ours. */
const schema = 'bullmq'

/** Each worker holds one connection for LISTEN; the rest is opened under load and closed when idle. */
const maxConnections = 8

const limitMs = 5_000

const { Queue, Worker } = withBackend(createPostgresBackend)

/** @throws an error that says what to do when the server does not answer */
export async function openPostgres(databaseUrl: string, onError: OnError): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'outdial-queue',
    max: maxConnections,
    keepAlive: true,
    connectionTimeoutMillis: limitMs,
    query_timeout: 2 * limitMs,
    onConnect: enterSchema,
  })
  const clients = new Set<pg.PoolClient>()
  let closing = false
  const report = (error: Error) => closing || onError(error, {})
  pool.on('connect', (client) => {
    clients.add(client)
    // While a client is checked out its errors are its own, and one that nobody hears ends the process.
    client.on('error', report)
  })
  pool.on('remove', (client) => clients.delete(client))
  pool.on('error', report)
  pool.setMaxListeners(0) // every queue and worker listens for its errors
  await pool.query('select 1').catch((error) => {
    throw new Error(`cannot reach PostgreSQL at ${new URL(databaseUrl).host}: start it or correct DATABASE_URL`, {
      cause: error,
    })
  })
  return {
    createQueue: (name, options) => new Queue(name, { ...options, connection: pool }),
    createWorker: (name, processor, options) => new Worker(name, processor, { ...options, connection: pool }),
    ping: async () => void (await pool.query('select 1')),
    async close() {
      closing = true
      if (await settlesWithin(pool.end(), limitMs)) return
      // A client that is still checked out keeps the pool open: its socket is cut.
      for (const client of clients) void endClient(client)
    },
  }
}

/**
 * Brings BullMQ's tables up to date; safe to call from several processes at once. Each role of `grantTo` may then
 * carry jobs without owning the tables.
 */
export async function migratePostgres(databaseUrl: string, grantTo: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: limitMs })
  client.on('error', () => {}) // the query under way rejects with the same error
  await client.connect()
  try {
    await runMigrations(client, schema)
    for (const role of grantTo.map((name) => client.escapeIdentifier(name))) {
      // BullMQ creates a sequence per queue when the first jobs are added in bulk.
      await client.query(`grant usage, create on schema ${schema} to ${role}`)
      await client.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`)
      await client.query(`grant usage on all sequences in schema ${schema} to ${role}`)
    }
  } finally {
    await client.end()
  }
}

/**
 * Jobs are hints: none has to wait for the disk, and a crash of the server that forgets some costs what losing a job
 * costs. The pool waits for the promise before it hands the client out, though its types expect nothing.
 */
function enterSchema(client: pg.ClientBase): unknown {
  return client.query(`set search_path to ${schema}; set synchronous_commit to off`)
}

/** `end` of a pooled client exists at run time only. */
async function endClient(client: pg.PoolClient): Promise<void> {
  if ('end' in client && typeof client.end === 'function') await client.end()
}
