import { inWorkspace } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { promptFiller } from '@outdial/policy/prompt'
import { eq } from 'drizzle-orm'
import { type Briefing, briefAgent } from '../calls/brief-agent.ts'
import type { Deps, Who } from '../deps.ts'
import { findCampaignContact } from './campaign-contacts.ts'
import { findCampaign } from './read-campaigns.ts'

/** What the agent would be told about a contact, were it called now. `default` is null where nothing stands in. */
export type ContactBriefing = Omit<Briefing, 'missing'> & {
  missing: { placeholder: string; default: string | null }[]
  variables: Record<string, string>
}

/** @throws NotFound, also for a contact of another campaign */
export async function briefContact(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { campaignId, contactId }: { campaignId: string; contactId: string },
): Promise<ContactBriefing> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    const { contact } = await findCampaignContact(tx, { campaign, contactId })
    const [assistant] = await tx.select().from(assistants).where(eq(assistants.id, campaign.assistantId))
    const { missing, ...told } = briefAgent({ assistant: assistant ?? null, campaign, contact, call: null })
    const standIn = promptFiller([], campaign.placeholderDefaults)
    return {
      ...told,
      missing: missing.map((placeholder) => ({ placeholder, default: standIn(`{{${placeholder}}}`).text || null })),
      variables: contact.variables,
    }
  })
}
