import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { campaignContacts, type campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { and, asc, desc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { csvLine } from '../contacts/csv-text.ts'
import type { Deps, Who } from '../deps.ts'
import { type campaignContactFilters, toCampaignContact } from './campaign-contacts.ts'
import { sourceOf } from './count-source.ts'
import { findCampaign } from './read-campaigns.ts'

type Filters = z.infer<typeof campaignContactFilters>
type CampaignRow = typeof campaigns.$inferSelect

const contactsPerRead = 2_000

/** Of a large list, the columns of so many contacts are taken for those of all. */
const examinedMax = 10_000
const variablesMax = 200

/**
 * The contacts of a campaign with what came of each and their own columns, as CSV, read as it is consumed. Begin to
 * iterate before answering: the first step throws NotFound. See `csvLine` for what is done about formulas.
 */
export async function* contactResultsAsCsv(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { campaignId, ...filters }: Filters & { campaignId: string },
): AsyncGenerator<string> {
  const asWorkspace = <T>(read: (tx: Tx) => Promise<T>) => inWorkspace(deps.db, who.workspaceId, read)
  const { campaign, variables } = await asWorkspace(async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    return { campaign, variables: await variableNames(tx, campaign) }
  })
  yield csvLine([...columns, ...variables])
  for (let after: string | undefined; ; ) {
    const rows = await asWorkspace((tx) => readResults(tx, { campaign, after, ...filters }))
    if (rows.length === 0) return
    yield rows.map(lineWith(variables)).join('')
    after = rows.at(-1)?.contact.id
  }
}

const columns = [
  ...['id', 'externalId', 'name', 'phoneNumber', 'state', 'finishReason', 'attempts', 'dueAt'],
  ...['lastCallAt', 'lastDisposition', 'lastOutcome', 'lastSummary'],
]

type Result = Awaited<ReturnType<typeof readResults>>[number]

function lineWith(variables: string[]): (row: Result) => string {
  return ({ contact, held, last }) => {
    const { id, externalId, name, phoneNumber, state, finishReason, attempts, dueAt } = toCampaignContact({
      contact,
      held,
    })
    const due = state === 'waiting' ? dueAt : null
    const own = new Map(Object.entries(contact.variables))
    return csvLine([
      ...[id, externalId, name, phoneNumber, state, finishReason, attempts, due],
      ...[last?.permittedAt, last?.disposition, last?.outcome, last?.summary],
      ...variables.map((variable) => own.get(variable)),
    ])
  }
}

/** With the latest call that was dialed, where there is one. */
async function readResults(
  tx: Tx,
  { campaign, after, state, phoneNumber }: { campaign: CampaignRow; after: string | undefined } & Filters,
) {
  const { permittedAt, disposition, outcome, summary } = calls
  const last = tx
    .select({ permittedAt, disposition, outcome, summary })
    .from(calls)
    .where(and(eq(calls.contactId, contacts.id), eq(calls.campaignId, campaign.id), isNotNull(permittedAt)))
    .orderBy(desc(calls.id))
    .limit(1)
    .as('last')
  const inState = state && eq(campaignContacts.state, state)
  return tx
    .select({
      contact: contacts,
      held: campaignContacts,
      last: {
        permittedAt: last.permittedAt,
        disposition: last.disposition,
        outcome: last.outcome,
        summary: last.summary,
      },
    })
    .from(contacts)
    .leftJoin(
      campaignContacts,
      and(eq(campaignContacts.campaignId, campaign.id), eq(campaignContacts.contactId, contacts.id)),
    )
    .leftJoinLateral(last, sql`true`)
    .where(
      and(
        sourceOf(campaign),
        phoneNumber ? eq(contacts.phoneNumber, phoneNumber) : undefined,
        state === 'waiting' ? or(inState, isNull(campaignContacts.state)) : inState,
        after ? gt(contacts.id, after) : undefined,
      ),
    )
    .orderBy(asc(contacts.id))
    .limit(contactsPerRead)
}

/** By the alphabet: PostgreSQL does not keep the order they had in the file. */
async function variableNames(tx: Tx, campaign: CampaignRow): Promise<string[]> {
  const some = tx
    .select({ variables: contacts.variables })
    .from(contacts)
    .where(sourceOf(campaign))
    .orderBy(asc(contacts.id))
    .limit(examinedMax)
    .as('some')
  const rows = await tx
    .selectDistinct({ name: sql<string>`keys.name` })
    .from(some)
    .innerJoinLateral(sql`jsonb_object_keys(${some.variables}) as keys(name)`, sql`true`)
    .orderBy(sql`keys.name`)
    .limit(variablesMax)
  return rows.map(({ name }) => name)
}
