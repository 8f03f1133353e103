import type { Tx } from '@outdial/database/client'
import { laneWakes } from '@outdial/database/schema/assistants'

/**
 * Notes, in the transaction that makes it so, that somebody has to look at a lane. Tick it after the commit: the note is
 * for the case that the tick is lost.
 */
export async function wakeLane(tx: Tx, lane: { workspaceId: string; trunkId: string | null }): Promise<void> {
  const { workspaceId, trunkId } = lane
  if (trunkId) await tx.insert(laneWakes).values({ workspaceId, trunkId })
}
