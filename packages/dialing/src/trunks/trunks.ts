import { inWorkspace, type Tx } from '@outdial/database/client'
import { trunks } from '@outdial/database/schema/assistants'
import { campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { providers } from '@outdial/policy/states'
import { and, desc, eq, inArray, isNull, lt, ne } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { logEvents } from '../event-log.ts'
import { e164, name } from '../fields.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, NotFound } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'

const fields = {
  name,
  provider: z.enum(providers),
  livekitTrunkId: z
    .string()
    .regex(/^ST_[A-Za-z0-9_-]{1,100}$/, 'must be the id of a LiveKit outbound trunk such as ST_abc123')
    .meta({ description: "LiveKit's id of the outbound SIP trunk." }),
  numbers: z.array(e164).max(1_000).meta({ description: 'The numbers that calls may come from.' }),
  callsPerSecond: z
    .number()
    .min(0.001)
    .max(1_000)
    .meta({ description: 'What the carrier allows, held across all campaigns and workers.' }),
  maxConcurrency: z.int().min(1).max(100_000).meta({ description: 'Calls that may be open at once.' }),
  rampUpSeconds: z.int().min(0).max(3_600).meta({
    description: 'After an idle minute or a refusal the calls per second grow back to their limit over so long.',
  }),
  isDefault: z.boolean().meta({ description: 'Used where neither call, campaign nor assistant names a trunk.' }),
}

export const trunkInput = z.strictObject({
  ...fields,
  provider: fields.provider.default('other'),
  numbers: fields.numbers.default([]),
  callsPerSecond: fields.callsPerSecond.default(1),
  maxConcurrency: fields.maxConcurrency.default(10),
  rampUpSeconds: fields.rampUpSeconds.default(10),
  isDefault: fields.isDefault.default(false),
})
export const trunkPatch = z.strictObject(fields).partial()

export type TrunkInput = z.infer<typeof trunkInput>
export type TrunkPatch = z.infer<typeof trunkPatch>
export type Trunk = Omit<typeof trunks.$inferSelect, 'workspaceId' | 'archivedAt'>

/** Throws Conflict when the workspace has a trunk for this LiveKit trunk already: their limits would add up. */
export async function createTrunk(deps: Pick<Deps, 'db'>, who: Who, input: TrunkInput): Promise<Trunk> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    if (who.newId) {
      const [made] = await tx.select().from(trunks).where(eq(trunks.id, who.newId))
      if (made) return toTrunk(made)
    }
    await makeRoom(tx, input)
    const [row] = await tx
      .insert(trunks)
      .values({ ...input, id: who.newId, workspaceId: who.workspaceId, createdAt: who.now, updatedAt: who.now })
      .returning()
    if (!row) throw new Error('the new trunk was not stored')
    await writeAudit(tx, who, { action: 'trunk.created', entity: 'trunk', entityId: row.id })
    await logTrunk(tx, who, row)
    return toTrunk(row)
  })
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

/** A whole trunk replaces it, a part changes it. New limits hold from the next claim. */
export async function changeTrunk(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { trunkId, changes }: { trunkId: string; changes: TrunkPatch },
): Promise<Trunk> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await findTrunk(tx, trunkId)
    await makeRoom(tx, { ...changes, id: trunkId })
    const [row] = await tx
      .update(trunks)
      .set({ ...changes, updatedAt: who.now })
      .where(and(eq(trunks.id, trunkId), isNull(trunks.archivedAt)))
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

/** Throws Conflict while a campaign that is running, paused or in error is on it. */
export async function archiveTrunk(deps: Pick<Deps, 'db'>, who: Who, { trunkId }: { trunkId: string }): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await findTrunk(tx, trunkId)
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
      throw new Conflict('trunk_in_use', `Campaigns are on this trunk: ${names}. Stop them first.`, {
        campaigns: users,
      })
    }
    await tx.update(trunks).set({ archivedAt: who.now, isDefault: false }).where(eq(trunks.id, trunkId))
    await writeAudit(tx, who, { action: 'trunk.archived', entity: 'trunk', entityId: trunkId })
  })
}

/** The limits that hold from now on. */
async function logTrunk(tx: Tx, who: Who, trunk: typeof trunks.$inferSelect): Promise<void> {
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

async function findTrunk(tx: Tx, trunkId: string): Promise<typeof trunks.$inferSelect> {
  const [row] = await tx
    .select()
    .from(trunks)
    .where(and(eq(trunks.id, trunkId), isNull(trunks.archivedAt)))
  if (!row) throw new NotFound('trunk', trunkId)
  return row
}

function toTrunk(row: typeof trunks.$inferSelect): Trunk {
  const { workspaceId: _, archivedAt: __, ...trunk } = row
  return trunk
}
