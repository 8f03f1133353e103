/** A small world for tests of the engine: a real database and a real queue, nobody at work in it, and a clock in hand. */
import { connect, type Database } from '@outdial/database/client'
import { assistants, lanes, trunks } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaignContacts, campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { contactLists, contacts } from '@outdial/database/schema/contacts'
import { workspaces } from '@outdial/database/schema/workspaces'
import { createTestDatabase, testRedisUrl } from '@outdial/database/testing'
import { defaultRetry } from '@outdial/policy/retry'
import type { Signal } from '@outdial/policy/signal'
import { migrateQueue, openQueue } from '@outdial/queue/queue'
import { LiveKit } from '@outdial/telephony/livekit'
import { and, asc, eq } from 'drizzle-orm'
import { applySignals } from './calls/apply-signals.ts'
import { recordSignal } from './calls/record-signal.ts'
import { fillCampaign } from './campaigns/fill-campaign.ts'
import { startCampaign } from './campaigns/lifecycle.ts'
import type { Deps, Who } from './deps.ts'
import { permitCall } from './dial/permit.ts'

export const livekitKeys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters' }

export type World = Awaited<ReturnType<typeof openWorld>>

/** Monday noon in UTC; tests move on from here. */
export const noon = new Date('2026-03-02T12:00:00.000Z')

export const after = (ms: number, from = noon) => new Date(from.getTime() + ms)

/** `livekitUrl` is a simulator's; without it nobody answers there. */
export async function openWorld({ livekitUrl = 'http://127.0.0.1:9' } = {}) {
  const database = await createTestDatabase()
  const redisUrl = testRedisUrl()
  await migrateQueue({ databaseUrl: database.url, ...(redisUrl ? { redisUrl } : {}) })
  const queue = await openQueue({
    databaseUrl: database.url,
    ...(redisUrl ? { redisUrl, prefix: `{${crypto.randomUUID()}}` } : {}),
    onError: (error) => {
      throw error
    },
  })
  const engine: Database = connect({ url: database.url, role: 'engine', maxConnections: 8 })
  const api: Database = connect({ url: database.url, role: 'api', maxConnections: 4 })
  const shared = {
    queue,
    livekit: new LiveKit({ url: livekitUrl, ...livekitKeys }),
    clockSpeed: 1,
    agentReports: { baseUrl: 'http://127.0.0.1:9', secret: 'secret' },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  }
  const deps: Deps = { ...shared, db: engine.db }
  const apiDeps: Deps = { ...shared, db: api.db }
  return {
    deps,
    apiDeps,
    db: engine.db,
    databaseUrl: database.url,
    close: async () => {
      await queue.close()
      await engine.close()
      await api.close()
      await database.drop()
    },
  }
}

export type Workspace = { who: Who; assistantId: string; trunkId: string }

export async function addWorkspace(world: World, trunk: Partial<typeof trunks.$inferInsert> = {}): Promise<Workspace> {
  const { db } = world
  const [workspace] = await db.insert(workspaces).values({ name: 'Test' }).returning()
  const workspaceId = one(workspace).id
  const [row] = await db
    .insert(trunks)
    .values({
      workspaceId,
      name: 'Trunk',
      livekitTrunkId: 'ST_test',
      numbers: ['+14155550100'],
      rampUpSeconds: 0,
      ...trunk,
    })
    .returning()
  const [assistant] = await db.insert(assistants).values({ workspaceId, name: 'Ann', agentName: 'ann' }).returning()
  const trunkId = one(row).id
  await db.insert(lanes).values({ trunkId, workspaceId })
  return { who: { workspaceId, actor: 'test', now: noon }, assistantId: one(assistant).id, trunkId }
}

