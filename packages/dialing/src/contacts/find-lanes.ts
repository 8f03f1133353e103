import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'
import { uuids } from '../campaigns/feed-contacts.ts'

/** The trunks of the campaigns that run on these lists. */
export async function findLanes(tx: Tx, contactListIds: string[]): Promise<string[]> {
  if (contactListIds.length === 0) return []
  const lanes = await tx.execute<{ trunk_id: string }>(sql`
    select distinct r.trunk_id from campaigns c join campaign_runtime r on r.campaign_id = c.id
    where c.contact_list_id = any(${uuids(contactListIds)}) and c.execution_status = 'running'`)
  return lanes.map((lane) => lane.trunk_id)
}
