import { inWorkspace, type Tx } from '@outdial/database/client'
import { campaignContacts, type campaigns, contactState } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import type { FinishReason } from '@outdial/policy/states'
import { readZoneKey } from '@outdial/policy/zone-key'
import { and, asc, eq, gt, isNull, or } from 'drizzle-orm'
import { z } from 'zod'
import type { Deps, Who } from '../deps.ts'
import { e164 } from '../fields.ts'
import { type Page, pageInput, toPage } from '../page.ts'
import { NotFound } from '../refusals.ts'
import { sourceOf } from './count-source.ts'
import { findCampaign } from './read-campaigns.ts'

/** A contact as its campaign sees it. */
export type CampaignContact = {
  id: string
  phoneNumber: string
  name: string | null
  externalId: string | null
  /** Several where the number leaves a choice, none where it is not known. */
  zones: string[]
  state: (typeof contactState.enumValues)[number]
  /** Calls that count. */
  attempts: number
  /** When it may be called, as far as it is up to the contact; null before the campaign has taken it over. */
  dueAt: Date | null
  finishReason: FinishReason | null
}

export const campaignContactFilters = z.object({
  state: z.enum(contactState.enumValues).optional(),
  // A `+` that was not encoded arrives as a space.
  phoneNumber: z.preprocess((text) => (typeof text === 'string' ? text.replace(/^ /, '+') : text), e164).optional(),
})

export const listCampaignContactsInput = pageInput.extend(campaignContactFilters.shape)

/** In the order in which they came. Those that the campaign has not taken over yet are waiting. @throws NotFound */
export async function listCampaignContacts(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { campaignId, limit, cursor, state, phoneNumber }: z.infer<typeof listCampaignContactsInput> & { campaignId: string },
): Promise<Page<CampaignContact>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    const inState = state && eq(campaignContacts.state, state)
    return selectContacts(tx, campaign)
      .where(
        and(
          sourceOf(campaign),
          phoneNumber ? eq(contacts.phoneNumber, phoneNumber) : undefined,
          state === 'waiting' ? or(inState, isNull(campaignContacts.state)) : inState,
          cursor ? gt(contacts.id, cursor) : undefined,
        ),
      )
      .orderBy(asc(contacts.id))
      .limit(limit + 1)
  })
  return toPage(rows.map(toCampaignContact), limit)
}

/** The contact and what the campaign holds of it, which is nothing before it is taken over. @throws NotFound */
export async function findCampaignContact(
  tx: Tx,
  { campaign, contactId }: { campaign: typeof campaigns.$inferSelect; contactId: string },
): Promise<ContactRow> {
  const [row] = await selectContacts(tx, campaign).where(and(sourceOf(campaign), eq(contacts.id, contactId)))
  if (!row) throw new NotFound('contact', contactId)
  return row
}

export type ContactRow = {
  contact: typeof contacts.$inferSelect
  held: typeof campaignContacts.$inferSelect | null
}

export function toCampaignContact({ contact, held }: ContactRow): CampaignContact {
  const { id, phoneNumber, name, externalId } = contact
  return {
    id,
    phoneNumber,
    name,
    externalId,
    zones: readZoneKey(zoneKeyOf({ contact, held })).zones,
    state: held?.state ?? 'waiting',
    attempts: held?.attempts ?? 0,
    dueAt: held?.dueAt ?? null,
    finishReason: held?.finishReason ?? null,
  }
}

export function zoneKeyOf({ contact, held }: ContactRow): string {
  return held?.zoneKey ?? contact.zoneKey
}

function selectContacts(tx: Tx, campaign: { id: string }) {
  return tx
    .select({ contact: contacts, held: campaignContacts })
    .from(contacts)
    .leftJoin(
      campaignContacts,
      and(eq(campaignContacts.campaignId, campaign.id), eq(campaignContacts.contactId, contacts.id)),
    )
    .$dynamic()
}