/** A campaign that may call around the clock, as fast as its trunk allows, unless the settings say otherwise. */
export async function addCampaign(
  world: World,
  workspace: Workspace,
  input: {
    /** How many, or the numbers to call. */
    contacts: number | string[]
    settings?: Partial<typeof campaigns.$inferInsert>
    zoneKey?: string
  },
): Promise<{ campaignId: string; contactListId: string }> {
  const { db } = world
  const { workspaceId } = workspace.who
  const [list] = await db.insert(contactLists).values({ workspaceId, name: 'List' }).returning()
  const contactListId = one(list).id
  await addContacts(world, {
    contactListId,
    workspaceId,
    numbers: numbersOf(input.contacts),
    zoneKey: input.zoneKey ?? 'UTC',
  })
  const [campaign] = await db
    .insert(campaigns)
    .values({
      workspaceId,
      name: 'Spring',
      assistantId: workspace.assistantId,
      contactSource: 'contact_list',
      contactListId,
      timezone: 'UTC',
      startHour: 0,
      endHour: 0,
      callDelayMs: 0,
      retry: defaultRetry,
      callingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
      ...input.settings,
    })
    .returning()
  return { campaignId: one(campaign).id, contactListId }
}

let lastNumber = 0

function numbersOf(contacts: number | string[]): string[] {
  if (typeof contacts !== 'number') return contacts
  return Array.from({ length: contacts }, () => {
    lastNumber += 1
    return `+1555${String(lastNumber).padStart(7, '0')}`
  })
}

export async function addContacts(
  world: World,
  input: { contactListId: string; workspaceId: string; numbers: string[]; zoneKey: string },
): Promise<string[]> {
  const { numbers, ...shared } = input
  if (numbers.length === 0) return []
  const rows = numbers.map((phoneNumber) => ({ ...shared, phoneNumber, name: `Contact ${phoneNumber}` }))
  const added = await world.db.insert(contacts).values(rows).returning({ id: contacts.id })
  return added.map((row) => row.id)
}

/** Starts it and takes its list over, as API and scheduler would. */
export async function start(world: World, workspace: Workspace, campaignId: string): Promise<void> {
  await startCampaign(world.apiDeps, workspace.who, { campaignId })
  await fillCampaign(world.deps, { campaignId, now: workspace.who.now })
}

/** Tells the state machine something about a call and lets it act. */
export async function tell(world: World, callId: string, ...content: Signal[]): Promise<void> {
  const at = content.at(-1)?.at ?? noon
  const eventId = crypto.randomUUID()
  await recordSignal(world.deps, {
    source: 'dialer',
    eventId,
    event: 'test',
    about: { callId },
    content,
    receivedAt: at,
  })
  await applySignals(world.deps, at)
}

/** What a dial worker writes right before the request to LiveKit leaves. */
export async function markDialed(world: World, callId: string, now: Date): Promise<void> {
  await world.db.update(calls).set({ dialedAt: now }).where(eq(calls.id, callId))
}

/** Permits and marks every call of a campaign that waits, as dial workers would. */
export async function permitAll(world: World, campaignId: string, now: Date): Promise<string[]> {
  const pending = await callsOf(world, { campaignId, status: 'pending' })
  const answers = await Promise.all(pending.map((call) => permitCall(world.deps, { callId: call.id, now })))
  const permitted = pending.filter((_, i) => answers[i]?.kind === 'permitted').map((call) => call.id)
  for (const callId of permitted) await markDialed(world, callId, now)
  return permitted
}

export async function callsOf(
  world: World,
  wish: { campaignId?: string; status?: (typeof calls.$inferSelect)['status'] } = {},
): Promise<(typeof calls.$inferSelect)[]> {
  return world.db
    .select()
    .from(calls)
    .where(
      and(
        wish.campaignId ? eq(calls.campaignId, wish.campaignId) : undefined,
        wish.status ? eq(calls.status, wish.status) : undefined,
      ),
    )
    .orderBy(asc(calls.startsAt), asc(calls.id))
}

export async function runtimeOf(world: World, campaignId: string) {
  const [row] = await world.db
    .select()
    .from(campaignRuntime)
    .innerJoin(campaigns, eq(campaigns.id, campaignRuntime.campaignId))
    .where(eq(campaignRuntime.campaignId, campaignId))
  const { campaign_runtime, campaigns: campaign } = one(row)
  return { ...campaign_runtime, status: campaign.executionStatus, errorReason: campaign.errorReason }
}

export function contactsOf(world: World, campaignId: string) {
  return world.db.select().from(campaignContacts).where(eq(campaignContacts.campaignId, campaignId))
}

export function one<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('expected a row')
  return row
}
