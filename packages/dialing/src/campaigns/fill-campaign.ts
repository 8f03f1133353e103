import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { wakeLane } from '../wake-lane.ts'
import { addToCampaign } from './feed-contacts.ts'

const chunkSize = 5_000

/**
 * Takes the contacts of a started campaign's list over, in chunks of one short transaction each; dialing begins with
 * the first. Safe to run twice, at once or again: it goes on where it stopped, and nobody is added twice.
 */
export async function fillCampaign(
  deps: Pick<Deps, 'db' | 'queue'>,
  input: { campaignId: string; now: Date },
): Promise<void> {
  for (;;) {
    const chunk = await fillChunk(deps, input)
    if (!chunk) return
    await deps.queue.tick(chunk.trunkId)
    if (chunk.isLast) return
  }
}

type Filling = { workspace_id: string; trunk_id: string; fill_cursor: string | null; contact_list_id: string }

async function fillChunk(
  deps: Pick<Deps, 'db'>,
  input: { campaignId: string; now: Date },
): Promise<{ trunkId: string; isLast: boolean } | null> {
  return deps.db.transaction(async (tx) => {
    const [runtime] = await tx.execute<Filling>(sql`
      select r.workspace_id, r.trunk_id, r.fill_cursor, c.contact_list_id
      from campaign_runtime r join campaigns c on c.id = r.campaign_id
      where r.campaign_id = ${input.campaignId} and r.filled_at is null for update of r`)
    if (!runtime) return null
    const after = runtime.fill_cursor ? sql`id > ${runtime.fill_cursor}` : sql`true`
    const [chunk] = await tx.execute<{ last_id: string | null; count: number }>(sql`
      select (array_agg(id order by id desc))[1] as last_id, count(*)::int as count
      from (select id from contacts where contact_list_id = ${runtime.contact_list_id} and ${after}
            order by id limit ${chunkSize}) chunk`)
    const isLast = (chunk?.count ?? 0) < chunkSize
    if (chunk?.last_id) {
      const upTo = sql`k.id <= ${chunk.last_id}`
      const from = runtime.fill_cursor ? sql`k.id > ${runtime.fill_cursor} and ${upTo}` : upTo
      await addToCampaign(tx, { campaignId: input.campaignId, contacts: from, now: input.now })
    }
    await tx.execute(sql`
      update campaign_runtime
      set fill_cursor = coalesce(${chunk?.last_id ?? null}::uuid, fill_cursor),
        filled_at = ${isLast ? input.now.toISOString() : null}::timestamptz
      where campaign_id = ${input.campaignId}`)
    await wakeLane(tx, { workspaceId: runtime.workspace_id, trunkId: runtime.trunk_id })
    return { trunkId: runtime.trunk_id, isLast }
  })
}
