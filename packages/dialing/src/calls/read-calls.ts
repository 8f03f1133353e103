import { inWorkspace } from '@outdial/database/client'
import { calls, signals } from '@outdial/database/schema/calls'
import type { Signal } from '@outdial/policy/signal'
import { callStatuses, dispositions, outcomes } from '@outdial/policy/states'
import { type ShownLine, shownTranscript } from '@outdial/policy/transcript'
import { and, asc, desc, eq, getTableColumns, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { findCampaign } from '../campaigns/read-campaigns.ts'
import { csvLine } from '../contacts/csv-text.ts'
import type { Deps, Who } from '../deps.ts'
import { dayOrMoment, e164, uuid } from '../fields.ts'
import { type Page, pageInput, toPage } from '../page.ts'
import { type Recording, recordingsOfCall } from '../recordings/recordings.ts'
import { NotFound } from '../refusals.ts'
import { type AskedQuestion, askedQuestions } from './asked-questions.ts'

type CallRow = typeof calls.$inferSelect

/** What is said in a call is most of its row, and no list shows it. */
const {
  transcript: _transcript,
  liveTranscript: _liveTranscript,
  answers: _answers,
  ...listedColumns
} = getTableColumns(calls)

/** A call as lists show it. */
export type Call = Pick<
  CallRow,
  | 'id'
  | 'origin'
  | 'campaignId'
  | 'contactId'
  | 'assistantId'
  | 'trunkId'
  | 'phoneNumber'
  | 'fromNumber'
  | 'contactName'
  | 'roomName'
  | 'attempt'
  | 'status'
  | 'disposition'
  | 'outcome'
  | 'createdAt'
  | 'startsAt'
  | 'permittedAt'
  | 'ringingAt'
  | 'answeredAt'
  | 'endedAt'
  | 'callbackAt'
  | 'sipStatusCode'
  | 'endReason'
> & { direction: 'outbound' | 'inbound'; durationSeconds: number | null }

/** Something that happened to a call, as it was told. */
export type TimelineEntry = { at: Date; event: string; source: string; details: Record<string, unknown> }

/** All that is known of a call. */
export type CallInFull = Call &
  Pick<CallRow, 'metadata' | 'summary' | 'answers' | 'sipCallId' | 'providerCallId'> & {
    transcript: ShownLine[] | null
    recordings: Recording[]
    /** What was asked, as it was asked, with what was answered. */
    questions: AskedQuestion[]
    timeline: TimelineEntry[]
  }

export const callFilters = z.object({
  status: z.enum(callStatuses).optional(),
  disposition: z.enum(dispositions).optional(),
  outcome: z.enum(outcomes).optional(),
  campaignId: uuid.optional(),
  direction: z.enum(['outbound', 'inbound']).optional(),
  // A `+` that was not encoded arrives as a space.
  phoneNumber: z.preprocess((text) => (typeof text === 'string' ? text.replace(/^ /, '+') : text), e164).optional(),
  said: z.string().trim().min(1).max(500).optional().meta({
    description:
      'Words of the conversation. All of them, in any order; "in quotes" as they stand, -word without it, or.',
  }),
  from: dayOrMoment.optional().meta({ description: 'Created at or after this date or moment.' }),
  to: dayOrMoment.optional().meta({ description: 'Created before this date or moment.' }),
})
export type CallFilters = z.infer<typeof callFilters>

export const listCallsInput = pageInput.extend(callFilters.shape)

/** Calls of all kinds, newest first. */
export async function listCalls(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor, ...filters }: z.infer<typeof listCallsInput>,
): Promise<Page<Call>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select(listedColumns)
      .from(calls)
      .where(and(matching(who, filters), cursor ? lt(calls.id, cursor) : undefined))
      .orderBy(desc(calls.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toCall), limit)
}

/** The calls of one campaign. Throws NotFound. */
export async function listCampaignCalls(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: z.infer<typeof listCallsInput> & { campaignId: string },
): Promise<Page<Call>> {
  await inWorkspace(deps.db, who.workspaceId, (tx) => findCampaign(tx, input.campaignId))
  return listCalls(deps, who, input)
}

/** One call with what happened to it. Throws NotFound. */
export async function readCall(deps: Pick<Deps, 'db'>, who: Who, { callId }: { callId: string }): Promise<CallInFull> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [row] = await tx.select().from(calls).where(eq(calls.id, callId))
    if (!row) throw new NotFound('call', callId)
    const heard = await tx.select().from(signals).where(eq(signals.callId, callId)).orderBy(asc(signals.id))
    const { metadata, summary, answers, sipCallId, providerCallId } = row
    const transcript = shownTranscript(row)
    const told = { metadata, summary, answers, transcript, sipCallId, providerCallId }
    const recordings = await recordingsOfCall(tx, callId)
    const questions = await askedQuestions(tx, callId)
    return { ...toCall(row), ...told, recordings, questions, timeline: timelineOf(row, heard) }
  })
}

