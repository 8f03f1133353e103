import { inWorkspace, type Tx } from '@outdial/database/client'
import { phoneNumbers, trunks } from '@outdial/database/schema/assistants'
import { campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { and, desc, eq, inArray, isNull, lt, ne, sql } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { logEvents } from '../event-log.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, NotFound } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'
import { changeOnLiveKit, makeOnLiveKit, toStored } from './carrier.ts'
import { type TrunkInput, type TrunkPatch, withProfile } from './trunk-input.ts'

type TrunkDeps = Pick<Deps, 'db' | 'livekit'>
type TrunkRow = typeof trunks.$inferSelect

export type Trunk = Omit<TrunkRow, 'workspaceId' | 'archivedAt'>

/**
 * Stands for a trunk that LiveKit has, or makes one there. Throws Conflict when the workspace has a trunk for this
 * LiveKit trunk already, since their limits would add up; InvalidInput for what provider or LiveKit refuse.
 */
export async function createTrunk(deps: TrunkDeps, who: Who, input: TrunkInput): Promise<Trunk> {
  const made: string[] = []
  try {
    return await inWorkspace(deps.db, who.workspaceId, async (tx) => {
      const known = who.newId ? await tx.select().from(trunks).where(eq(trunks.id, who.newId)) : []
      if (known[0]) return toTrunk(known[0])
      const { livekit, livekitTrunkId, ...settings } = withProfile(input)
      await makeRoom(tx, input)
      const id = who.newId ?? (await newId(tx))
      const onLiveKit =
        livekit &&
        (await makeOnLiveKit(deps.livekit, { ...settings, livekit, trunkId: id, mayBeThere: who.newId !== undefined }))
      if (onLiveKit) made.push(onLiveKit.livekitTrunkId)
      const [row] = await tx
        .insert(trunks)
        .values({
          ...{ ...settings, id, workspaceId: who.workspaceId, createdAt: who.now, updatedAt: who.now },
          livekitTrunkId: onLiveKit?.livekitTrunkId ?? livekitTrunkId ?? '',
          livekit: onLiveKit ? toStored(onLiveKit) : null,
        })
        .returning()
      if (!row) throw new Error('the new trunk was not stored')
      await writeAudit(tx, who, { action: 'trunk.created', entity: 'trunk', entityId: row.id })
      await logTrunk(tx, who, row)
      return toTrunk(row)
    })
  } catch (error) {
    // What was not stored must not stay on LiveKit, where nobody would find it.
    for (const id of made) await deps.livekit.deleteTrunk(id).catch(() => undefined)
    throw error
  }
}

export async function listTrunks(deps: Pick<Deps, 'db'>, who: Who, { limit, cursor }: PageInput): Promise<Page<Trunk>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(trunks)
      .where(
        and(
          eq(trunks.workspaceId, who.workspaceId),
          isNull(trunks.archivedAt),
          cursor ? lt(trunks.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(trunks.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toTrunk), limit)
}

export async function readTrunk(deps: Pick<Deps, 'db'>, who: Who, { trunkId }: { trunkId: string }): Promise<Trunk> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => toTrunk(await findTrunk(tx, trunkId)))
}

/**
 * A whole trunk replaces it, a part changes it; a password that is not given stays. New limits hold from the next
 * claim. Throws NotFound, Conflict for a trunk that somebody else made on LiveKit, InvalidInput as `createTrunk`.
 */
export async function changeTrunk(
  deps: TrunkDeps,
  who: Who,
  { trunkId, changes }: { trunkId: string; changes: TrunkPatch },
): Promise<Trunk> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const before = await findTrunk(tx, trunkId, { lock: true })
    const { livekit: _, ...plain } = changes
    await makeRoom(tx, { ...plain, id: trunkId })
    const livekit = await changeCarrier(deps, { before, changes })
    const [row] = await tx
      .update(trunks)
      .set({ ...plain, ...(livekit && { livekit }), updatedAt: who.now })
      .where(eq(trunks.id, trunkId))
      .returning()
    if (!row) throw new NotFound('trunk', trunkId)
    const details = { fields: Object.keys(changes) }
    await writeAudit(tx, who, { action: 'trunk.changed', entity: 'trunk', entityId: trunkId, details })
    await logTrunk(tx, who, row)
    // More slots or a higher pace: the sweep sees it.
    await wakeLane(tx, { workspaceId: who.workspaceId, trunkId })
    return toTrunk(row)
  })
}

