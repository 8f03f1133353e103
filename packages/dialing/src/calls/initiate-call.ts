import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants, trunks } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { suppressions } from '@outdial/database/schema/contacts'
import { isOpen, nextOpening } from '@outdial/policy/calling-window'
import { chooseFromNumber } from '@outdial/policy/from-number'
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import { ensureLane } from '../campaigns/ensure-lane.ts'
import { resolveTrunk } from '../campaigns/resolve-trunk.ts'
import type { Deps, Who } from '../deps.ts'
import { singleCallWindow } from '../dial/single-call-window.ts'
import { logEvents } from '../event-log.ts'
import { Conflict, InvalidInput, NotFound } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'
import { type CallRequest, callWishes, type ReadRequest, readCallRequest } from './read-call-request.ts'

export const initiateCallInput = z.strictObject({
  phoneNumber: z.string().min(1).max(64),
  contactName: z.string().max(200).optional(),
  assistantId: z.uuid(),
  campaignId: z.uuid().optional(),
  trunkId: z.uuid().optional(),
  metadata: z.record(z.string().max(100), z.unknown()).default({}),
  ...callWishes,
})
export type InitiateCallInput = z.input<typeof initiateCallInput>

type CallRow = typeof calls.$inferSelect

/**
 * Asks for one call. It is dialed as soon as its trunk has a slot and before any campaign's calls, within the hours of
 * its campaign or, without one, of the law of the number's place. `callId` may be given by the caller so that a repeat
 * finds the first one.
 * @throws InvalidInput for a number that cannot be dialed or is suppressed, NotFound for what is foreign, Conflict
 * outside of the hours and for a room that another call has
 */
export async function initiateCall(deps: Pick<Deps, 'db' | 'queue'>, who: Who, request: CallRequest): Promise<CallRow> {
  const read = readCallRequest(request)
  const call = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const made = request.callId && (await findCall(tx, request.callId))
    return made || insertCall(tx, who, { request, read })
  })
  if (call.trunkId) await deps.queue.tick(call.trunkId)
  return call
}

async function insertCall(
  tx: Tx,
  who: Who,
  { request, read }: { request: CallRequest; read: ReadRequest },
): Promise<CallRow> {
  const { phoneNumber, metadata } = read
  const assistant = await findAssistant(tx, request)
  const campaign = request.campaignId ? await findCampaign(tx, request.campaignId) : null
  const options = { ...read.options, ...(!assistant && request.agentName === undefined && { agentName: null }) }
  const [suppressed] = await tx.select().from(suppressions).where(eq(suppressions.phoneNumber, phoneNumber))
  if (suppressed) throw suppressedNumber(phoneNumber)
  refuseHour({ call: { phoneNumber, options }, campaign, now: who.now })
  const trunk = await findTrunk(tx, { request, assistantId: assistant?.id ?? null })
  await ensureLane(tx, { trunkId: trunk.id, workspaceId: who.workspaceId })
  const id = request.callId ?? (await newId(tx))
  const { roomName = `call-${id}` } = request
  const inserted = await tx
    .insert(calls)
    .values({
      id,
      workspaceId: who.workspaceId,
      origin: 'single',
      campaignId: campaign?.id ?? null,
      trunkId: trunk.id,
      assistantId: assistant?.id ?? null,
      phoneNumber,
      contactName: request.contactName ?? null,
      metadata,
      options: Object.keys(options).length > 0 ? options : null,
      roomName: typeof roomName === 'string' ? roomName : roomName(id),
      createdAt: who.now,
      fromNumber: read.fromNumber ?? numberToCallFrom(trunk, { phoneNumber, id, request, campaign }),
    })
    .onConflictDoNothing()
    .returning()
  const call = inserted[0] ?? (await findCall(tx, id))
  if (!call) throw roomTaken()
  if (inserted.length === 0) return call
  const details = options.ignoreWindow ? { ignoreWindow: true } : {}
  await writeAudit(tx, who, { action: 'call.initiate', entity: 'call', entityId: id, details })
  await wakeLane(tx, call)
  const about = { workspaceId: who.workspaceId, callId: id, trunkId: trunk.id }
  await logEvents(tx, [{ kind: 'requested', at: who.now, ...about }])
  return call
}

async function findCall(tx: Tx, id: string): Promise<CallRow | undefined> {
  const [call] = await tx.select().from(calls).where(eq(calls.id, id))
  return call
}