const callsPerRead = 1_000

/** Calls as CSV, newest first, read as they are consumed. See `csvLine` for what is done about formulas. */
export async function* callsAsCsv(deps: Pick<Deps, 'db'>, who: Who, filters: CallFilters): AsyncGenerator<string> {
  yield csvLine(csvColumns)
  for (let after: string | undefined; ; ) {
    const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
      tx
        .select(listedColumns)
        .from(calls)
        .where(and(matching(who, filters), after ? lt(calls.id, after) : undefined))
        .orderBy(desc(calls.id))
        .limit(callsPerRead),
    )
    if (rows.length === 0) return
    yield rows
      .map(toCall)
      .map((call) => csvLine(csvColumns.map((column) => call[column])))
      .join('')
    after = rows.at(-1)?.id
  }
}

const csvColumns = [
  'id',
  'direction',
  'campaignId',
  'contactName',
  'phoneNumber',
  'fromNumber',
  'attempt',
  'status',
  'disposition',
  'outcome',
  'createdAt',
  'answeredAt',
  'endedAt',
  'durationSeconds',
  'callbackAt',
  'endReason',
] as const satisfies (keyof Call)[]

function matching({ workspaceId }: Who, filters: CallFilters): SQL | undefined {
  const { status, disposition, outcome, campaignId, direction, phoneNumber, said, from, to } = filters
  return and(
    eq(calls.workspaceId, workspaceId),
    status && eq(calls.status, status),
    disposition && eq(calls.disposition, disposition),
    outcome && eq(calls.outcome, outcome),
    campaignId ? eq(calls.campaignId, campaignId) : undefined,
    direction === 'inbound' ? eq(calls.origin, 'inbound') : undefined,
    direction === 'outbound' ? inArray(calls.origin, ['campaign', 'single']) : undefined,
    phoneNumber ? eq(calls.phoneNumber, phoneNumber) : undefined,
    said ? sql`${calls.id} in (select find_transcripts(${said}))` : undefined,
    from && gte(calls.createdAt, from),
    to && lt(calls.createdAt, to),
  )
}

export function toCall(row: Omit<CallRow, 'transcript' | 'liveTranscript' | 'answers'>): Call {
  const { answeredAt, endedAt } = row
  const talkedMs = answeredAt && endedAt ? endedAt.getTime() - answeredAt.getTime() : null
  return {
    id: row.id,
    origin: row.origin,
    campaignId: row.campaignId,
    contactId: row.contactId,
    assistantId: row.assistantId,
    trunkId: row.trunkId,
    phoneNumber: row.phoneNumber,
    fromNumber: row.fromNumber,
    contactName: row.contactName,
    roomName: row.roomName,
    attempt: row.attempt,
    status: row.status,
    disposition: row.disposition,
    outcome: row.outcome,
    createdAt: row.createdAt,
    startsAt: row.startsAt,
    permittedAt: row.permittedAt,
    ringingAt: row.ringingAt,
    answeredAt,
    endedAt,
    callbackAt: row.callbackAt,
    sipStatusCode: row.sipStatusCode,
    endReason: row.endReason,
    direction: row.origin === 'inbound' ? 'inbound' : 'outbound',
    durationSeconds: talkedMs === null ? null : Math.round(talkedMs / 1_000),
  }
}

/** What we did, and everything that was heard, in the order in which it happened. */
function timelineOf(row: CallRow, heard: (typeof signals.$inferSelect)[]): TimelineEntry[] {
  const ours = [
    { event: 'created', at: row.createdAt },
    { event: 'dialed', at: row.origin === 'inbound' ? null : row.permittedAt },
    { event: 'hangup_requested', at: row.hangupRequestedAt },
    { event: 'ended', at: row.endedAt },
  ].flatMap(({ event, at }) => (at ? [{ at, event, source: 'dialer', details: {} }] : []))
  const theirs = heard.flatMap(({ content, source }) =>
    content.filter(({ kind }) => kind !== 'said').map((each) => entryOf(each, source)),
  )
  return [...ours, ...theirs].toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

/** What was said is shown once, with the call. */
function entryOf(content: Signal, source: string): TimelineEntry {
  const { kind, at, ...rest } = content
  const details = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'transcript'))
  return { at: new Date(at), event: kind, source, details }
}
