import { createHash } from 'node:crypto'
import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants, phoneNumbers } from '@outdial/database/schema/assistants'
import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm'
import { changeAssistant, readAssistant } from '../assistants/assistants.ts'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, InvalidInput, NotFound, Refusal } from '../refusals.ts'
import {
  changeInboundLine,
  forgetInboundLine,
  type InboundLine,
  makeInboundLine,
  removeInboundLine,
} from './inbound-line.ts'
import type { InboundInput, PhoneNumberInput, PhoneNumberPatch } from './phone-number-input.ts'
import { archiveTrunk, changeTrunk, createTrunk, readTrunk } from './trunks.ts'

type NumberDeps = Pick<Deps, 'db' | 'livekit'>
type Row = typeof phoneNumbers.$inferSelect
/** Without a rule of ours, its inbound trunk was made elsewhere. */
export type PhoneNumber = Omit<Row, 'workspaceId' | 'archivedAt' | 'livekitDispatchRuleId'> & {
  livekitDispatchRuleId: string | null
}

/**
 * Lets people call an assistant under a number: makes the inbound trunk and the rule on LiveKit, and the outbound trunk
 * where one is described. What a try that failed has made is taken back; a repeat with the same `newId` goes on with it.
 * @throws InvalidInput for an unknown assistant or what LiveKit refuses, Conflict for a number that is taken
 */
export async function assignPhoneNumber(deps: NumberDeps, who: Who, input: PhoneNumberInput): Promise<PhoneNumber> {
  const start = await inWorkspace(deps.db, who.workspaceId, (tx) => prepare(tx, who, input))
  if (start.made) return toPhoneNumber(start.made)
  const { id } = start
  let ownTrunkId: string | null = null
  try {
    const trunkId = await wayOut(deps, who, { id, input })
    if (input.trunk) ownTrunkId = trunkId
    if (trunkId) await callOutOn(deps, who, { assistantId: input.assistantId, trunkId })
    const line = await wayIn(deps, who, { id, input })
    return await inWorkspace(deps.db, who.workspaceId, (tx) => insert(tx, who, { id, input, trunkId, line }))
  } catch (error) {
    const willGoOn = who.newId !== undefined && !(error instanceof Refusal)
    if (!willGoOn) await takeBack(deps, who, { id, ownTrunkId })
    throw error
  }
}

export async function listPhoneNumbers(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor }: PageInput,
): Promise<Page<PhoneNumber>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(phoneNumbers)
      .where(
        and(
          eq(phoneNumbers.workspaceId, who.workspaceId),
          isNull(phoneNumbers.archivedAt),
          cursor ? lt(phoneNumbers.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(phoneNumbers.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toPhoneNumber), limit)
}

export async function readPhoneNumber(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { phoneNumberId }: { phoneNumberId: string },
): Promise<PhoneNumber> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => toPhoneNumber(await findNumber(tx, phoneNumberId)))
}

/** Gives the number to another assistant, or lets others answer. Calls that come in from now on are answered so. */
export async function changePhoneNumber(
  deps: NumberDeps,
  who: Who,
  { phoneNumberId, changes }: { phoneNumberId: string; changes: PhoneNumberPatch },
): Promise<PhoneNumber> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const before = await findNumber(tx, phoneNumberId)
    const { inbound, ...plain } = changes
    if (plain.assistantId) await checkAssistant(tx, plain.assistantId)
    if (inbound && Object.keys(inbound).length > 0) await changeWayIn(deps, before, inbound)
    const [row] = await tx
      .update(phoneNumbers)
      .set({ ...plain, updatedAt: who.now })
      .where(eq(phoneNumbers.id, phoneNumberId))
      .returning()
    const entry = { action: 'phone_number.changed', entity: 'phone_number', entityId: phoneNumberId }
    await writeAudit(tx, who, { ...entry, details: { fields: Object.keys(changes) } })
    return toPhoneNumber(row ?? before)
  })
}

/** Nobody can call it any more; calls that are going on end as they will. The outbound trunk stays. */
export async function releasePhoneNumber(
  deps: NumberDeps,
  who: Who,
  { phoneNumberId }: { phoneNumberId: string },
): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const number = await findNumber(tx, phoneNumberId)
    await tx.update(phoneNumbers).set({ archivedAt: who.now }).where(eq(phoneNumbers.id, phoneNumberId))
    await writeAudit(tx, who, { action: 'phone_number.released', entity: 'phone_number', entityId: phoneNumberId })
    // Last: if it fails nothing has happened, and if the commit fails, a repeat finds nothing left to delete.
    if (isOurs(number)) await removeInboundLine(deps.livekit, number)
  })
}

async function prepare(tx: Tx, who: Who, input: PhoneNumberInput): Promise<{ id: string; made?: Row }> {
  const [made] = who.newId ? await tx.select().from(phoneNumbers).where(eq(phoneNumbers.id, who.newId)) : []
  if (made) return { id: made.id, made }
  await checkAssistant(tx, input.assistantId)
  const isIt = and(eq(phoneNumbers.phoneNumber, input.phoneNumber), isNull(phoneNumbers.archivedAt))
  const [twin] = await tx.select().from(phoneNumbers).where(isIt)
  if (twin) throw taken(input.phoneNumber, { phoneNumberId: twin.id })
  if (who.newId) return { id: who.newId }
  const [row] = await tx.execute<{ id: string }>(sql`select uuidv7() as id`)
  if (!row) throw new Error('PostgreSQL gave no id: version 18 or newer is needed.')
  return { id: row.id }
}

