import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import type { campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { answerSorter, answerText } from '@outdial/policy/answers'
import { outcomes } from '@outdial/policy/states'
import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { questionsOf } from '../calls/brief-agent.ts'
import { csvLine } from '../contacts/csv-text.ts'
import type { Deps, Who } from '../deps.ts'
import { dayOrMoment } from '../fields.ts'
import { type Page, pageInput, toPage } from '../page.ts'
import { findCampaign } from './read-campaigns.ts'

/** What one person answered. */
export type AnsweredCall = {
  /** The call's. */
  id: string
  contactId: string | null
  externalId: string | null
  contactName: string | null
  phoneNumber: string
  answeredAt: Date | null
  outcome: (typeof outcomes)[number] | null
  summary: string | null
  /** In the order of `questions`; null where nothing was answered. */
  answers: (string | null)[]
  /** Answers to none of the questions, by the agent's own names. */
  otherAnswers: Record<string, string>
}

/** A page of the table that a campaign's questions and answers make. */
export type CampaignAnswers = Page<AnsweredCall> & { questions: string[] }

export const campaignAnswerFilters = z.object({
  outcome: z.enum(outcomes).optional(),
  from: dayOrMoment.optional().meta({ description: 'Created at or after this date or moment.' }),
  to: dayOrMoment.optional().meta({ description: 'Created before this date or moment.' }),
})
type Filters = z.infer<typeof campaignAnswerFilters>

export const listCampaignAnswersInput = pageInput.extend(campaignAnswerFilters.shape)

type Input<Rest> = Rest & { campaignId: string }

/** The calls of a campaign in which something was answered, newest first. @throws NotFound */
export async function listCampaignAnswers(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { campaignId, limit, cursor, ...filters }: Input<z.infer<typeof listCampaignAnswersInput>>,
): Promise<CampaignAnswers> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const questions = await questionsOfCampaign(tx, campaignId)
    const where = and(answeredIn(campaignId, filters), cursor ? lt(calls.id, cursor) : undefined)
    const rows = await readAnswered(tx, { where, limit: limit + 1 })
    return { questions, ...toPage(rows.map(toAnsweredCall(questions)), limit) }
  })
}

const callsPerRead = 1_000
const otherColumnsMax = 100

/**
 * The same as CSV, all of it, read as it is consumed: a column per question, one per name that agents gave to anything
 * else, and one for what does not fit into these. Begin to iterate before answering: the first step throws NotFound.
 */
export async function* campaignAnswersAsCsv(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { campaignId, ...filters }: Input<Filters>,
): AsyncGenerator<string> {
  const asWorkspace = <T>(read: (tx: Tx) => Promise<T>) => inWorkspace(deps.db, who.workspaceId, read)
  const answered = answeredIn(campaignId, filters)
  const { questions, others } = await asWorkspace(async (tx) => {
    const questions = await questionsOfCampaign(tx, campaignId)
    return { questions, others: await otherNames(tx, { answered, questions }) }
  })
  yield csvLine([...csvColumns, ...questions, ...others, 'otherAnswers'])
  for (let after: string | undefined; ; ) {
    const where = and(answered, after ? lt(calls.id, after) : undefined)
    const rows = await asWorkspace((tx) => readAnswered(tx, { where, limit: callsPerRead }))
    if (rows.length === 0) return
    yield rows.map(toAnsweredCall(questions)).map(lineWith(others)).join('')
    after = rows.at(-1)?.id
  }
}

const csvColumns = [
  'id',
  'externalId',
  'contactName',
  'phoneNumber',
  'answeredAt',
  'outcome',
  'summary',
] as const satisfies (keyof AnsweredCall)[]

function lineWith(others: string[]): (row: AnsweredCall) => string {
  return (row) => {
    const known = new Map(Object.entries(row.otherAnswers))
    const named = others.map((name) => known.get(name))
    for (const name of others) known.delete(name)
    const rest = known.size > 0 ? answerText(Object.fromEntries(known)) : null
    return csvLine([...csvColumns.map((column) => row[column]), ...row.answers, ...named, rest])
  }
}

/** Throws NotFound. */
async function questionsOfCampaign(tx: Tx, campaignId: string): Promise<string[]> {
  const campaign: typeof campaigns.$inferSelect = await findCampaign(tx, campaignId)
  const [assistant] = await tx.select().from(assistants).where(eq(assistants.id, campaign.assistantId))
  return [...new Set(questionsOf({ assistant: assistant ?? null, campaign, call: null }))]
}

function answeredIn(campaignId: string, { outcome, from, to }: Filters): SQL | undefined {
  return and(
    eq(calls.campaignId, campaignId),
    sql`jsonb_typeof(${calls.answers}) = 'object' and ${calls.answers} <> '{}'::jsonb`,
    outcome && eq(calls.outcome, outcome),
    from && gte(calls.createdAt, from),
    to && lt(calls.createdAt, to),
  )
}

/** Without the transcript, which would be most of what is read. */
const answeredColumns = {
  id: calls.id,
  contactId: calls.contactId,
  externalId: contacts.externalId,
  contactName: calls.contactName,
  phoneNumber: calls.phoneNumber,
  answeredAt: calls.answeredAt,
  outcome: calls.outcome,
  summary: calls.summary,
  answers: calls.answers,
}

type AnsweredRow = Omit<AnsweredCall, 'answers' | 'otherAnswers'> & Pick<typeof calls.$inferSelect, 'answers'>

async function readAnswered(
  tx: Tx,
  { where, limit }: { where: SQL | undefined; limit: number },
): Promise<AnsweredRow[]> {
  return tx
    .select(answeredColumns)
    .from(calls)
    .leftJoin(contacts, eq(contacts.id, calls.contactId))
    .where(where)
    .orderBy(desc(calls.id))
    .limit(limit)
}

function toAnsweredCall(questions: string[]): (row: AnsweredRow) => AnsweredCall {
  const sort = answerSorter(questions)
  return ({ answers: told, ...call }) => {
    const { answers, others } = sort(told ?? {})
    return { ...call, answers: answers.map((answer) => answer || null), otherAnswers: others }
  }
}

/** Names beyond the questions, most used first, and not more than fit beside each other. */
async function otherNames(
  tx: Tx,
  { answered, questions }: { answered: SQL | undefined; questions: string[] },
): Promise<string[]> {
  const names = tx.select({ name: sql<string>`jsonb_object_keys(${calls.answers})`.as('name') }).from(calls)
  const used = names.where(answered).as('used')
  const rows = await tx
    .select({ name: used.name })
    .from(used)
    .groupBy(used.name)
    .orderBy(sql`count(*) desc`, used.name)
    .limit(10_000)
  const sort = answerSorter(questions)
  return rows
    .map(({ name }) => name)
    .filter((name) => Object.keys(sort({ [name]: 'x' }).others).length > 0)
    .slice(0, otherColumnsMax)
}
