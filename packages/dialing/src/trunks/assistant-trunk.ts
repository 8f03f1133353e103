import { inWorkspace } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { and, eq, isNull } from 'drizzle-orm'
import { resolveTrunk } from '../campaigns/resolve-trunk.ts'
import type { Deps, Who } from '../deps.ts'
import { InvalidInput, NotFound } from '../refusals.ts'
import { readTrunk, type Trunk } from './trunks.ts'

/** The trunk that calls of an assistant go out on where nothing else is said. Throws NotFound where there is none. */
export async function trunkOfAssistant(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { assistantId }: { assistantId: string },
): Promise<Trunk> {
  const trunkId = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const isIt = and(eq(assistants.id, assistantId), isNull(assistants.archivedAt))
    const [assistant] = await tx.select({ id: assistants.id }).from(assistants).where(isIt)
    if (!assistant) throw new NotFound('assistant', assistantId)
    return resolveTrunk(tx, { assistantId }).catch((error: unknown) => {
      throw error instanceof InvalidInput ? new NotFound('trunk for calls of the assistant', assistantId) : error
    })
  })
  return readTrunk(deps, who, { trunkId })
}
