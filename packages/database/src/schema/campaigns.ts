import { campaignStatuses, finishReasons, type Weekday } from '@outdial/policy/states'
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { assistants, trunks } from './assistants.ts'
import { createdAt, id, instant } from './columns.ts'
import { contactLists, contacts, csvFiles } from './contacts.ts'
import { workspaces } from './workspaces.ts'

export const executionStatus = pgEnum('execution_status', campaignStatuses)
export const contactSource = pgEnum('contact_source', ['contact_list', 'csv_file'])
export const localTime = pgEnum('local_time', ['contact', 'campaign'])
export const unknownTimezone = pgEnum('unknown_timezone', ['campaign', 'skip'])
export const jurisdictionRules = pgEnum('jurisdiction_rules', ['enforce', 'warn'])
export const voicemailAction = pgEnum('voicemail_action', ['hangup', 'leave_message', 'continue'])

export const campaigns = pgTable(
  'campaigns',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    name: text().notNull(),
    assistantId: uuid()
      .notNull()
      .references(() => assistants.id),
    trunkId: uuid().references(() => trunks.id),
    contactSource: contactSource().notNull(),
    /** Also set for a CSV file: the list that the file filled. */
    contactListId: uuid()
      .notNull()
      .references(() => contactLists.id),
    csvFileId: uuid().references(() => csvFiles.id),
    campaignPrompt: text().notNull().default(''),
    /** What to put where a prompt names something that a contact does not have. */
    placeholderDefaults: jsonb().$type<Record<string, string>>().notNull().default({}),
    questions: jsonb().$type<string[]>().notNull().default([]),
    metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}),

    timezone: text().notNull(),
    localTime: localTime().notNull().default('contact'),
    callingDays: text().array().$type<Weekday[]>().notNull(),
    startHour: smallint().notNull(),
    endHour: smallint().notNull(),
    windows: jsonb().$type<{ day: Weekday; from: string; to: string }[]>().notNull().default([]),
    /** Dates, and calendars of public holidays such as US-CA. */
    holidayCalendar: text().array().notNull().default([]),
    unknownTimezone: unknownTimezone().notNull().default('campaign'),
    jurisdictionRules: jurisdictionRules().notNull().default('enforce'),
    startAt: instant(),
    endAt: instant(),

    dailyCap: integer(),
    callDelayMs: integer().notNull().default(2000),
    callsPerSecond: doublePrecision(),
    maxConcurrency: integer(),
    weight: integer().notNull().default(1),
    ringTimeoutSeconds: integer().notNull().default(30),
    maxCallSeconds: integer().notNull().default(1800),
    retry: jsonb().$type<Record<string, unknown>>().notNull(),
    maxAttemptsPerContact: smallint().notNull().default(3),
    maxAttemptsPerDay: smallint().notNull().default(2),

    fromNumbers: text().array().notNull().default([]),
    sipHeaders: jsonb().$type<Record<string, string>>().notNull().default({}),
    displayName: text(),
    /** Instead of the assistant's; empty for that one. */
    aiDisclosure: text().notNull().default(''),
    voicemail: voicemailAction().notNull().default('hangup'),
    /** What the agent leaves there; may name placeholders. */
    voicemailMessage: text().notNull().default(''),
    /** Asked right before each call whether it is to be made. */
    predialUrl: text(),
    /** Null: as the installation is set. */
    recording: boolean(),

    executionStatus: executionStatus().notNull().default('idle'),
    errorCode: text(),
    errorReason: text(),
    startedAt: instant(),
    pausedAt: instant(),
    stoppedAt: instant(),
    completedAt: instant(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [
    index('campaigns_workspace').on(t.workspaceId, t.id),
    index('campaigns_running').on(t.contactListId).where(sql`${t.executionStatus} in ('running', 'paused', 'error')`),
    check('campaigns_hours', sql`${t.startHour} between 0 and 24 and ${t.endHour} between 0 and 24`),
    check('campaigns_daily_cap', sql`${t.dailyCap} >= 1`),
    check('campaigns_call_delay', sql`${t.callDelayMs} between 0 and 3600000`),
    check('campaigns_ring_timeout', sql`${t.ringTimeoutSeconds} between 15 and 80`),
    check('campaigns_weight', sql`${t.weight} between 1 and 1000`),
    check('campaigns_limits', sql`${t.callsPerSecond} > 0 and ${t.maxConcurrency} >= 1`),
    check('campaigns_csv_file', sql`(${t.contactSource} = 'csv_file') = (${t.csvFileId} is not null)`),
    check('campaigns_error', sql`(${t.executionStatus} = 'error') = (${t.errorReason} is not null)`),
    check('campaigns_running_since', sql`${t.executionStatus} = 'idle' or ${t.startedAt} is not null`),
    check('campaigns_completed', sql`(${t.executionStatus} = 'completed') = (${t.completedAt} is not null)`),
  ],
)

