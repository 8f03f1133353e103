import { inWorkspace } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import { eq } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { logEvents } from '../event-log.ts'
import { checkRecording } from '../recordings/check-recording.ts'
import { Conflict, InvalidInput, NotFound } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'
import {
  type CampaignInput,
  type CampaignPatch,
  type CampaignSettings,
  checkCampaign,
  withHours,
} from './campaign-settings.ts'
import { resolveReferences } from './create-campaign.ts'
import { lockCampaign } from './lock-campaign.ts'
import { settingsEntry } from './log-campaign.ts'
import { checkPredialUrl } from './predial-url.ts'
import { type Campaign, settingsOf, toCampaign } from './read-campaigns.ts'

type Id = { campaignId: string }
type ChangeDeps = Pick<Deps, 'db' | 'queue' | 'allowPrivateNotices' | 'recorder'>
type CampaignRow = typeof campaigns.$inferSelect

/** Puts all settings anew; what is left out takes its default. */
export async function replaceCampaign(
  deps: ChangeDeps,
  who: Who,
  { campaignId, settings }: Id & { settings: CampaignInput },
): Promise<Campaign> {
  return change(deps, who, { campaignId, next: () => withHours(settings) })
}

/** Changes what is given. Throws InvalidInput when the result does not fit together. */
export async function patchCampaign(
  deps: ChangeDeps,
  who: Who,
  { campaignId, patch }: Id & { patch: CampaignPatch },
): Promise<Campaign> {
  return change(deps, who, {
    campaignId,
    next: (now) => {
      const merged = { ...now, ...patch }
      // Whoever moves from a list to a file or back need not say that the other one goes.
      if (patch.contactSource === 'csv_file' && !patch.contactListId) merged.contactListId = null
      if (patch.contactSource === 'contact_list' && !patch.csvFileId) merged.csvFileId = null
      return merged
    },
  })
}

/** Takes a campaign off the lists. Its calls stay in the history. Throws Conflict while it runs or is paused. */
export async function archiveCampaign(deps: Pick<Deps, 'db'>, who: Who, { campaignId }: Id): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const { row } = await lockCampaign(tx, campaignId)
    if (row.executionStatus === 'running' || row.executionStatus === 'paused') {
      throw new Conflict(
        'campaign_active',
        `The campaign is ${row.executionStatus}. Stop it first: POST /campaigns/${campaignId}/stop.`,
        { executionStatus: row.executionStatus, allowed: ['stop'] },
      )
    }
    await tx.update(campaigns).set({ archivedAt: who.now, updatedAt: who.now }).where(eq(campaigns.id, campaignId))
    await writeAudit(tx, who, { action: 'campaign.archived', entity: 'campaign', entityId: campaignId })
  })
}

async function change(
  deps: ChangeDeps,
  who: Who,
  { campaignId, next }: Id & { next: (now: CampaignSettings) => CampaignSettings },
): Promise<Campaign> {
  const { changed, laneToTick } = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const { row, trunkId } = await lockCampaign(tx, campaignId)
    const before = settingsOf(row)
    const settings = next(before)
    const wrong = checkCampaign(settings)
    if (wrong.length > 0) throw new InvalidInput(wrong)
    if (settings.predialUrl !== before.predialUrl) checkPredialUrl(deps, settings.predialUrl)
    if (settings.recording !== before.recording) checkRecording(deps, settings.recording)
    refuseWhatIsSettled(row, { before, settings })
    const contactListId = await resolveReferences(tx, settings)
    const [changed] = await tx
      .update(campaigns)
      .set({ ...settings, contactListId, updatedAt: who.now })
      .where(eq(campaigns.id, campaignId))
      .returning()
    if (!changed) throw new NotFound('campaign', campaignId)
    const details = { fields: changedFields(before, settings) }
    await writeAudit(tx, who, { action: 'campaign.changed', entity: 'campaign', entityId: campaignId, details })
    const after = { campaign: changed, trunkId: trunkId ?? changed.trunkId, at: who.now }
    await logEvents(tx, [settingsEntry('campaign_changed', after)])
    await wakeLane(tx, { workspaceId: who.workspaceId, trunkId: trunkId ?? null })
    return { changed, laneToTick: row.executionStatus === 'running' ? trunkId : undefined }
  })
  // A wider window or a higher cap should not wait for the next wake-up of the old one.
  if (laneToTick) await deps.queue.tick(laneToTick)
  return toCampaign(changed)
}

function refuseWhatIsSettled(
  row: CampaignRow,
  { before, settings }: { before: CampaignSettings; settings: CampaignSettings },
): void {
  const source = ['contactSource', 'contactListId', 'csvFileId'] as const
  if (row.startedAt && source.some((field) => before[field] !== settings[field])) {
    const message = 'The campaign was started with its contacts. Create a new campaign to call others.'
    throw new Conflict('contact_source_settled', message, { startedAt: row.startedAt })
  }
  if (row.executionStatus === 'running' && before.trunkId !== settings.trunkId) {
    const message = 'A running campaign stays on its trunk. Pause it, change the trunk, and resume it.'
    throw new Conflict('trunk_settled', message, { executionStatus: row.executionStatus, allowed: ['pause', 'stop'] })
  }
}

function changedFields(before: CampaignSettings, after: CampaignSettings): string[] {
  const fields = Object.keys(after) as (keyof CampaignSettings)[]
  return fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
}
