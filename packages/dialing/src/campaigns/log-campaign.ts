import type { campaigns } from '@outdial/database/schema/campaigns'
import { hoursInForce } from '@outdial/policy/lawful-hours'
import type { EventEntry } from '../event-log.ts'
import { type CampaignSettings, callingHoursOf } from './campaign-settings.ts'
import { settingsOf } from './read-campaigns.ts'

type CampaignRow = typeof campaigns.$inferSelect

/** Who is called with what words matters to no rule, and would make every entry long. */
const unlogged = [
  'name',
  'assistantId',
  'trunkId',
  'contactSource',
  'contactListId',
  'csvFileId',
  'campaignPrompt',
  'placeholderDefaults',
  'questions',
  'metadata',
  'fromNumbers',
  'sipHeaders',
  'displayName',
  'aiDisclosure',
  'voicemail',
  'voicemailMessage',
  'predialUrl',
  'recording',
] as const satisfies (keyof CampaignSettings)[]

/** Everything that decides when, how fast and how often a campaign calls, as it stands from now on; laws included. */
export function settingsEntry(
  kind: 'campaign_started' | 'campaign_resumed' | 'campaign_changed',
  now: { campaign: CampaignRow; trunkId: string | null; at: Date },
): EventEntry {
  const { campaign, trunkId, at } = now
  const settings: Record<string, unknown> = {
    ...settingsOf(campaign),
    ...hoursInForce(callingHoursOf(campaign), at),
  }
  for (const field of unlogged) delete settings[field]
  return {
    kind,
    at,
    workspaceId: campaign.workspaceId,
    campaignId: campaign.id,
    trunkId,
    details: { trunkId, settings },
  }
}
