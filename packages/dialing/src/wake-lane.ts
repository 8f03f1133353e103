import type { Tx } from '@outdial/database/client'
import { laneWakes } from '@outdial/database/schema/assistants'
import { type SQL, sql } from 'drizzle-orm'

/**
 * Notes, in the transaction that makes it so, that somebody has to look at a lane. Tick it after the commit: the note is
 * for the case that the tick is lost.
 */
export async function wakeLane(tx: Tx, lane: { workspaceId: string; trunkId: string | null }): Promise<void> {
  const { workspaceId, trunkId } = lane
  if (trunkId) await tx.insert(laneWakes).values({ workspaceId, trunkId })
}

/** The same as a part of another statement, `with … as (<this>)`, where `rows` has a row. */
export function noteWake(rows: SQL, lane: { workspaceId: string; trunkId: string | null }): SQL {
  return sql`insert into lane_wakes (workspace_id, trunk_id)
    select ${lane.workspaceId}::uuid, ${lane.trunkId}::uuid from ${rows} where ${lane.trunkId}::uuid is not null`
}
