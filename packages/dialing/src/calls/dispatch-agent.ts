import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { isTerminal } from '@outdial/policy/call-lifecycle'
import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { dispatchMetadata } from '../dial/dispatch-metadata.ts'
import { metadata, uuid } from '../fields.ts'
import { Conflict, InvalidInput, NotFound } from '../refusals.ts'

export const dispatchAgentInput = z
  .strictObject({
    roomName: z.string().min(1).max(256).meta({ description: 'Of a call of this workspace that is not over.' }),
    agentName: z.string().trim().min(1).max(100).optional(),
    assistantId: uuid.optional().meta({ description: 'Its agent, unless one is named, and its prompt and models.' }),
    metadata: metadata.default({}).meta({ description: 'For the agent, beside what every agent is told.' }),
  })
  .refine(({ agentName, assistantId }) => agentName !== undefined || assistantId !== undefined, {
    path: ['agentName'],
    error: 'give agentName or assistantId',
  })

/**
 * Sends for one more agent into the room of a call, with the same that the first one was told. A repeat of the request
 * finds the first one's.
 * @throws NotFound for a room that no call of the workspace has, Conflict when the call is over
 */
export async function dispatchAgent(
  deps: Pick<Deps, 'db' | 'livekit' | 'agentReports'>,
  who: Who,
  input: z.infer<typeof dispatchAgentInput>,
): Promise<{ dispatchId: string; agentName: string; roomName: string }> {
  const { roomName } = input
  const { call, ...about } = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const found = await gather(tx, input)
    const details = { agentName: input.agentName ?? found.assistant?.agentName, roomName }
    await writeAudit(tx, who, { action: 'call.dispatch_agent', entity: 'call', entityId: found.call.id, details })
    return found
  })
  const agentName = input.agentName ?? about.assistant?.agentName ?? ''
  if (who.newId) {
    const known = (await deps.livekit.listDispatches(roomName)).find(({ metadata: told }) => keyIn(told) === who.newId)
    if (known) return { dispatchId: known.dispatchId, agentName: known.agentName, roomName }
  }
  const told = dispatchMetadata({ call, ...about }, deps.agentReports)
  const own = { ...input.metadata, ...(JSON.parse(told) as object), ...(who.newId && { dispatch_key: who.newId }) }
  const { dispatchId } = await deps.livekit.dispatchAgent(roomName, agentName, JSON.stringify(own))
  return { dispatchId, agentName, roomName }
}

async function gather(tx: Tx, input: z.infer<typeof dispatchAgentInput>) {
  const [found] = await tx
    .select({ call: calls, campaign: campaigns, contact: contacts })
    .from(calls)
    .leftJoin(campaigns, eq(campaigns.id, calls.campaignId))
    .leftJoin(contacts, eq(contacts.id, calls.contactId))
    .where(eq(calls.roomName, input.roomName))
  if (!found) throw new NotFound('call in the room', input.roomName)
  if (isTerminal(found.call.status)) throw new Conflict('call_is_over', 'The call of this room is over.')
  if (!found.call.dialedAt && found.call.origin !== 'inbound') {
    throw new Conflict('not_dialed', 'The room is not there yet: the call has not been dialed. Try again in a moment.')
  }
  const assistantId = input.assistantId ?? found.call.assistantId
  const [assistant] = assistantId
    ? await tx
        .select()
        .from(assistants)
        .where(and(eq(assistants.id, assistantId), isNull(assistants.archivedAt)))
    : []
  if (input.assistantId && !assistant) {
    const message = `there is no assistant ${input.assistantId} in this workspace`
    throw new InvalidInput([{ field: 'assistantId', code: 'unknown_reference', message }])
  }
  return { ...found, assistant: assistant ?? null }
}

function keyIn(told: string): unknown {
  try {
    return z.object({ dispatch_key: z.unknown() }).parse(JSON.parse(told)).dispatch_key
  } catch {
    return undefined
  }
}
