import { assistants } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { briefAgent } from '../calls/brief-agent.ts'
import { reportAddresses } from '../calls/report-token.ts'
import type { Deps } from '../deps.ts'
import { Conflict, NotFound } from '../refusals.ts'

export const agentConfigQuery = z
  .strictObject({
    assistantId: z
      .uuid({ error: 'must be a UUID' })
      .optional()
      .meta({ description: 'The assistant, as it is stored.' }),
    roomName: z
      .string()
      .min(1)
      .max(256)
      // The room of a caller has a + in its name, which arrives as a space where it was not encoded.
      .transform((name) => name.replaceAll(' ', '+'))
      .optional()
      .meta({
        description: 'The assistant of the call in this room, its texts filled for the person, and where to report.',
      }),
    agentName: z.string().min(1).max(100).optional().meta({ description: 'The one assistant with this agent.' }),
  })
  .refine((query) => Object.values(query).filter((value) => value !== undefined).length <= 1, {
    path: ['assistantId'],
    error: 'give one of assistantId, roomName and agentName; or none where there is one assistant only',
  })
export type AgentConfigQuery = z.infer<typeof agentConfigQuery>

export const agentConfigAnswer = z.object({
  assistantId: z.uuid(),
  assistantName: z.string(),
  agentName: z.string(),
  instructions: z.string(),
  greeting: z.string(),
  aiDisclosure: z.string().meta({ description: 'To be said first, word for word; empty where nothing is.' }),
  questions: z.array(z.string()),
  stt: z.record(z.string(), z.unknown()),
  llm: z.record(z.string(), z.unknown()),
  tts: z.record(z.string(), z.unknown()),
  call: z
    .object({
      id: z.uuid(),
      direction: z.enum(['inbound', 'outbound']),
      phoneNumber: z.string(),
      recipientName: z.string().nullable(),
      metadata: z.record(z.string(), z.unknown()),
      voicemail: z.enum(['hangup', 'leave_message', 'continue']),
      voicemailMessage: z.string(),
      report: z.object({
        url: z.string(),
        transcriptUrl: z.string(),
        transferUrl: z.string().nullable().meta({ description: 'Null where the call has no `transfer_target`.' }),
        token: z.string(),
      }),
    })
    .nullable()
    .meta({ description: 'Only with `roomName`.' }),
})
export type AgentConfig = z.infer<typeof agentConfigAnswer>

type AssistantRow = typeof assistants.$inferSelect
type ConfigDeps = Pick<Deps, 'db' | 'agentReports'>

/**
 * What an agent has to know to talk as an assistant. `workspaceId` null is the operator's own agent, which talks for
 * all workspaces; needs the role `engine`. @throws NotFound, or Conflict where several fit
 */
export async function readAgentConfig(
  deps: ConfigDeps,
  asker: { workspaceId: string | null },
  query: AgentConfigQuery,
): Promise<AgentConfig> {
  if (query.roomName !== undefined) return configOfRoom(deps, asker, query.roomName)
  const { assistantId, agentName } = query
  const found = await deps.db
    .select()
    .from(assistants)
    .where(
      and(
        isNull(assistants.archivedAt),
        asker.workspaceId ? eq(assistants.workspaceId, asker.workspaceId) : undefined,
        assistantId ? eq(assistants.id, assistantId) : undefined,
        agentName ? eq(assistants.agentName, agentName) : undefined,
      ),
    )
    .limit(2)
  const [assistant, second] = found
  if (!assistant) throw new NotFound('assistant', assistantId ?? agentName ?? 'at all')
  if (second) throw new Conflict('several_assistants', 'Several assistants fit. Name one: ?assistantId= or ?roomName=.')
  const { prompt, greeting, aiDisclosure, questions } = assistant
  return { ...describe(assistant), instructions: prompt, greeting, aiDisclosure, questions, call: null }
}

async function configOfRoom(
  deps: ConfigDeps,
  { workspaceId }: { workspaceId: string | null },
  roomName: string,
): Promise<AgentConfig> {
  const isIt = and(eq(calls.roomName, roomName), workspaceId ? eq(calls.workspaceId, workspaceId) : undefined)
  const [found] = await deps.db
    .select({ call: calls, assistant: assistants, campaign: campaigns, contact: contacts })
    .from(calls)
    .innerJoin(assistants, eq(assistants.id, calls.assistantId))
    .leftJoin(campaigns, eq(campaigns.id, calls.campaignId))
    .leftJoin(contacts, eq(contacts.id, calls.contactId))
    .where(isIt)
  if (!found) throw new NotFound('call with an assistant in the room', roomName)
  const { call, assistant, campaign } = found
  const { prompt, greeting, aiDisclosure, questions, voicemailMessage } = briefAgent(found)
  return {
    ...{ ...describe(assistant), instructions: prompt, greeting, aiDisclosure, questions },
    call: {
      id: call.id,
      direction: call.origin === 'inbound' ? 'inbound' : 'outbound',
      phoneNumber: call.phoneNumber,
      recipientName: call.contactName,
      metadata: call.metadata,
      voicemail: campaign?.voicemail ?? 'hangup',
      voicemailMessage,
      report: reportAddresses(deps.agentReports, call),
    },
  }
}

function describe({ id, name, agentName, stt, llm, tts }: AssistantRow) {
  return { assistantId: id, assistantName: name, agentName, stt, llm, tts }
}
