import { lanePaces } from '@outdial/database/schema/assistants'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts, suppressions } from '@outdial/database/schema/contacts'
import { eventLog } from '@outdial/database/schema/event-log'
import type { Signal } from '@outdial/policy/signal'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paceLane } from '../calls/tell-lane.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  noon,
  one,
  openWorld,
  permitAll,
  runtimeOf,
  start,
  tell,
  type World,
} from '../testing.ts'
import { claimForLane } from './claim-for-lane.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const claim = (trunkId: string, now = noon) => claimForLane(world.deps, { trunkId, now })

const logOf = (campaignId: string) =>
  world.db.select().from(eventLog).where(eq(eventLog.campaignId, campaignId)).orderBy(asc(eventLog.id))

async function listOf(campaignId: string): Promise<string> {
  const [campaign] = await world.db.select().from(campaigns).where(eq(campaigns.id, campaignId))
  return one(campaign).contactListId
}

const answeredAndLeft = (at: Date): Signal[] => [
  { kind: 'answered', at },
  { kind: 'leg_left', at, reason: 'left', wasAnswered: true },
  { kind: 'settle', at },
]

describe('claiming for a lane', () => {
  it('starts calls one interval apart and claims no further ahead than a second and a half', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 5, maxConcurrency: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 30 })
    await start(world, workspace, campaignId)

    const first = await claim(workspace.trunkId)
    const starts = (await callsOf(world, { campaignId })).map(
      (call) => one(call.startsAt ?? undefined).getTime() - noon.getTime(),
    )
    expect(starts).toEqual([0, 202, 404, 606, 808, 1010, 1212, 1414])
    expect(first.nextWakeAt).toEqual(after(616))

    expect((await claim(workspace.trunkId, after(616))).claimed).toBe(3)
    const runtime = await runtimeOf(world, campaignId)
    expect([runtime.contactsWaiting, runtime.contactsClaimed, runtime.contactsFinished]).toEqual([19, 11, 0])
  })

  it('stays a little ahead of a pace that fell behind, so that somebody waits for every instant', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 5, maxConcurrency: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 30 })
    await start(world, workspace, campaignId)
    const startsMs = [after(1_000).getTime()]
    await world.db
      .insert(lanePaces)
      .values({ trunkId: workspace.trunkId, workspaceId: workspace.who.workspaceId, startsMs })
    await claim(workspace.trunkId)
    const [first] = await callsOf(world, { campaignId })
    expect(first?.startsAt).toEqual(after(1_000 + 202 - 100))
  })

  it('never holds more open calls than the trunk has slots, however many schedulers claim at once', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 500, maxConcurrency: 7 })
    const one = await addCampaign(world, workspace, { contacts: 50 })
    const two = await addCampaign(world, workspace, { contacts: 50 })
    await start(world, workspace, one.campaignId)
    await start(world, workspace, two.campaignId)
    await Promise.all(Array.from({ length: 12 }, () => claim(workspace.trunkId)))
    const open = [...(await callsOf(world, one)), ...(await callsOf(world, two))]
    expect(open).toHaveLength(7)
    expect(new Set(open.map((call) => call.contactId)).size).toBe(7)
  })

  it('counts the daily cap exactly, and begins again with the next local day', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 500, maxConcurrency: 500 })
    const settings = { dailyCap: 10, timezone: 'America/New_York' }
    const { campaignId } = await addCampaign(world, workspace, { contacts: 40, settings })
    await start(world, workspace, campaignId)
    await Promise.all([claim(workspace.trunkId), claim(workspace.trunkId), claim(workspace.trunkId)])
    expect(await callsOf(world, { campaignId })).toHaveLength(10)
    const next = await claim(workspace.trunkId)
    const midnightInNewYork = new Date('2026-03-03T05:00:00.000Z')
    expect(next).toEqual({ claimed: 0, nextWakeAt: midnightInNewYork })
    expect((await runtimeOf(world, campaignId)).blockedReason).toBe('The daily cap is used up.')
    await claim(workspace.trunkId, midnightInNewYork)
    expect(await callsOf(world, { campaignId })).toHaveLength(20)
  })

  it('starts nothing in the last minute of a day, so that an INVITE counts for the day of its claim', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 1, maxConcurrency: 500 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 10, settings: { dailyCap: 5 } })
    await start(world, workspace, campaignId)
    const midnight = new Date('2026-03-03T00:00:00.000Z')
    await claim(workspace.trunkId, after(-61_500, midnight))
    const starts = (await callsOf(world, { campaignId })).map((call) => one(call.startsAt ?? undefined))
    expect(starts).toEqual([after(-61_500, midnight), after(-60_490, midnight)])
    expect(await claim(workspace.trunkId, after(-60_000, midnight))).toEqual({ claimed: 0, nextWakeAt: midnight })
    expect((await claim(workspace.trunkId, midnight)).claimed).toBeGreaterThan(0)
  })

  it('calls nobody outside the hours and wakes when they begin', async () => {
    const workspace = await addWorkspace(world)
    const settings = { startHour: 9, endHour: 17, localTime: 'contact' } as const
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 2,
      settings,
      zoneKey: 'America/Los_Angeles',
    })
    await start(world, workspace, campaignId)
    const look = await claim(workspace.trunkId)
    expect(look).toEqual({ claimed: 0, nextWakeAt: new Date('2026-03-02T17:00:00.000Z') })
    expect((await claim(workspace.trunkId, look.nextWakeAt ?? noon)).claimed).toBe(2)
  })

  it('finishes contacts that are suppressed instead of calling them', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 3 })
    await start(world, workspace, campaignId)
    const [first] = await contactsOf(world, campaignId)
    const [contact] = await world.db
      .select()
      .from(contacts)
      .where(eq(contacts.id, one(first).contactId))
    const { workspaceId } = workspace.who
    await world.db.insert(suppressions).values({ workspaceId, phoneNumber: one(contact).phoneNumber, source: 'test' })
    await claim(workspace.trunkId)
    await claim(workspace.trunkId)
    const called = await callsOf(world, { campaignId })
    expect(called).toHaveLength(2)
    expect(called.map((call) => call.phoneNumber)).not.toContain(one(contact).phoneNumber)
    const runtime = await runtimeOf(world, campaignId)
    expect([runtime.contactsWaiting, runtime.contactsClaimed, runtime.contactsFinished]).toEqual([0, 2, 1])
  })

  it('shares a lane by weight', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 20, maxConcurrency: 1000 })
    const heavy = await addCampaign(world, workspace, { contacts: 200, settings: { weight: 3 } })
    const light = await addCampaign(world, workspace, { contacts: 200, settings: { weight: 1 } })
    await start(world, workspace, heavy.campaignId)
    await start(world, workspace, light.campaignId)
    for (let ms = 0; ms < 6_000; ms += 1_000) await claim(workspace.trunkId, after(ms))
    const shares = [(await callsOf(world, heavy)).length, (await callsOf(world, light)).length]
    expect(one(shares[0]) / one(shares[1])).toBeCloseTo(3, 0)
  })

  it('keeps the delay between two calls of a campaign', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 50, maxConcurrency: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 10, settings: { callDelayMs: 700 } })
    await start(world, workspace, campaignId)
    for (let ms = 0; ms < 5_000; ms += 500) await claim(workspace.trunkId, after(ms))
    const starts = (await callsOf(world, { campaignId })).map((call) => call.startsAt?.getTime() ?? 0)
    const gaps = starts.slice(1).map((at, i) => at - one(starts[i]))
    expect(starts.length).toBeGreaterThan(6)
    expect(Math.min(...gaps)).toBe(700)
  })

  it('completes a campaign when every contact is finished, and only then', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 2 })
    await start(world, workspace, campaignId)
    await claim(workspace.trunkId)
    const [first, second] = await permitAll(world, campaignId, noon)
    await tell(
      world,
      one(first),
      { kind: 'answered', at: after(5_000) },
      { kind: 'leg_left', at: after(9_000), reason: 'left', wasAnswered: true },
      { kind: 'agent_report', at: after(9_000), outcome: 'interested' },
    )
    await claim(workspace.trunkId, after(9_000))
    expect((await runtimeOf(world, campaignId)).status).toBe('running')
    await tell(world, one(second), {
      kind: 'dial_failed',
      at: after(9_500),
      disposition: 'invalid_number',
      reached: true,
      burnsAttempt: true,
      effect: 'none',
      sipStatusCode: 404,
      reason: 'Not found',
    })
    await claim(workspace.trunkId, after(10_000))
    const runtime = await runtimeOf(world, campaignId)
    expect(runtime.status).toBe('completed')
    expect(runtime.contactsFinished).toBe(2)
  })

  it('begins slowly after an idle minute and after a refusal, and then comes to its full pace', async () => {
    const pace = { callsPerSecond: 10, maxConcurrency: 1_000, rampUpSeconds: 20 }
    const workspace = await addWorkspace(world, pace)
    const { campaignId } = await addCampaign(world, workspace, { contacts: 600 })
    await start(world, workspace, campaignId)
    const claimedFrom = async (from: number, to: number) => {
      let claimed = 0
      for (let ms = from; ms < to; ms += 1_000) claimed += (await claim(workspace.trunkId, after(ms))).claimed
      return claimed
    }
    expect(await claimedFrom(0, 10_000)).toBeLessThan(60)
    await claimedFrom(10_000, 25_000)
    expect(await claimedFrom(25_000, 30_000)).toBe(49)
    await paceLane(world.deps, { trunkId: workspace.trunkId, pace: 'slow_down', reason: 'CPS', now: after(30_000) })
    expect(await claimedFrom(30_000, 32_000)).toBe(0)
    expect(await claimedFrom(32_000, 36_000)).toBeLessThan(20)
  })

  it('leaves numbers alone that the workspace has called often enough, and says until when', async () => {
    const number = '+15557770001'
    const workspace = await addWorkspace(world, { callsPerSecond: 100 })
    const rivals = await Promise.all([1, 2, 3, 4].map(() => addCampaign(world, workspace, { contacts: [number] })))
    for (const [i, { campaignId }] of rivals.entries()) {
      await start(world, workspace, campaignId)
      await claim(workspace.trunkId, after(i * 1_000))
      const [callId] = await permitAll(world, campaignId, after(i * 1_000))
      if (callId) await tell(world, callId, ...answeredAndLeft(after(i * 1_000 + 500)))
    }
    const last = one(rivals[3]).campaignId
    const free = after(24 * 3_600_000 + 60_000)
    expect(await callsOf(world, { campaignId: last })).toEqual([])
    expect(one((await contactsOf(world, last))[0])).toMatchObject({ state: 'waiting', attempts: 0, dueAt: free })
    expect((await logOf(last)).at(-1)).toMatchObject({ kind: 'deferred', details: { until: free.toISOString() } })
    expect((await claim(workspace.trunkId, free)).claimed).toBe(1)
  })

  describe('attempts that are lowered while somebody waits for the next one', () => {
    const busy = (at: Date): Signal => {
      const refusal = { disposition: 'busy', reached: true, burnsAttempt: true, effect: 'none' } as const
      return { kind: 'dial_failed', at, ...refusal, sipStatusCode: 486, reason: 'Busy' }
    }

    /** Whose line was busy once, and who is to be called again within the hour; then the campaign is changed. */
    async function busyOnce(change: Partial<typeof campaigns.$inferInsert>) {
      const workspace = await addWorkspace(world, { callsPerSecond: 100 })
      const settings = { maxAttemptsPerContact: 3, maxAttemptsPerDay: 2 }
      const { campaignId } = await addCampaign(world, workspace, { contacts: 1, settings })
      await start(world, workspace, campaignId)
      await claim(workspace.trunkId)
      const [callId] = await permitAll(world, campaignId, noon)
      await tell(world, one(callId), busy(after(1_000)))
      const contact = async () => one((await contactsOf(world, campaignId))[0])
      const { dueAt } = await contact()
      expect(one(dueAt ?? undefined).getTime()).toBeLessThan(after(2 * 3_600_000).getTime())
      await world.db.update(campaigns).set(change).where(eq(campaigns.id, campaignId))
      return { trunkId: workspace.trunkId, campaignId, contact, later: after(2 * 3_600_000) }
    }

    it('hold for a day: who was called as often waits for the next one', async () => {
      const { trunkId, campaignId, contact, later } = await busyOnce({ maxAttemptsPerDay: 1 })
      expect((await claim(trunkId, later)).claimed).toBe(0)
      const midnight = new Date('2026-03-03T00:00:00.000Z')
      expect(await contact()).toMatchObject({ state: 'waiting', attempts: 1, dueAt: midnight })
      const reason = 'They were called as often today as the campaign allows.'
      expect((await logOf(campaignId)).at(-1)).toMatchObject({ kind: 'deferred', details: { reason } })
      expect((await claim(trunkId, midnight)).claimed).toBe(1)
    })

    it('hold in all: who was called as often is done, and so is the campaign', async () => {
      const { trunkId, campaignId, contact, later } = await busyOnce({ maxAttemptsPerContact: 1 })
      await claim(trunkId, later)
      await claim(trunkId, later)
      expect(await contact()).toMatchObject({ state: 'finished', finishReason: 'exhausted' })
      expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'completed', contactsFinished: 1 })
    })

    it('leave alone who was called less often', async () => {
      const { trunkId, later } = await busyOnce({ maxAttemptsPerContact: 2 })
      expect((await claim(trunkId, later)).claimed).toBe(1)
    })
  })

  it('writes into the log whom it claimed, whom it passed over, and why it waits', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100 })
    const settings = { dailyCap: 1 }
    const { campaignId } = await addCampaign(world, workspace, { contacts: 3, settings })
    const [first] = await world.db
      .select()
      .from(contacts)
      .where(eq(contacts.contactListId, await listOf(campaignId)))
    const { workspaceId } = workspace.who
    await world.db.insert(suppressions).values({ workspaceId, phoneNumber: one(first).phoneNumber, source: 'test' })
    await start(world, workspace, campaignId)
    await claim(workspace.trunkId)
    await claim(workspace.trunkId)
    await claim(workspace.trunkId)
    const kinds = (await logOf(campaignId)).map(({ kind, details }) => [kind, details.reason ?? details.zoneKey])
    expect(kinds).toContainEqual(['finished', 'suppressed'])
    expect(kinds).toContainEqual(['claimed', 'UTC'])
    expect(kinds.filter(([kind]) => kind === 'deferred')).toEqual([['deferred', 'The daily cap is used up.']])
  })

  it('finishes the contacts that no window will reach any more', async () => {
    const workspace = await addWorkspace(world)
    const { campaignId } = await addCampaign(world, workspace, { contacts: 5, settings: { endAt: after(-1) } })
    await start(world, workspace, campaignId)
    await claim(workspace.trunkId)
    await claim(workspace.trunkId)
    const [campaign] = await world.db.select().from(campaigns).where(eq(campaigns.id, campaignId))
    expect(one(campaign).executionStatus).toBe('completed')
    expect((await contactsOf(world, campaignId)).map((contact) => contact.finishReason)).toEqual(
      Array(5).fill('campaign_ended'),
    )
  })
})
