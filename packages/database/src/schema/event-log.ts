import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { instant } from './columns.ts'

/**
 * Every decision, written in the transaction that took it, and never changed: the roles may only read and add.
 * No foreign keys on purpose: their checks would lock the parents of every entry, and the log outlives what it tells of.
 */
export const eventLog = pgTable(
  'event_log',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: uuid().notNull(),
    /** The dialer's clock. */
    at: instant().notNull(),
    /** PostgreSQL's own clock, whatever the dialer's shows. */
    recordedAt: timestamp({ withTimezone: true, precision: 3, mode: 'date' }).notNull().default(sql`clock_timestamp()`),
    kind: text().notNull(),
    campaignId: uuid(),
    contactId: uuid(),
    callId: uuid(),
    trunkId: uuid(),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    index('event_log_contact').on(t.contactId, t.id).where(sql`${t.contactId} is not null`),
    index('event_log_campaign')
      .on(t.campaignId, t.id)
      .where(sql`${t.contactId} is null and ${t.campaignId} is not null`),
    index('event_log_trunk')
      .on(t.trunkId, t.id)
      .where(sql`${t.trunkId} is not null and ${t.campaignId} is null and ${t.callId} is null`),
    index('event_log_number')
      .on(t.workspaceId, sql`(${t.details} ->> 'phoneNumber')`, t.id)
      .where(sql`${t.kind} in ('number_suppressed', 'number_unsuppressed')`),
    index('event_log_single_call').on(t.callId, t.id).where(sql`${t.contactId} is null and ${t.callId} is not null`),
  ],
)
