import { type ExtractTablesWithRelations, sql } from 'drizzle-orm'
import type { PgTransaction } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { prepared } from './prepared.ts'

export type Db = PostgresJsDatabase<Record<string, never>>
export type Tx = PgTransaction<
  PostgresJsQueryResultHKT,
  Record<string, never>,
  ExtractTablesWithRelations<Record<string, never>>
>

/** `api` sees one workspace at a time, `engine` sees all, `owner` migrates and is used for nothing else. */
export type DatabaseRole = 'api' | 'engine' | 'owner'

export type Database = {
  db: Db
  /** Answers when a query comes back. Throws what the driver throws. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * A plan that is kept may have been made while its tables were small, and a scan of a small table is cheap until it has
 * a million rows. So plans are made anew each time; but for the engine, whose few statements all go by an index, and
 * which spent more on planning than on doing.
 */
const planning = {
  api: { plan_cache_mode: 'force_custom_plan' },
  owner: { plan_cache_mode: 'force_custom_plan' },
  // Before PostgreSQL 18 a scan that cannot be avoided counts as so costly that it would be compiled.
  engine: { plan_cache_mode: 'auto', enable_seqscan: 'off', jit: 'off' },
} as const satisfies Record<DatabaseRole, Record<string, string>>

/**
 * A pool of connections that act as one database role. No connection is made before the first query.
 * The login of `url` must be a member of the role (the owner that migrated is).
 */
export function connect(options: { url: string; role: DatabaseRole; maxConnections: number }): Database {
  const client = postgres(options.url, {
    max: options.maxConnections,
    onnotice: () => {},
    connect_timeout: 10,
    backoff: reconnectDelaySeconds,
    connection: {
      application_name: `outdial-${options.role}`,
      idle_in_transaction_session_timeout: 60_000,
      ...(options.role === 'owner' ? {} : { role: `outdial_${options.role}` }),
      ...planning[options.role],
      // What the engine decides follows from what is stored, and is decided again: it need not wait for the disk.
      ...(options.role === 'engine' ? { synchronous_commit: 'off' } : {}),
    },
  })
  return {
    db: drizzle({ client: prepared(client), casing: 'snake_case' }),
    ping: async () => void (await client`select 1`),
    close: () => client.end({ timeout: 5 }),
  }
}

/** The driver's own goes up to 20 s, which turns a restart of the server into an outage of that length. */
function reconnectDelaySeconds(failures: number): number {
  return Math.min(0.05 * 2 ** failures, 1) * (0.5 + Math.random() / 2)
}

/**
 * Runs `work` in one transaction that sees and writes rows of `workspaceId` only; row level security enforces it
 * for the `api` role.
 */
export function inWorkspace<T>(db: Db, workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('outdial.workspace_id', ${workspaceId}, true)`)
    return work(tx)
  })
}

/**
 * A query that is built once per pool, with placeholders, and not each time it runs: for a wide one, building its text
 * takes longer than PostgreSQL does to answer it. A transaction builds its own.
 */
export function builtOnce<Query>(build: (db: Db | Tx) => Query): (db: Db | Tx) => Query {
  const built = new WeakMap<object, Query>()
  return (db) => {
    const query = built.get(db) ?? build(db)
    built.set(db, query)
    return query
  }
}
