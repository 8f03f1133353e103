import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import { connect } from './client.ts'

const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url))

/** One arbitrary number that all who migrate this database agree on. */
const migrationLock = 712_406_551

/**
 * Brings the schema of the database up to date. Safe to run from several processes at once: one migrates, the others
 * wait and then find nothing to do. Throws what PostgreSQL answers; a failed migration leaves nothing behind.
 */
export async function migrate(url: string): Promise<void> {
  const database = connect({ url, role: 'owner', maxConnections: 1 })
  try {
    await database.db.execute(sql`select pg_advisory_lock(${migrationLock})`)
    await applyMigrations(database.db, { migrationsFolder })
  } finally {
    await database.close()
  }
}

export type DatabaseState = {
  /** As the server calls itself, such as 18.1. */
  version: string
  isNewEnough: boolean
  /** How far this host's clock is ahead of the server's; negative when it is behind. */
  hostAheadMs: number
  /** How many migrations `migrate` would apply. */
  pendingMigrations: number
}

/** Looks, and changes nothing. Throws what the driver throws. */
export async function readDatabaseState(url: string): Promise<DatabaseState> {
  const database = connect({ url, role: 'owner', maxConnections: 1 })
  try {
    await database.ping()
    const askedMs = Date.now()
    const [server] = await database.db.execute<{ version: string; number: string; ms: number; table: string | null }>(
      sql`select current_setting('server_version') as version, current_setting('server_version_num') as number,
        (extract(epoch from clock_timestamp()) * 1000)::double precision as ms,
        to_regclass('drizzle.__drizzle_migrations')::text as table`,
    )
    if (!server) throw new Error('PostgreSQL tells nothing about itself')
    const hostAheadMs = (askedMs + Date.now()) / 2 - server.ms
    const applied = server.table === null ? [] : await database.db.execute<{ last: string | null }>(lastMigration)
    const lastMs = Number(applied[0]?.last ?? 0)
    const pendingMigrations = readMigrationFiles({ migrationsFolder }).filter(
      (each) => each.folderMillis > lastMs,
    ).length
    return {
      version: server.version,
      isNewEnough: Number(server.number) >= oldestVersion,
      hostAheadMs,
      pendingMigrations,
    }
  } finally {
    await database.close()
  }
}

/** 18, for its uuidv7(). */
const oldestVersion = 180_000

const lastMigration = sql`select max(created_at)::text as last from drizzle.__drizzle_migrations`
