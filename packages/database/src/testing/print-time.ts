import { sql } from 'drizzle-orm'
import { connect } from '../client.ts'
import { openDatabaseTime } from '../database-time.ts'

/** Run as a process of its own: prints what it takes for the time, around a question to PostgreSQL for it. */
const [databaseUrl = ''] = process.argv.slice(2)
const warnings: string[] = []
const log = { info: () => {}, warn: (_: object, message: string) => void warnings.push(message) }
const time = await openDatabaseTime({ databaseUrl, role: 'engine', log })
const database = connect({ url: databaseUrl, role: 'engine', maxConnections: 1 })
await database.ping()
const beforeMs = time.nowMs()
const [row] = await database.db.execute<{ ms: number }>(
  sql`select (extract(epoch from clock_timestamp()) * 1000)::double precision as ms`,
)
const told = { beforeMs, databaseMs: row?.ms, afterMs: time.nowMs(), hostAheadMs: time.hostAheadMs(), warnings }
process.stdout.write(JSON.stringify(told))
await database.close()
await time.close()
