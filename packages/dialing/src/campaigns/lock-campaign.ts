import type { Tx } from '@outdial/database/client'
import { campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { eq, sql } from 'drizzle-orm'
import { NotFound } from '../refusals.ts'

type CampaignRow = typeof campaigns.$inferSelect

/**
 * Locks a campaign for what a person wants of it until the transaction ends: the runtime row first, as all do who lock
 * both. Before that the campaign's own turn: a campaign that is being started for the first time has no runtime row yet,
 * and whoever waits for it on the campaign alone would lock the two the wrong way round.
 * `trunkId` is that of the run, null where there was none. @throws NotFound, also for one that was archived
 */
export async function lockCampaign(
  tx: Tx,
  campaignId: string,
): Promise<{ row: CampaignRow; trunkId: string | null | undefined }> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`campaign ${campaignId}`}, 0))`)
  const [runtime] = await tx
    .select({ trunkId: campaignRuntime.trunkId })
    .from(campaignRuntime)
    .where(eq(campaignRuntime.campaignId, campaignId))
    .for('update')
  // Not a full update lock: claims hold the campaign by their calls' foreign key while they wait for the runtime row.
  const [row] = await tx.select().from(campaigns).where(eq(campaigns.id, campaignId)).for('no key update')
  if (!row || row.archivedAt) throw new NotFound('campaign', campaignId)
  return { row, trunkId: runtime?.trunkId }
}
