import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { campaignContacts, type campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { and, asc, desc, eq, gt, isNotNull, isNull, or, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { csvLine } from '../contacts/csv-text.ts'
import type { Deps, Who } from '../deps.ts'
import { type ContactRow, type campaignContactFilters, toCampaignContact } from './campaign-contacts.ts'
import { sourceOf } from './count-source.ts'
import { uuids } from './feed-contacts.ts'
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

type LatestCall = Pick<typeof calls.$inferSelect, 'permittedAt' | 'disposition' | 'outcome' | 'summary'>
type Result = ContactRow & { last: LatestCall | undefined }

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

/** Each with the latest call that was dialed, where there is one. */
async function readResults(
  tx: Tx,
  { campaign, after, state, phoneNumber }: { campaign: CampaignRow; after: string | undefined } & Filters,
): Promise<Result[]> {
  const inState = state && eq(campaignContacts.state, state)
  const rows = await tx
    .select({ contact: contacts, held: campaignContacts })
    .from(contacts)
    .leftJoin(
      campaignContacts,
      and(eq(campaignContacts.campaignId, campaign.id), eq(campaignContacts.contactId, contacts.id)),
    )
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
  const ids = rows.map(({ contact }) => contact.id)
  const latest = await readLatestCalls(tx, { campaignId: campaign.id, contactIds: ids })
  return rows.map((row) => ({ ...row, last: latest.get(row.contact.id) }))
}

/** Apart from the contacts: joined to them, each would make PostgreSQL look through the calls of the whole campaign. */
async function readLatestCalls(
  tx: Tx,
  { campaignId, contactIds }: { campaignId: string; contactIds: string[] },
): Promise<Map<string | null, LatestCall>> {
  const { contactId, permittedAt, disposition, outcome, summary } = calls
  const rows = await tx
    .selectDistinctOn([contactId], { contactId, permittedAt, disposition, outcome, summary })
    .from(calls)
    .where(and(sql`${contactId} = any(${uuids(contactIds)})`, eq(calls.campaignId, campaignId), isNotNull(permittedAt)))
    .orderBy(contactId, desc(calls.id))
  return new Map(rows.map((row) => [row.contactId, row]))
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
