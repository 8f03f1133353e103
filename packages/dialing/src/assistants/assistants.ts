import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants, phoneNumbers, trunks } from '@outdial/database/schema/assistants'
import { campaigns } from '@outdial/database/schema/campaigns'
import { and, desc, eq, inArray, isNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { longText, metadata, name, questions, uuid } from '../fields.ts'
import { followEndCallUrl } from '../notices/follow-assistant.ts'
import { refusePrivateUrl } from '../notices/refuse-private-url.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, InvalidInput, NotFound } from '../refusals.ts'

const fields = {
  name,
  agentName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .meta({ description: 'The name under which the LiveKit agent is registered; it is dispatched into the room.' }),
  prompt: longText.meta({ description: 'Instructions; {name} and {{name}} are filled per call.' }),
  greeting: longText,
  aiDisclosure: longText.meta({
    description:
      'What the agent says first, word for word, so that people know it is an AI; {name} and {{name}} are filled. ' +
      'Empty: nothing.',
  }),
  questions,
  stt: metadata.meta({ description: 'Speech to text, handed to the agent as it is.' }),
  llm: metadata.meta({ description: 'Language model, handed to the agent as it is.' }),
  tts: metadata.meta({ description: 'Voice, handed to the agent as it is.' }),
  assistantEndCallUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .max(2_000)
    .nullable()
    .meta({ description: 'Gets a signed POST after each call.' }),
  trunkId: uuid.nullable().meta({ description: 'The trunk of its calls, where neither call nor campaign names one.' }),
}

export const assistantInput = z.strictObject({
  ...fields,
  prompt: fields.prompt.default(''),
  greeting: fields.greeting.default(''),
  aiDisclosure: fields.aiDisclosure.default(''),
  questions: fields.questions.default([]),
  stt: fields.stt.default({}),
  llm: fields.llm.default({}),
  tts: fields.tts.default({}),
  assistantEndCallUrl: fields.assistantEndCallUrl.default(null),
  trunkId: fields.trunkId.default(null),
})
export const assistantPatch = z.strictObject(fields).partial()

export type AssistantInput = z.infer<typeof assistantInput>
export type AssistantPatch = z.infer<typeof assistantPatch>
export type Assistant = Omit<typeof assistants.$inferSelect, 'workspaceId' | 'archivedAt'>

export async function createAssistant(
  deps: Pick<Deps, 'db' | 'allowPrivateNotices'>,
  who: Who,
  input: AssistantInput,
): Promise<Assistant> {
  refusePrivateUrl(deps, { field: 'assistantEndCallUrl', url: input.assistantEndCallUrl })
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await checkTrunk(tx, input.trunkId)
    const [row] = await tx
      .insert(assistants)
      .values({ ...input, id: who.newId, workspaceId: who.workspaceId, createdAt: who.now, updatedAt: who.now })
      .onConflictDoNothing({ target: assistants.id })
      .returning()
    // A repeat after a crash finds what the first try made.
    if (!row) return toAssistant(await findAssistant(tx, who.newId ?? ''))
    await followEndCallUrl(tx, who, { id: row.id, url: row.assistantEndCallUrl })
    await writeAudit(tx, who, { action: 'assistant.created', entity: 'assistant', entityId: row.id })
    return toAssistant(row)
  })
}

export async function listAssistants(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor }: PageInput,
): Promise<Page<Assistant>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(assistants)
      .where(
        and(
          eq(assistants.workspaceId, who.workspaceId),
          isNull(assistants.archivedAt),
          cursor ? lt(assistants.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(assistants.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toAssistant), limit)
}

export async function readAssistant(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { assistantId }: { assistantId: string },
): Promise<Assistant> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => toAssistant(await findAssistant(tx, assistantId)))
}

/** A whole assistant replaces it, a part changes it. Calls that are dialed from now on speak as it says. */
export async function changeAssistant(
  deps: Pick<Deps, 'db' | 'allowPrivateNotices'>,
  who: Who,
  { assistantId, changes }: { assistantId: string; changes: AssistantPatch },
): Promise<Assistant> {
  refusePrivateUrl(deps, { field: 'assistantEndCallUrl', url: changes.assistantEndCallUrl })
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await findAssistant(tx, assistantId)
    await checkTrunk(tx, changes.trunkId)
    const [row] = await tx
      .update(assistants)
      .set({ ...changes, updatedAt: who.now })
      .where(and(eq(assistants.id, assistantId), isNull(assistants.archivedAt)))
      .returning()
    if (!row) throw new NotFound('assistant', assistantId)
    await followEndCallUrl(tx, who, { id: row.id, url: row.assistantEndCallUrl })
    const details = { fields: Object.keys(changes) }
    await writeAudit(tx, who, { action: 'assistant.changed', entity: 'assistant', entityId: assistantId, details })
    return toAssistant(row)
  })
}

/** Throws Conflict while a campaign that is running, paused or in error speaks through it, or people call it. */
export async function archiveAssistant(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { assistantId }: { assistantId: string },
): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await findAssistant(tx, assistantId)
    const users = await tx
      .select({ id: campaigns.id, name: campaigns.name })
      .from(campaigns)
      .where(
        and(
          eq(campaigns.assistantId, assistantId),
          inArray(campaigns.executionStatus, ['running', 'paused', 'error']),
          isNull(campaigns.archivedAt),
        ),
      )
      .limit(10)
    if (users.length > 0) {
      const names = users.map((campaign) => campaign.name).join(', ')
      throw new Conflict('assistant_in_use', `Campaigns use this assistant: ${names}. Stop them first.`, {
        campaigns: users,
      })
    }
    const lines = await tx
      .select({ id: phoneNumbers.id, phoneNumber: phoneNumbers.phoneNumber })
      .from(phoneNumbers)
      .where(and(eq(phoneNumbers.assistantId, assistantId), isNull(phoneNumbers.archivedAt)))
      .limit(10)
    if (lines.length > 0) {
      const numbers = lines.map((line) => line.phoneNumber).join(', ')
      const message = `People reach this assistant under ${numbers}. Give the numbers to another one or delete them first.`
      throw new Conflict('assistant_in_use', message, { phoneNumbers: lines })
    }
    await tx.update(assistants).set({ archivedAt: who.now }).where(eq(assistants.id, assistantId))
    await followEndCallUrl(tx, who, { id: assistantId, url: null })
    await writeAudit(tx, who, { action: 'assistant.archived', entity: 'assistant', entityId: assistantId })
  })
}

async function checkTrunk(tx: Tx, trunkId: string | null | undefined): Promise<void> {
  if (!trunkId) return
  const found = await tx
    .select({ id: trunks.id })
    .from(trunks)
    .where(and(eq(trunks.id, trunkId), isNull(trunks.archivedAt)))
  if (found.length > 0) return
  const message = 'there is no such trunk in this workspace'
  throw new InvalidInput([{ field: 'trunkId', code: 'unknown_reference', message }])
}

async function findAssistant(tx: Tx, assistantId: string): Promise<typeof assistants.$inferSelect> {
  const [row] = await tx
    .select()
    .from(assistants)
    .where(and(eq(assistants.id, assistantId), isNull(assistants.archivedAt)))
  if (!row) throw new NotFound('assistant', assistantId)
  return row
}

function toAssistant(row: typeof assistants.$inferSelect): Assistant {
  const { workspaceId: _, archivedAt: __, ...assistant } = row
  return assistant
}
