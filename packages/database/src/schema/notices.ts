import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgEnum, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { assistants } from './assistants.ts'
import { notices } from './calls.ts'
import { createdAt, id, instant } from './columns.ts'
import { workspaces } from './workspaces.ts'

/** Where a workspace wants to be told. An assistant's end-call URL is one too, kept in step with the assistant. */
export const noticeEndpoints = pgTable(
  'notice_endpoints',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    /** Hears of the end of this assistant's calls, and of nothing else. */
    assistantId: uuid().references(() => assistants.id),
    url: text().notNull(),
    description: text().notNull().default(''),
    /** Null: all of them, also those that are added one day. */
    events: text().array(),
    /** Signs what is sent, so it has to be known here; never given out again. */
    secret: text().notNull(),
    /** Signs as well until then, so that a receiver can change over. */
    previousSecret: text(),
    previousSecretUntil: instant(),
    /** Tries that failed since the last one that did not. */
    failures: integer().notNull().default(0),
    failingSince: instant(),
    /** While it fails, nothing is tried before. */
    heldUntil: instant(),
    switchedOffAt: instant(),
    switchedOffReason: text(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [
    index('notice_endpoints_workspace').on(t.workspaceId, t.id),
    uniqueIndex('notice_endpoints_assistant').on(t.assistantId).where(sql`${t.assistantId} is not null`),
    check('notice_endpoints_failing', sql`(${t.failures} = 0) = (${t.failingSince} is null)`),
    check('notice_endpoints_off', sql`(${t.switchedOffAt} is null) = (${t.switchedOffReason} is null)`),
    check('notice_endpoints_secrets', sql`(${t.previousSecret} is null) = (${t.previousSecretUntil} is null)`),
  ],
)

export const deliveryStatus = pgEnum('delivery_status', ['pending', 'delivered', 'failed'])

/** One try, as the log shows it. */
export type DeliveryTry = { at: string; status: number | null; error: string | null; durationMs: number }

/** One notice on its way to one endpoint. */
export const noticeDeliveries = pgTable(
  'notice_deliveries',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    noticeId: uuid()
      .notNull()
      .references(() => notices.id, { onDelete: 'cascade' }),
    endpointId: uuid()
      .notNull()
      .references(() => noticeEndpoints.id),
    status: deliveryStatus().notNull().default('pending'),
    tries: integer().notNull().default(0),
    /** Tries that failed since it was last put on its way; decides when the next one is. */
    failures: smallint().notNull().default(0),
    nextTryAt: instant().notNull(),
    /** Somebody is sending it; whoever died doing so has lost it then. */
    claimedUntil: instant(),
    lastStatus: smallint(),
    lastError: text(),
    deliveredAt: instant(),
    createdAt: createdAt(),
    log: jsonb().$type<DeliveryTry[]>().notNull().default([]),
  },
  (t) => [
    uniqueIndex('notice_deliveries_once').on(t.noticeId, t.endpointId),
    index('notice_deliveries_due').on(t.endpointId, t.nextTryAt).where(sql`status = 'pending'`),
    index('notice_deliveries_failed').on(t.endpointId, t.id).where(sql`status = 'failed'`),
    check('notice_deliveries_delivered', sql`(${t.status} = 'delivered') = (${t.deliveredAt} is not null)`),
  ],
)
