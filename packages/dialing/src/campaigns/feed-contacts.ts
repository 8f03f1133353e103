/**
 * Turns contacts of a list into contacts of its campaigns.
 *
 * Nobody may fall between the two ways in: a start fills from the list in chunks, and whoever appends to the list
 * feeds the campaigns that are live. An append therefore holds the list's row shared until it commits, and a start
 * takes it exclusively for a moment: what was appended before is visible to the fill, what comes later sees the
 * campaign as started.
 */
import type { Tx } from '@outdial/database/client'
import { campaignZones } from '@outdial/database/schema/campaigns'
import { type SQL, sql } from 'drizzle-orm'
import { logEach } from '../event-log.ts'
import { wakeLane } from '../wake-lane.ts'

/** To be called first in every transaction that adds contacts to a list. */
export async function lockListForAppend(tx: Tx, contactListId: string): Promise<void> {
  await tx.execute(sql`select 1 from contact_lists where id = ${contactListId} for share`)
}

/**
 * Adds new contacts of a list to the campaigns that are live on it, in the transaction that added them.
 * Returns the trunks to tick after the commit.
 */
export async function feedLiveCampaigns(
  tx: Tx,
  input: { contactListId: string; contactIds: string[]; now: Date },
): Promise<string[]> {
  if (input.contactIds.length === 0) return []
  const live = await tx.execute<{ id: string; workspace_id: string; trunk_id: string }>(sql`
    select c.id, c.workspace_id, r.trunk_id from campaigns c join campaign_runtime r on r.campaign_id = c.id
    where c.contact_list_id = ${input.contactListId} and c.execution_status in ('running', 'paused', 'error')
    order by c.id for update of r for share of c`)
  for (const { id, workspace_id: workspaceId, trunk_id: trunkId } of live) {
    await addToCampaign(tx, { campaignId: id, contacts: sql`k.id = any(${uuids(input.contactIds)})`, now: input.now })
    await wakeLane(tx, { workspaceId, trunkId })
  }
  return [...new Set(live.map((campaign) => campaign.trunk_id))]
}

/**
 * Adds the contacts that match and belong to the campaign's source; the caller holds the runtime row. Returns how many
 * were new. Those that are there already are left out first: `on conflict` would wait for a claim that has them in hand
 * and that waits for the runtime row.
 */
export async function addToCampaign(tx: Tx, input: { campaignId: string; contacts: SQL; now: Date }): Promise<number> {
  const added = await tx.execute<{ zone_key: string; count: number }>(sql`
    with added as (
      insert into campaign_contacts (campaign_id, contact_id, workspace_id, zone_key, due_at)
      select c.id, k.id, k.workspace_id, k.zone_key, ${input.now.toISOString()}::timestamptz
      from campaigns c join contacts k on k.contact_list_id = c.contact_list_id
      where c.id = ${input.campaignId} and (c.csv_file_id is null or k.csv_file_id = c.csv_file_id) and ${input.contacts}
        and not exists (select from campaign_contacts known where known.campaign_id = c.id and known.contact_id = k.id)
      on conflict do nothing
      returning zone_key)
    select zone_key, count(*)::int as count from added group by zone_key`)
  const total = added.reduce((sum, zone) => sum + zone.count, 0)
  if (total === 0) return 0
  const { campaignId, now: at } = input
  const entry = { kind: 'contacts_added', at, campaignId, details: { count: total } } as const
  const [runtime] = await tx.execute<{ workspace_id: string }>(sql`
    with counted as (
      update campaign_runtime
      set contacts_total = contacts_total + ${total}, contacts_waiting = contacts_waiting + ${total}
      where campaign_id = ${campaignId} returning workspace_id),
    logged as (${logEach(sql`counted`, { ...entry, workspaceId: sql`workspace_id` })})
    select workspace_id from counted`)
  if (!runtime) throw new Error(`Campaign ${input.campaignId} has no runtime row: start it before feeding it.`)
  await tx
    .insert(campaignZones)
    .values(
      added.map((zone) => ({
        campaignId: input.campaignId,
        workspaceId: runtime.workspace_id,
        zoneKey: zone.zone_key,
      })),
    )
    .onConflictDoNothing()
  return total
}

/** A PostgreSQL array of ids as one bound parameter. */
export function uuids(ids: readonly string[]): SQL {
  return sql`${`{${ids.join(',')}}`}::uuid[]`
}
