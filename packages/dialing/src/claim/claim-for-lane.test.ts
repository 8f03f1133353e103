import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts, suppressions } from '@outdial/database/schema/contacts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

describe('claiming for a lane', () => {
  it('starts calls one interval apart and claims no further ahead than two seconds', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 5, maxConcurrency: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 30 })
    await start(world, workspace, campaignId)

    const first = await claim(workspace.trunkId)
    const starts = (await callsOf(world, { campaignId })).map(
      (call) => one(call.startsAt ?? undefined).getTime() - noon.getTime(),
    )
    expect(starts).toEqual([0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000])
    expect(first.nextWakeAt).toEqual(after(1200))

    expect((await claim(workspace.trunkId, after(1200))).claimed).toBe(6)
    const runtime = await runtimeOf(world, campaignId)
    expect([runtime.contactsWaiting, runtime.contactsClaimed, runtime.contactsFinished]).toEqual([13, 17, 0])
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

  it('calls nobody outside the hours and wakes when they begin', async () => {
    const workspace = await addWorkspace(world)
    const settings = { startHour: 9, endHour: 17, localTime: 'contact' } as const
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 3,
      settings,
      zoneKey: 'America/Los_Angeles',
    })
    await start(world, workspace, campaignId)
    const look = await claim(workspace.trunkId)
    expect(look).toEqual({ claimed: 0, nextWakeAt: new Date('2026-03-02T17:00:00.000Z') })
    expect((await claim(workspace.trunkId, look.nextWakeAt ?? noon)).claimed).toBe(3)
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