/** Only what we made is ours to change there: whose a trunk with a foreign id is, nobody can tell. */
async function changeCarrier(
  deps: TrunkDeps,
  { before, changes }: { before: TrunkRow; changes: TrunkPatch },
): Promise<TrunkRow['livekit']> {
  const { livekitTrunkId } = before
  if (!before.livekit) {
    if (!changes.livekit) return null
    const message = `${livekitTrunkId} was not made here. Change it where it was made, or create a trunk of your own.`
    throw new Conflict('trunk_made_elsewhere', message)
  }
  if (changes.livekitTrunkId && changes.livekitTrunkId !== livekitTrunkId) {
    const message = 'This trunk was made on LiveKit by its creation and stays the one. Create another trunk instead.'
    throw new Conflict('trunk_made_here', message)
  }
  const isTold = changes.livekit ?? changes.name ?? changes.numbers ?? changes.provider
  if (isTold === undefined) return null
  const { provider, name, numbers } = { ...before, ...changes }
  const wish = { provider, name, numbers, livekit: changes.livekit ?? {} }
  return toStored(await changeOnLiveKit(deps.livekit, { ...wish, livekitTrunkId, before: before.livekit }))
}

/** Throws Conflict while a campaign that is running, paused or in error is on it, or a phone number. */
export async function archiveTrunk(deps: TrunkDeps, who: Who, { trunkId }: { trunkId: string }): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const trunk = await findTrunk(tx, trunkId, { lock: true })
    await refuseInUse(tx, trunkId)
    await tx.update(trunks).set({ archivedAt: who.now, isDefault: false }).where(eq(trunks.id, trunkId))
    await writeAudit(tx, who, { action: 'trunk.archived', entity: 'trunk', entityId: trunkId })
    // Last: if it fails nothing has happened, and if the commit fails, a repeat finds nothing left to delete.
    if (trunk.livekit) await deps.livekit.deleteTrunk(trunk.livekitTrunkId)
  })
}

async function refuseInUse(tx: Tx, trunkId: string): Promise<void> {
  const users = await tx
    .select({ id: campaigns.id, name: campaigns.name })
    .from(campaignRuntime)
    .innerJoin(campaigns, eq(campaigns.id, campaignRuntime.campaignId))
    .where(
      and(
        eq(campaignRuntime.trunkId, trunkId),
        inArray(campaigns.executionStatus, ['running', 'paused', 'error']),
        isNull(campaigns.archivedAt),
      ),
    )
    .limit(10)
  if (users.length > 0) {
    const names = users.map((campaign) => campaign.name).join(', ')
    throw new Conflict('trunk_in_use', `Campaigns are on this trunk: ${names}. Stop them first.`, { campaigns: users })
  }
  const lines = await tx
    .select({ id: phoneNumbers.id, phoneNumber: phoneNumbers.phoneNumber })
    .from(phoneNumbers)
    .where(and(eq(phoneNumbers.trunkId, trunkId), isNull(phoneNumbers.archivedAt)))
    .limit(10)
  if (lines.length > 0) {
    const numbers = lines.map((line) => line.phoneNumber).join(', ')
    const message = `Numbers that people call are on this trunk: ${numbers}. Delete them first.`
    throw new Conflict('trunk_in_use', message, { phoneNumbers: lines })
  }
}

/** The limits that hold from now on. */
async function logTrunk(tx: Tx, who: Who, trunk: TrunkRow): Promise<void> {
  const { id: trunkId, workspaceId, livekitTrunkId, callsPerSecond, maxConcurrency, rampUpSeconds } = trunk
  const details = { livekitTrunkId, callsPerSecond, maxConcurrency, rampUpSeconds }
  await logEvents(tx, [{ kind: 'trunk_changed', at: who.now, workspaceId, trunkId, details }])
}

/** One default per workspace: the new one takes over. One trunk per LiveKit trunk: a second one is refused. */
async function makeRoom(tx: Tx, wish: { id?: string; livekitTrunkId?: string; isDefault?: boolean }): Promise<void> {
  const others = wish.id ? ne(trunks.id, wish.id) : undefined
  if (wish.livekitTrunkId) {
    const [twin] = await tx
      .select({ id: trunks.id, name: trunks.name })
      .from(trunks)
      .where(and(eq(trunks.livekitTrunkId, wish.livekitTrunkId), isNull(trunks.archivedAt), others))
    if (twin) {
      const message = `The trunk ${twin.name} stands for ${wish.livekitTrunkId} already. Change that one instead.`
      throw new Conflict('trunk_exists', message, { trunkId: twin.id })
    }
  }
  if (wish.isDefault) {
    await tx
      .update(trunks)
      .set({ isDefault: false })
      .where(and(eq(trunks.isDefault, true), others))
  }
}

async function findTrunk(tx: Tx, trunkId: string, { lock = false } = {}): Promise<TrunkRow> {
  const query = tx
    .select()
    .from(trunks)
    .where(and(eq(trunks.id, trunkId), isNull(trunks.archivedAt)))
  const [row] = await (lock ? query.for('update') : query)
  if (!row) throw new NotFound('trunk', trunkId)
  return row
}

async function newId(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ id: string }>(sql`select uuidv7() as id`)
  if (!row) throw new Error('PostgreSQL gave no id: version 18 or newer is needed.')
  return row.id
}

function toTrunk(row: TrunkRow): Trunk {
  const { workspaceId: _, archivedAt: __, ...trunk } = row
  return trunk
}