/** The assistant named; else the newest whose agent is named, so that its prompt goes along. */
async function findAssistant(
  tx: Tx,
  { assistantId, agentName }: CallRequest,
): Promise<typeof assistants.$inferSelect | null> {
  if (!assistantId && !agentName) return null
  const [assistant] = await tx
    .select()
    .from(assistants)
    .where(
      and(
        assistantId ? eq(assistants.id, assistantId) : eq(assistants.agentName, agentName ?? ''),
        isNull(assistants.archivedAt),
      ),
    )
    .orderBy(desc(assistants.id))
    .limit(1)
  if (!assistant && assistantId) throw new NotFound('assistant', assistantId)
  return assistant ?? null
}

async function findCampaign(tx: Tx, campaignId: string): Promise<typeof campaigns.$inferSelect> {
  const [campaign] = await tx.select().from(campaigns).where(eq(campaigns.id, campaignId))
  if (!campaign) throw new NotFound('campaign', campaignId)
  return campaign
}

async function findTrunk(
  tx: Tx,
  { request, assistantId }: { request: CallRequest; assistantId: string | null },
): Promise<typeof trunks.$inferSelect> {
  const byLiveKitId = async (livekitTrunkId: string | undefined) => {
    if (!livekitTrunkId) return undefined
    const isIt = and(eq(trunks.livekitTrunkId, livekitTrunkId), isNull(trunks.archivedAt))
    const [trunk] = await tx.select().from(trunks).where(isIt)
    return trunk
  }
  const named = await byLiveKitId(request.livekitTrunkId)
  if (named) return checkProvider(named, request)
  if (request.livekitTrunkId) throw new NotFound('trunk', request.livekitTrunkId)
  const fallback = await byLiveKitId(request.fallback?.livekitTrunkId)
  const wish = { assistantId, trunkId: request.trunkId ?? null, ...(fallback && { fallbackId: fallback.id }) }
  const [trunk] = await tx
    .select()
    .from(trunks)
    .where(eq(trunks.id, await resolveTrunk(tx, wish)))
  if (!trunk) throw new NotFound('trunk', request.trunkId ?? '')
  return checkProvider(trunk, request)
}

function checkProvider(trunk: typeof trunks.$inferSelect, { provider }: CallRequest): typeof trunks.$inferSelect {
  if (!provider || trunk.provider === 'other' || trunk.provider === provider) return trunk
  const message = `the trunk is one of ${trunk.provider}: say so, or choose another trunk`
  throw new InvalidInput([{ field: 'provider', code: 'wrong_provider', message }])
}

/** One of the campaign's numbers near to the callee's, else of the trunk's; without any LiveKit chooses. */
function numberToCallFrom(
  trunk: typeof trunks.$inferSelect,
  call: { phoneNumber: string; id: string; request: CallRequest; campaign: typeof campaigns.$inferSelect | null },
): string | null {
  const { phoneNumber: to, request, campaign } = call
  const rotation = Number.parseInt(call.id.slice(-6), 16) || 0
  const numbers = campaign?.fromNumbers.length ? campaign.fromNumbers : trunk.numbers
  return chooseFromNumber({ numbers, to, rotation }) ?? request.fallback?.fromNumber ?? null
}

async function newId(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ id: string }>(sql`select uuidv7() as id`)
  if (!row) throw new Error('PostgreSQL gave no id: version 18 or newer is needed.')
  return row.id
}

function refuseHour(wish: {
  call: Pick<CallRow, 'phoneNumber' | 'options'>
  campaign: typeof campaigns.$inferSelect | null
  now: Date
}): void {
  const window = singleCallWindow(wish.call, wish.campaign)
  if (!window || isOpen(window.hours, window.zoneKey, wish.now)) return
  const opensAt = nextOpening(window.hours, window.zoneKey, wish.now)
  const whose = wish.campaign ? 'of the campaign' : 'that the law of the place allows'
  const when = opensAt ? `They begin at ${opensAt.toISOString()}.` : 'They do not begin again.'
  const message = `It is outside of the calling hours ${whose}. ${when} Call then, or send ignoreWindow: true if you may.`
  throw new Conflict('outside_calling_hours', message, { opensAt })
}

function suppressedNumber(e164: string): InvalidInput {
  const message = `${e164} is on the suppression list: remove it there if the person agreed to be called.`
  return new InvalidInput([{ field: 'phoneNumber', code: 'suppressed', message }])
}

function roomTaken(): Conflict {
  return new Conflict('room_taken', 'Another call has a room of this name. Leave roomName out, or choose a new one.')
}
