import { calls } from '@outdial/database/schema/calls'
import type { Signal } from '@outdial/policy/signal'
import { and, eq, lt } from 'drizzle-orm'
import type { Deps } from '../deps.ts'

/**
 * Ends a room to which an agent came when its call was over. Deleting a room does not call back the agent that is on
 * its way: LiveKit makes the room anew for it, with its own timeouts, and there it would hold one of the places of its
 * worker for minutes. Where LiveKit cannot be reached, the room closes by itself, later.
 */
export async function sendLateAgentAway(
  deps: Pick<Deps, 'db' | 'livekit' | 'log'>,
  { roomName, signals }: { roomName: string; signals: readonly Signal[] },
): Promise<void> {
  const joined = signals.find((signal) => signal.kind === 'agent_joined')
  if (!joined) return
  // LiveKit's events may be minutes old; an agent that came in time has its report to finish.
  const [over] = await deps.db
    .select({ id: calls.id })
    .from(calls)
    .where(and(eq(calls.roomName, roomName), lt(calls.endedAt, joined.at)))
  if (!over) return
  await deps.livekit
    .hangUp(roomName)
    .catch((err: unknown) => deps.log.warn({ roomName, err }, 'an agent waits in the room of a call that is over'))
}
