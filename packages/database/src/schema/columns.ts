import { sql } from 'drizzle-orm'
import { timestamp, uuid } from 'drizzle-orm/pg-core'

/** UUIDv7 from the server: ids sort by creation, so cursors and fills follow import order. */
export const id = () => uuid().primaryKey().default(sql`uuidv7()`)

/** Milliseconds are what JavaScript can hold; more would not survive a round trip. */
export const instant = () => timestamp({ withTimezone: true, precision: 3, mode: 'date' })

export const createdAt = () => instant().notNull().defaultNow()
