import { inWorkspace } from '@outdial/database/client'
import { trunks } from '@outdial/database/schema/assistants'
import { and, eq, isNull } from 'drizzle-orm'
import type { Deps, Who } from '../deps.ts'
import { createTrunk } from './trunks.ts'

/**
 * Gives a workspace that has no trunk the one that the installation was set up with, so that systems that moved over can
 * call without another step. One that somebody removed is not made again. Returns whether it was made.
 */
export async function ensureTrunk(
  deps: Pick<Deps, 'db' | 'livekit'>,
  who: Who,
  { livekitTrunkId, fromNumber }: { livekitTrunkId: string; fromNumber?: string | undefined },
): Promise<boolean> {
  if (await isSettled(deps, who, livekitTrunkId)) return false
  const trunk = { name: `LiveKit trunk ${livekitTrunkId}`, provider: 'other', livekitTrunkId } as const
  const limits = { maxConcurrency: 10, rampUpSeconds: 10 }
  try {
    await createTrunk(deps, who, { ...trunk, ...limits, numbers: fromNumber ? [fromNumber] : [], isDefault: true })
    return true
  } catch (error) {
    // Another process may have started at the same moment.
    if (await isSettled(deps, who, livekitTrunkId)) return false
    throw error
  }
}

async function isSettled(deps: Pick<Deps, 'db'>, { workspaceId }: Who, livekitTrunkId: string): Promise<boolean> {
  return inWorkspace(deps.db, workspaceId, async (tx) => {
    const ofWorkspace = eq(trunks.workspaceId, workspaceId)
    const some = await tx
      .select({ id: trunks.id })
      .from(trunks)
      .where(and(ofWorkspace, isNull(trunks.archivedAt)))
      .limit(1)
    const same = await tx
      .select({ id: trunks.id })
      .from(trunks)
      .where(and(ofWorkspace, eq(trunks.livekitTrunkId, livekitTrunkId)))
      .limit(1)
    return some.length > 0 || same.length > 0
  })
}
