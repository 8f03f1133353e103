import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
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
