import { assistants } from '@outdial/database/schema/assistants'
import type { calls } from '@outdial/database/schema/calls'
import { eq } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { dispatchMetadata } from '../dial/dispatch-metadata.ts'
import { agentOf } from '../dial/single-call-options.ts'

type AgentDeps = Pick<Deps, 'db' | 'livekit' | 'agentReports' | 'log'>
type CallRow = typeof calls.$inferSelect

/** Real time for which an event is taken for news. */
const freshMs = 10_000

export function isFresh(at: Date, { now, clockSpeed }: { now: Date; clockSpeed: number }): boolean {
  return now.getTime() - at.getTime() < freshMs * clockSpeed
}

/**
 * Sends the assistant's agent to whoever has called, with all it has to know; nobody where a person is to answer.
 * Never throws: the sweep looks after callers for whom nobody was sent.
 */
export async function sendInboundAgent(deps: AgentDeps, call: CallRow): Promise<void> {
  try {
    const isIt = eq(assistants.id, call.assistantId ?? '')
    const [assistant] = call.assistantId ? await deps.db.select().from(assistants).where(isIt) : []
    const agentName = agentOf({ call, assistant: assistant ?? null })
    if (agentName === null) return
    const subject = { call, assistant: assistant ?? null, campaign: null, contact: null }
    await deps.livekit.dispatchAgent(call.roomName, agentName, dispatchMetadata(subject, deps.agentReports))
  } catch (err) {
    deps.log.warn({ callId: call.id, err }, 'no agent could be sent to a caller; the sweep tries again')
  }
}

/** Real time for which the first request for the agent may still be under way; a second one would bring a second agent. */
const firstRequestMs = 6_000

/** For a caller who is still there and rings: sends an agent unless one was sent. */
export async function sendMissingInboundAgent(
  deps: AgentDeps & Pick<Deps, 'clockSpeed'>,
  { call, now }: { call: CallRow; now: Date },
): Promise<void> {
  if (now.getTime() - call.createdAt.getTime() < firstRequestMs * deps.clockSpeed) return
  const sent = await deps.livekit.listDispatches(call.roomName)
  if (sent.length === 0) await sendInboundAgent(deps, call)
}
