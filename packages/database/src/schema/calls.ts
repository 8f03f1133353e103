import { type ProviderNews, type Signal, signalSources, type TranscriptLine } from '@outdial/policy/signal'
import { callStatuses, dispositions, outcomes } from '@outdial/policy/states'
import type { LiveLine } from '@outdial/policy/transcript'
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { assistants, trunks } from './assistants.ts'
import { campaignContacts, campaigns } from './campaigns.ts'
import { createdAt, id, instant } from './columns.ts'
import { workspaces } from './workspaces.ts'

export const callStatus = pgEnum('call_status', callStatuses)
export const dispositionEnum = pgEnum('disposition', dispositions)
export const outcomeEnum = pgEnum('outcome', outcomes)
export const callOrigin = pgEnum('call_origin', ['campaign', 'single', 'inbound'])

/** What a single call asks for itself, where it differs from what its assistant and campaign say. */
export type CallOptions = {
  /** The agent to send for instead of the assistant's; null for none: somebody else talks, or nobody. */
  agentName?: string | null
  /** Further fields for the agent, beside those that every agent gets. */
  agentMetadata?: Record<string, unknown>
  /** In LiveKit's room, instead of `callee-<id>`. */
  participantIdentity?: string
  ringTimeoutMs?: number
  maxCallMs?: number
  sipHeaders?: Record<string, string>
  /** The caller's name shown to the callee. */
  displayName?: string
  /** Sent once somebody answered; `w` waits half a second. */
  dtmf?: string
  /** Who of ours talks from the browser, as the participant in LiveKit's room. */
  person?: string
  /** When somebody first saw that this person was not there any more. */
  personGoneSince?: string
  /** Whoever asked for it answers for the hour. */
  ignoreWindow?: boolean
}

const open = sql.raw(`status in ('pending', 'calling', 'answered')`)

export const calls = pgTable(
  'calls',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    origin: callOrigin().notNull(),
    campaignId: uuid().references(() => campaigns.id),
    contactId: uuid(),
    assistantId: uuid().references(() => assistants.id),
    trunkId: uuid().references(() => trunks.id),
    phoneNumber: text().notNull(),
    fromNumber: text(),
    contactName: text(),
    metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    /** Of single calls; a campaign's calls have none. */
    options: jsonb().$type<CallOptions>(),
    roomName: text().notNull(),
    /** The attempt this would be for the contact, counting from 1. */
    attempt: smallint().notNull().default(1),

    status: callStatus().notNull().default('pending'),
    disposition: dispositionEnum(),
    outcome: outcomeEnum(),
    outcomeAt: instant(),
    createdAt: createdAt(),
    /** The start that the lane granted; null while it waits for a slot. */
    startsAt: instant(),
    /** The campaign-local day whose cap it counts against; null once it is certain that nothing was dialed. */
    dialDay: date({ mode: 'string' }),
    permittedAt: instant(),
    /** Written right before the request to dial leaves: without it, nothing was dialed for certain. */
    dialedAt: instant(),
    ringingAt: instant(),
    answeredAt: instant(),
    agentJoinedAt: instant(),
    /** Nobody came for the callee in time: the leg is being hung up, and until it is gone it holds its slot. */
    agentMissingAt: instant(),
    endedAt: instant(),
    hangupRequestedAt: instant(),

    sipCallId: text(),
    providerCallId: text(),
    /** What the trunk's provider told in callbacks: it decides only where LiveKit stays silent. */
    providerNews: jsonb().$type<ProviderNews>(),
    sipStatusCode: smallint(),
    endReason: text(),
    /** The leg left the room, but how it ended is not certain yet. */
    legEndedAt: instant(),
    legEnd: text(),
    /** False once it is certain that carrier or LiveKit refused for reasons of their own: the contact keeps its attempt. */
    burned: boolean().notNull().default(true),
    /** When the sweep looks at it: asks LiveKit, or decides on what is known. */
    checkAt: instant(),
    /** What follows for contact, campaign and customer is decided; waits a little for the agent's report. */
    settledAt: instant(),

    reportedAt: instant(),
    callbackAt: instant(),
    summary: text(),
    answers: jsonb().$type<Record<string, unknown>>(),
    transcript: jsonb().$type<TranscriptLine[]>(),
    /** The same as it was heard live, line by line, where somebody told it. */
    liveTranscript: jsonb().$type<LiveLine[]>(),
    /** Its words were erased and are not taken again. */
    transcriptDeletedAt: instant(),
  },
  (t) => [
    uniqueIndex('calls_room_name').on(t.roomName),
    uniqueIndex('calls_one_open_per_contact').on(t.campaignId, t.contactId).where(open),
    // Two campaigns may want the same number at the same moment: one of them is told so.
    uniqueIndex('calls_one_per_number')
      .on(t.workspaceId, t.phoneNumber)
      .where(sql`status in ('calling', 'answered') and origin = 'campaign' and burned`),
    index('calls_lane_slots').on(t.trunkId).where(sql`${open} and starts_at is not null`),
    index('calls_lane_queue').on(t.trunkId, t.id).where(sql`status = 'pending' and starts_at is null`),
    index('calls_campaign').on(t.campaignId, t.id),
    index('calls_campaign_open').on(t.campaignId).where(open),
    index('calls_open_apart').on(t.workspaceId).where(sql`${open} and origin <> 'campaign'`),
    index('calls_campaign_results').on(t.campaignId, t.status, t.disposition, t.outcome),
    index('calls_daily_cap').on(t.campaignId, t.dialDay).where(sql`dial_day is not null`),
    index('calls_contact').on(t.contactId, t.id),
    index('calls_number')
      .on(t.workspaceId, t.phoneNumber, t.permittedAt)
      .where(sql`permitted_at is not null and burned`),
    index('calls_history').on(t.workspaceId, t.id),
    index('calls_pending').on(t.startsAt).where(sql`status = 'pending' and starts_at is not null`),
    index('calls_check').on(t.checkAt).where(sql`check_at is not null`),
    index('calls_provider_call_id').on(t.providerCallId).where(sql`provider_call_id is not null`),
    foreignKey({
      columns: [t.campaignId, t.contactId],
      foreignColumns: [campaignContacts.campaignId, campaignContacts.contactId],
    }),
    check(
      'calls_campaign_contact',
      sql`(${t.origin} = 'campaign') = (${t.contactId} is not null) and (${t.origin} <> 'campaign' or ${t.campaignId} is not null)`,
    ),
    check('calls_pending', sql`${t.status} <> 'pending' or (${t.permittedAt} is null and ${t.answeredAt} is null)`),
    check(
      'calls_calling',
      sql`${t.status} not in ('calling', 'answered', 'completed') or ${t.permittedAt} is not null`,
    ),
    check('calls_dialed', sql`${t.dialedAt} is null or ${t.permittedAt} is not null`),
    check('calls_answered', sql`${t.status} not in ('answered', 'completed') or ${t.answeredAt} is not null`),
    check('calls_ended', sql`(${t.status} in ('completed', 'failed')) = (${t.endedAt} is not null)`),
    check('calls_disposition', sql`(${t.status} in ('completed', 'failed')) = (${t.disposition} is not null)`),
    check('calls_completed', sql`(${t.status} = 'completed') = (coalesce(${t.disposition}, 'unknown') = 'completed')`),
    check('calls_times', sql`${t.endedAt} >= ${t.answeredAt}`),
    check('calls_settled', sql`${t.settledAt} is null or ${t.endedAt} is not null`),
    check('calls_checked', sql`(${t.checkAt} is not null) = (${t.status} <> 'pending' and ${t.settledAt} is null)`),
  ],
)