/** What changes while a campaign runs; locked by every claim and every transition, so that its counters are exact. */
export const campaignRuntime = pgTable(
  'campaign_runtime',
  {
    campaignId: uuid()
      .primaryKey()
      .references(() => campaigns.id),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    /** The lane it runs on, settled when it starts. */
    trunkId: uuid()
      .notNull()
      .references(() => trunks.id),
    contactsTotal: integer().notNull().default(0),
    contactsWaiting: integer().notNull().default(0),
    contactsClaimed: integer().notNull().default(0),
    contactsFinished: integer().notNull().default(0),
    /** Contacts up to this id are taken over; null `filledAt` means that the rest still has to be. */
    fillCursor: uuid(),
    filledAt: instant(),
    nextStartMs: doublePrecision().notNull().default(0),
    pass: doublePrecision().notNull().default(0),
    agentFailures: integer().notNull().default(0),
    /** Calls in a row that the trunk failed to place. */
    trunkFailures: integer().notNull().default(0),
    /** Why the last tick claimed nothing, for people. */
    blockedReason: text(),
    blockedUntil: instant(),
  },
  (t) => [
    index('campaign_runtime_lane').on(t.trunkId),
    check(
      'campaign_runtime_adds_up',
      sql`${t.contactsTotal} = ${t.contactsWaiting} + ${t.contactsClaimed} + ${t.contactsFinished}`,
    ),
    check(
      'campaign_runtime_counts',
      sql`${t.contactsWaiting} >= 0 and ${t.contactsClaimed} >= 0 and ${t.contactsFinished} >= 0`,
    ),
  ],
)

/**
 * The same as a lane's pace, for campaigns with a call delay or calls per second of their own: nothing of the campaign
 * may be dialed before `nextStartMs`. Apart from `campaign_runtime`, which every transition of the campaign locks.
 */
export const campaignPaces = pgTable('campaign_paces', {
  campaignId: uuid()
    .primaryKey()
    .references(() => campaigns.id),
  workspaceId: uuid()
    .notNull()
    .references(() => workspaces.id),
  nextStartMs: doublePrecision().notNull(),
})

/** The few zones that a campaign's contacts live in, so that a tick asks policy once per zone and not per contact. */
export const campaignZones = pgTable(
  'campaign_zones',
  {
    campaignId: uuid()
      .notNull()
      .references(() => campaigns.id, { onDelete: 'cascade' }),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    zoneKey: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.zoneKey] })],
)

export const contactState = pgEnum('contact_state', ['waiting', 'claimed', 'finished'])
export const finishReason = pgEnum('finish_reason', finishReasons)

/** Narrow on purpose: claims rewrite these rows, contact data stays in `contacts`, attempts in `calls`. */
export const campaignContacts = pgTable(
  'campaign_contacts',
  {
    campaignId: uuid()
      .notNull()
      .references(() => campaigns.id),
    contactId: uuid()
      .notNull()
      .references(() => contacts.id),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    zoneKey: text().notNull(),
    state: contactState().notNull().default('waiting'),
    dueAt: instant().notNull(),
    attempts: smallint().notNull().default(0),
    /** The open call that holds the claim. */
    callId: uuid(),
    finishReason: finishReason(),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.contactId] }),
    index('campaign_contacts_due').on(t.campaignId, t.zoneKey, t.dueAt, t.contactId).where(sql`${t.state} = 'waiting'`),
    check('campaign_contacts_claim', sql`(${t.state} = 'claimed') = (${t.callId} is not null)`),
    check('campaign_contacts_finish', sql`(${t.state} = 'finished') = (${t.finishReason} is not null)`),
  ],
)
