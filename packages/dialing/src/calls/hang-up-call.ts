import { inWorkspace } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { isTerminal } from '@outdial/policy/call-lifecycle'
import { eq, sql } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { NotFound } from '../refusals.ts'
import { releasePending } from './release-call.ts'

/**
 * Ends a call: one that waits is never dialed, one that rings or talks is hung up. What is over stays as it is.
 * @throws NotFound, or LiveKitError when LiveKit cannot be reached
 */
export async function hangUpCall(
  deps: Pick<Deps, 'db' | 'queue' | 'livekit'>,
  who: Who,
  input: { callId: string },
): Promise<void> {
  const found = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [call] = await tx.select().from(calls).where(eq(calls.id, input.callId)).for('update')
    if (!call) throw new NotFound('call', input.callId)
    if (isTerminal(call.status)) return null
    await writeAudit(tx, who, { action: 'call.hang_up', entity: 'call', entityId: call.id })
    const undialed = { reason: 'Hung up before it was dialed.', finish: 'canceled' } as const
    const trunkId = await releasePending(tx, { callId: call.id, ...undialed, now: who.now })
    await tx
      .update(calls)
      .set({ hangupRequestedAt: sql`coalesce(${calls.hangupRequestedAt}, ${who.now.toISOString()}::timestamptz)` })
      .where(eq(calls.id, call.id))
    return { roomName: call.roomName, trunkId }
  })
  if (!found) return
  if (found.trunkId) await deps.queue.tick(found.trunkId)
  else await deps.livekit.hangUp(found.roomName)
}