export const signalSource = pgEnum('signal_source', signalSources)

/** Everything heard from outside, once per event. Applying is a later, separate step. */
export const signals = pgTable(
  'signals',
  {
    id: id(),
    source: signalSource().notNull(),
    eventId: text().notNull(),
    event: text().notNull(),
    workspaceId: uuid().references(() => workspaces.id),
    callId: uuid().references(() => calls.id),
    roomName: text(),
    content: jsonb().$type<Signal[]>().notNull(),
    receivedAt: instant().notNull(),
    appliedAt: instant(),
    /** Why it could not be applied, where that is so. */
    problem: text(),
  },
  (t) => [
    uniqueIndex('signals_event').on(t.source, t.eventId),
    index('signals_to_apply').on(t.id).where(sql`applied_at is null`),
    index('signals_call').on(t.callId, t.id),
  ],
)

/**
 * What a provider said of a call that nobody knows by the provider's id yet: LiveKit tells the id, and may be later.
 * Becomes a signal once it does. Nobody's workspace until then, so only the engine sees it.
 */
export const parkedSignals = pgTable(
  'parked_signals',
  {
    id: id(),
    source: signalSource().notNull(),
    eventId: text().notNull(),
    event: text().notNull(),
    /** Any of them names the call. */
    providerCallIds: text().array().notNull(),
    content: jsonb().$type<Signal[]>().notNull(),
    receivedAt: instant().notNull(),
    /** When to look for its call again. */
    dueAt: instant().notNull(),
  },
  (t) => [
    uniqueIndex('parked_signals_event').on(t.source, t.eventId),
    index('parked_signals_due').on(t.dueAt),
    check('parked_signals_named', sql`cardinality(${t.providerCallIds}) > 0`),
  ],
)

/** `sending`: handed over to the endpoints that want it, of which not all have it yet. */
export const noticeStatus = pgEnum('notice_status', ['waiting', 'delivered', 'failed', 'sending'])

/** What the customer's system is to be told; written in the transaction of the change it tells of. */
export const notices = pgTable(
  'notices',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    event: text().notNull(),
    campaignId: uuid().references(() => campaigns.id),
    callId: uuid().references(() => calls.id),
    data: jsonb().$type<Record<string, unknown>>().notNull(),
    status: noticeStatus().notNull().default('waiting'),
    tries: integer().notNull().default(0),
    dueAt: instant().notNull(),
    createdAt: createdAt(),
    deliveredAt: instant(),
    lastError: text(),
  },
  (t) => [
    index('notices_due').on(t.dueAt).where(sql`status = 'waiting'`),
    index('notices_call').on(t.callId),
    index('notices_history').on(t.workspaceId, t.id).where(sql`status <> 'waiting'`),
    uniqueIndex('notices_once_per_call')
      .on(t.callId, t.event)
      .where(sql`event in ('call.started', 'call.answered', 'call.ended')`),
    check('notices_delivered', sql`(${t.status} = 'delivered') = (${t.deliveredAt} is not null)`),
  ],
)