/** What lets calls to it in. */
async function wayIn(
  deps: NumberDeps,
  who: Who,
  { id, input }: { id: string; input: PhoneNumberInput },
): Promise<InboundLine> {
  const { phoneNumber, inbound, livekitInboundTrunkId } = input
  if (livekitInboundTrunkId) return { livekitInboundTrunkId, livekitDispatchRuleId: '' }
  const mayBeThere = who.newId !== undefined
  return makeInboundLine(deps.livekit, { phoneNumberId: id, phoneNumber, inbound, mayBeThere })
}

async function changeWayIn({ livekit }: NumberDeps, before: Row, inbound: InboundInput): Promise<void> {
  if (isOurs(before)) return changeInboundLine(livekit, before, inbound)
  const message = `${before.livekitInboundTrunkId} was not made here. Change it where it was made.`
  throw new Conflict('trunk_made_elsewhere', message)
}

function isOurs({ livekitDispatchRuleId }: Row): boolean {
  return livekitDispatchRuleId !== ''
}

/** The trunk for calls from this number. */
async function wayOut(
  deps: NumberDeps,
  who: Who,
  { id, input }: { id: string; input: PhoneNumberInput },
): Promise<string | null> {
  const { phoneNumber, trunk, trunkId } = input
  if (trunk) {
    const { name = phoneNumber, provider = 'other', maxConcurrency = 10, ...rest } = trunk
    const limits = { maxConcurrency, rampUpSeconds: 10, isDefault: false }
    const wish = { ...rest, name, provider, ...limits, numbers: [phoneNumber] }
    return (await createTrunk(deps, { ...who, newId: idFrom(id) }, wish)).id
  }
  if (!trunkId) return null
  const { numbers } = await readTrunk(deps, who, { trunkId }).catch((error: unknown) => {
    if (error instanceof NotFound) throw unknown('trunkId', 'there is no such trunk in this workspace')
    throw error
  })
  if (!numbers.includes(phoneNumber)) {
    await changeTrunk(deps, who, { trunkId, changes: { numbers: [...numbers, phoneNumber] } })
  }
  return trunkId
}

/** An assistant without a trunk of its own calls from its number. */
async function callOutOn(
  deps: NumberDeps,
  who: Who,
  { assistantId, trunkId }: { assistantId: string; trunkId: string },
): Promise<void> {
  const assistant = await readAssistant(deps, who, { assistantId })
  if (!assistant.trunkId) await changeAssistant(deps, who, { assistantId, changes: { trunkId } })
}

async function insert(
  tx: Tx,
  who: Who,
  made: { id: string; input: PhoneNumberInput; trunkId: string | null; line: InboundLine },
): Promise<PhoneNumber> {
  const { id, trunkId, line } = made
  const { phoneNumber, assistantId, answeredBy } = made.input
  const [row] = await tx
    .insert(phoneNumbers)
    .values({
      ...{ id, workspaceId: who.workspaceId, phoneNumber, assistantId, trunkId, answeredBy, ...line },
      ...{ createdAt: who.now, updatedAt: who.now },
    })
    .onConflictDoNothing()
    .returning()
  if (!row) throw taken(phoneNumber, {})
  await writeAudit(tx, who, { action: 'phone_number.assigned', entity: 'phone_number', entityId: id })
  return toPhoneNumber(row)
}

/** As far as it goes: what cannot be taken back now is told by LiveKit's lists, and by the workspace's. */
async function takeBack(
  deps: NumberDeps,
  who: Who,
  { id, ownTrunkId }: { id: string; ownTrunkId: string | null },
): Promise<void> {
  await forgetInboundLine(deps.livekit, id).catch(() => undefined)
  if (ownTrunkId) await archiveTrunk(deps, who, { trunkId: ownTrunkId }).catch(() => undefined)
}

/** A second id that follows from the first, so that a repeat of the request finds the same trunk. */
function idFrom(id: string): string {
  const own = createHash('sha256').update(`trunk of ${id}`).digest('hex').slice(0, 18)
  const [time, low] = id.split('-')
  return `${time}-${low}-7${own.slice(0, 3)}-8${own.slice(3, 6)}-${own.slice(6, 18)}`
}

async function checkAssistant(tx: Tx, assistantId: string): Promise<void> {
  const isIt = and(eq(assistants.id, assistantId), isNull(assistants.archivedAt))
  const [found] = await tx.select({ id: assistants.id }).from(assistants).where(isIt)
  if (!found) throw unknown('assistantId', 'there is no such assistant in this workspace')
}

async function findNumber(tx: Tx, phoneNumberId: string): Promise<Row> {
  const [row] = await tx
    .select()
    .from(phoneNumbers)
    .where(and(eq(phoneNumbers.id, phoneNumberId), isNull(phoneNumbers.archivedAt)))
    .for('update')
  if (!row) throw new NotFound('phone number', phoneNumberId)
  return row
}

function unknown(field: string, message: string): InvalidInput {
  return new InvalidInput([{ field, code: 'unknown_reference', message }])
}

function taken(phoneNumber: string, details: Record<string, unknown>): Conflict {
  const message = `${phoneNumber} has an assistant already. Change or delete that assignment, wherever it was made.`
  return new Conflict('number_taken', message, details)
}

function toPhoneNumber(row: Row): PhoneNumber {
  const { workspaceId: _, archivedAt: __, livekitDispatchRuleId, ...number } = row
  return { ...number, livekitDispatchRuleId: livekitDispatchRuleId || null }
}
