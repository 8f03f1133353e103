import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { suppressions } from '@outdial/database/schema/contacts'
import { parsePossibleNumber } from '@outdial/policy/phone-number'
import { callHeaders } from '@outdial/telephony/sip-headers'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import { ensureLane } from '../campaigns/ensure-lane.ts'
import { resolveTrunk } from '../campaigns/resolve-trunk.ts'
import type { Deps, Who } from '../deps.ts'
import { logEvents } from '../event-log.ts'
import { InvalidInput, NotFound } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'

export const initiateCallInput = z.strictObject({
  phoneNumber: z.string().min(1).max(64),
  contactName: z.string().max(200).optional(),
  assistantId: z.uuid(),
  campaignId: z.uuid().optional(),
  trunkId: z.uuid().optional(),
  metadata: z.record(z.string().max(100), z.unknown()).default({}),
})
export type InitiateCallInput = z.input<typeof initiateCallInput>

/**
 * Asks for one call. It is dialed as soon as its trunk has a slot and before any campaign's calls. `callId` may be
 * given by the caller so that a repeat finds the first one.
 * @throws InvalidInput for a number that cannot be dialed or is suppressed, NotFound for a foreign assistant or campaign
 */
export async function initiateCall(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  input: z.output<typeof initiateCallInput> & { callId?: string },
): Promise<typeof calls.$inferSelect> {
  const number = parsePossibleNumber(input.phoneNumber)
  if (!number.ok)
    throw new InvalidInput([{ field: 'phoneNumber', code: number.reason.code, message: number.reason.message }])
  refuseBadHeaders(input.metadata)
  const call = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [assistant] = await tx
      .select()
      .from(assistants)
      .where(and(eq(assistants.id, input.assistantId), isNull(assistants.archivedAt)))
    if (!assistant) throw new NotFound('assistant', input.assistantId)
    if (input.campaignId) {
      const [campaign] = await tx.select().from(campaigns).where(eq(campaigns.id, input.campaignId))
      if (!campaign) throw new NotFound('campaign', input.campaignId)
    }
    const [suppressed] = await tx.select().from(suppressions).where(eq(suppressions.phoneNumber, number.e164))
    if (suppressed) throw suppressedNumber(number.e164)
    const trunkId = await resolveTrunk(tx, { assistantId: input.assistantId, trunkId: input.trunkId ?? null })
    await ensureLane(tx, { trunkId, workspaceId: who.workspaceId })
    const id = input.callId ?? (await newId(tx))
    const inserted = await tx
      .insert(calls)
      .values({
        id,
        workspaceId: who.workspaceId,
        origin: 'single',
        campaignId: input.campaignId ?? null,
        trunkId,
        assistantId: input.assistantId,
        phoneNumber: number.e164,
        contactName: input.contactName ?? null,
        metadata: input.metadata,
        roomName: `call-${id}`,
        createdAt: who.now,
        fromNumber: typeof input.metadata.caller_id === 'string' ? input.metadata.caller_id : null,
      })
      .onConflictDoNothing()
      .returning()
    const [row] = inserted.length ? inserted : await tx.select().from(calls).where(eq(calls.id, id))
    if (!row) throw new NotFound('call', id)
    if (inserted.length) {
      await writeAudit(tx, who, { action: 'call.initiate', entity: 'call', entityId: id })
      await wakeLane(tx, row)
      await logEvents(tx, [{ kind: 'requested', at: who.now, workspaceId: who.workspaceId, callId: id, trunkId }])
    }
    return row
  })
  if (call.trunkId) await deps.queue.tick(call.trunkId)
  return call
}

async function newId(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ id: string }>(sql`select uuidv7() as id`)
  if (!row) throw new Error('PostgreSQL gave no id: version 18 or newer is needed.')
  return row.id
}

/** Better now than when the call is dialed and nobody reads the answer. */
function refuseBadHeaders(metadata: Record<string, unknown>): void {
  try {
    callHeaders(metadata, {})
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new InvalidInput([{ field: 'metadata', code: 'invalid_header', message }])
  }
}

function suppressedNumber(e164: string): InvalidInput {
  const message = `${e164} is on the suppression list: remove it there if the person agreed to be called.`
  return new InvalidInput([{ field: 'phoneNumber', code: 'suppressed', message }])
}
