import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'

/**
 * Makes the lane of a trunk that never had one. Whoever calls this may hold a campaign, and an insert would wait for a
 * claim that works on the lane and wants that campaign: a lane that is there is left alone.
 */
export async function ensureLane(tx: Tx, lane: { trunkId: string; workspaceId: string }): Promise<void> {
  await tx.execute(sql`
    insert into lanes (trunk_id, workspace_id)
    select ${lane.trunkId}::uuid, ${lane.workspaceId}::uuid
    where not exists (select from lanes where trunk_id = ${lane.trunkId})
    on conflict do nothing`)
}
