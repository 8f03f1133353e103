import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'

/**
 * Makes the lane of a trunk if there is none. A lane that is there is left alone before `on conflict` sees it: that would
 * wait for a claim that has it in hand, and that may be waiting for the caller.
 */
export async function ensureLane(tx: Tx, lane: { trunkId: string; workspaceId: string }): Promise<void> {
  const { trunkId, workspaceId } = lane
  await tx.execute(sql`
    insert into lanes (trunk_id, workspace_id) select ${trunkId}::uuid, ${workspaceId}::uuid
    where not exists (select from lanes where trunk_id = ${trunkId}) on conflict do nothing`)
}
