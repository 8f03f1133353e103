import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, instant } from './columns.ts'

export const workspaces = pgTable(
  'workspaces',
  {
    id: id(),
    name: text().notNull(),
    /** No number is called more often than this by all campaigns together within so many hours; null = no limit. */
    attemptLimitCalls: integer().default(3),
    attemptLimitHours: integer().notNull().default(24),
    /** Days after a call for which its recording and its words are kept; null = for good. */
    recordingRetentionDays: integer(),
    transcriptRetentionDays: integer(),
    createdAt: createdAt(),
  },
  (t) => [
    check(
      'workspaces_retention',
      sql`${t.recordingRetentionDays} between 1 and 3650 and ${t.transcriptRetentionDays} between 1 and 3650`,
    ),
    check(
      'workspaces_attempt_limit',
      sql`${t.attemptLimitCalls} between 1 and 100 and ${t.attemptLimitHours} between 1 and 720`,
    ),
  ],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    name: text().notNull(),
    /** The first characters, so that people can tell their keys apart; the key itself is never stored. */
    prefix: text().notNull(),
    sha256: text().notNull(),
    createdAt: createdAt(),
    lastUsedAt: instant(),
    revokedAt: instant(),
  },
  (t) => [uniqueIndex('api_keys_sha256').on(t.sha256), index('api_keys_workspace').on(t.workspaceId)],
)

export const auditLog = pgTable(
  'audit_log',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    /** Who: `key:<prefix>`, `user:<sub>`, or the process that decided. */
    actor: text().notNull(),
    action: text().notNull(),
    entity: text().notNull(),
    entityId: uuid(),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    at: instant().notNull(),
  },
  (t) => [index('audit_log_entity').on(t.workspaceId, t.entity, t.entityId, t.id)],
)

/** One row per `Idempotency-Key`, taken before the work is done, so that a repeat in flight waits its turn. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    key: text().notNull(),
    requestSha256: text().notNull(),
    responseStatus: integer(),
    responseBody: jsonb().$type<unknown>(),
    /** The id of what the request creates: whoever repeats it after a crash creates the same thing, or finds it. */
    newId: uuid().notNull().default(sql`uuidv7()`),
    /** Since when somebody works on it; after a while a repeat may take over. */
    takenAt: createdAt(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.key] }),
    index('idempotency_keys_age').on(t.createdAt),
    check('idempotency_keys_length', sql`length(${t.key}) between 1 and 255`),
  ],
)
