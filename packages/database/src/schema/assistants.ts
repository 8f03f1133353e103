import { providers } from '@outdial/policy/states'
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant } from './columns.ts'
import { workspaces } from './workspaces.ts'

export const providerEnum = pgEnum('provider', providers)

/** The carrier's side of an outbound trunk that we made on LiveKit. The password is LiveKit's alone. */
export type TrunkOnLiveKit = {
  address: string
  transport: 'auto' | 'udp' | 'tcp' | 'tls'
  authUsername: string
  hasPassword: boolean
  headers: Record<string, string>
  fromHost: string
  destinationCountry: string
  mediaEncryption: 'disable' | 'allow' | 'require'
}

export const trunks = pgTable(
  'trunks',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    name: text().notNull(),
    provider: providerEnum().notNull().default('other'),
    /** LiveKit's id of the outbound trunk, `ST_…`. */
    livekitTrunkId: text().notNull(),
    numbers: text().array().notNull().default([]),
    callsPerSecond: doublePrecision().notNull().default(1),
    maxConcurrency: integer().notNull().default(10),
    /** After an idle minute or a refusal the lane comes back to its full pace over so many seconds. */
    rampUpSeconds: integer().notNull().default(10),
    /** How the carrier wants numbers written: `e164` or `digits`. */
    numberFormat: text().$type<'e164' | 'digits'>().notNull().default('e164'),
    /** What LiveKit was told of the carrier when the trunk was made there; null for one that somebody else made. No secrets. */
    livekit: jsonb().$type<TrunkOnLiveKit>(),
    /** Used where neither call, campaign nor assistant names a trunk. */
    isDefault: boolean().notNull().default(false),
    createdAt: createdAt(),
    updatedAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [
    uniqueIndex('trunks_one_default').on(t.workspaceId).where(sql`${t.isDefault} and ${t.archivedAt} is null`),
    uniqueIndex('trunks_livekit').on(t.workspaceId, t.livekitTrunkId).where(sql`${t.archivedAt} is null`),
    check('trunks_calls_per_second', sql`${t.callsPerSecond} > 0 and ${t.callsPerSecond} <= 1000`),
    check('trunks_number_format', sql`${t.numberFormat} in ('e164', 'digits')`),
    check('trunks_ramp_up', sql`${t.rampUpSeconds} between 0 and 3600`),
    check('trunks_max_concurrency', sql`${t.maxConcurrency} between 1 and 100000`),
  ],
)

/** What the scheduler knows of a trunk at run time; locked by every claim, so it stays narrow and apart from the configuration. */
export const lanes = pgTable('lanes', {
  trunkId: uuid()
    .primaryKey()
    .references(() => trunks.id),
  workspaceId: uuid()
    .notNull()
    .references(() => workspaces.id),
  /** The plan: up to here starts are promised to claimed calls, in ms since the epoch. */
  nextStartMs: doublePrecision().notNull().default(0),
  /** Virtual time of the weighted sharing: the pass of the last campaign served. */
  pass: doublePrecision().notNull().default(0),
  /** After a refusal by carrier or LiveKit nothing starts before this. */
  slowedUntil: instant(),
  slowedReason: text(),
  slowedSteps: integer().notNull().default(0),
  /** Since when it comes back to its full pace, in ms since the epoch; null when it is there. */
  rampFromMs: doublePrecision(),
  /** When the scheduler should look again without being told. */
  nextWakeAt: instant(),
  /** Calls that end may let others start: the trunk or a campaign has few slots left, or none. */
  isNearlyFull: boolean().notNull().default(true),
})

/**
 * The instants of the trunk's last dials, earliest first, up to a second's worth (ms since the epoch; fractions matter at
 * hundreds of calls per second). Apart from `lanes`, which a claim locks for its whole transaction: every single dial
 * writes here.
 */
export const lanePaces = pgTable('lane_paces', {
  trunkId: uuid()
    .primaryKey()
    .references(() => trunks.id),
  workspaceId: uuid()
    .notNull()
    .references(() => workspaces.id),
  startsMs: doublePrecision().array().notNull(),
})

/**
 * Reasons to look at a lane, written in the transaction that made them: a slot or a contact became free, a rule changed.
 * The claim takes them away. What lies here for seconds is found by the sweep, whatever became of the tick. No foreign
 * keys: their checks would lock what claims hold.
 */
export const laneWakes = pgTable(
  'lane_wakes',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: uuid().notNull(),
    trunkId: uuid().notNull(),
    /** PostgreSQL's own clock. */
    recordedAt: instant().notNull().default(sql`clock_timestamp()`),
  },
  (t) => [index('lane_wakes_trunk').on(t.trunkId)],
)

export const assistants = pgTable(
  'assistants',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    name: text().notNull(),
    /** The LiveKit agent that is dispatched into the room. */
    agentName: text().notNull(),
    prompt: text().notNull().default(''),
    greeting: text().notNull().default(''),
    /** How the agent says what it is, before all else; empty where it does not. */
    aiDisclosure: text().notNull().default(''),
    questions: jsonb().$type<string[]>().notNull().default([]),
    /** Speech-to-text, language model and voice, handed to the agent as they are. */
    stt: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    llm: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    tts: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    assistantEndCallUrl: text(),
    trunkId: uuid().references(() => trunks.id),
    createdAt: createdAt(),
    updatedAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [index('assistants_workspace').on(t.workspaceId, t.id)],
)

/** A number that people call, and who answers there. The inbound trunk and the rule are LiveKit's, made by us. */
export const phoneNumbers = pgTable(
  'phone_numbers',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    phoneNumber: text().notNull(),
    assistantId: uuid()
      .notNull()
      .references(() => assistants.id),
    /** The way out for calls of its assistant; it has the number among its own. */
    trunkId: uuid().references(() => trunks.id),
    /** The assistant's agent, or a person from the browser. */
    answeredBy: text().$type<'agent' | 'person'>().notNull().default('agent'),
    livekitInboundTrunkId: text().notNull(),
    livekitDispatchRuleId: text().notNull(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [
    index('phone_numbers_workspace').on(t.workspaceId, t.id),
    // A LiveKit project lets each number in once, whoever it belongs to.
    uniqueIndex('phone_numbers_number').on(t.phoneNumber).where(sql`${t.archivedAt} is null`),
    uniqueIndex('phone_numbers_livekit').on(t.livekitInboundTrunkId).where(sql`${t.archivedAt} is null`),
    check('phone_numbers_e164', sql`${t.phoneNumber} ~ '^\\+[1-9][0-9]{1,14}$'`),
    check('phone_numbers_answered_by', sql`${t.answeredBy} in ('agent', 'person')`),
  ],
)
