import { lanePaces, trunks } from '@outdial/database/schema/assistants'
import { campaignPaces, campaigns } from '@outdial/database/schema/campaigns'
import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addCampaign, addWorkspace, after, callsOf, noon, one, openWorld, start, type World } from '../testing.ts'
import { type PermittedCall, permitCall } from './permit.ts'
import { moveStart, type TakenStart, takeStart } from './take-start.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** Permitted calls of a campaign, on a trunk of their own. */
async function permitted({ contacts, callsPerSecond = 100 }: { contacts: number; callsPerSecond?: number }) {
  const workspace = await addWorkspace(world, { callsPerSecond, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const pending = await callsOf(world, { campaignId })
  const answers = await Promise.all(pending.map(({ id }) => permitCall(world.deps, { callId: id, now: noon })))
  return { campaignId, dials: answers.flatMap((answer) => (answer.kind === 'permitted' ? [answer.dial] : [])) }
}

const take = (dial: PermittedCall, { now = noon, latest = after(45) } = {}) =>
  takeStart(world.deps, { dial, earliest: now, latest })

/** Whoever waits for a lock. */
const waiting = () =>
  world.db.execute(sql`
    select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()`)

const offset = (start: TakenStart | null) => (start ? start.startMs - noon.getTime() : null)

describe('taking a start', () => {
  it('gives every call an instant of its own, or none where that is too late', async () => {
    const { dials } = await permitted({ contacts: 11 })
    const last = one(dials.pop())
    const starts = await Promise.all(dials.map((dial) => take(dial)))
    const offsets = starts.flatMap((start) =>
      start.kind === 'taken' ? [start.startsAt.getTime() - noon.getTime()] : [],
    )
    expect(offsets.sort((a, b) => a - b)).toEqual([0, 9, 17, 25, 33, 41])
    const nextDay = after(86_400_000)
    expect(await take(last, { now: nextDay, latest: nextDay })).toMatchObject({ kind: 'taken', startsAt: nextDay })
  })

  it('keeps the distance that a campaign asks for, and takes nothing of the trunk meanwhile', async () => {
    const { dials, campaignId } = await permitted({ contacts: 2 })
    await world.db.update(campaigns).set({ callDelayMs: 2_000 }).where(eq(campaigns.id, campaignId))
    const [first, second] = dials.map((dial) => ({
      ...dial,
      campaign: dial.campaign && { ...dial.campaign, callDelayMs: 2_000 },
    }))
    expect(await take(one(first))).toMatchObject({ kind: 'taken', startsAt: noon })
    expect(await take(one(second))).toEqual({ kind: 'too_early', until: after(2_000) })
    const other = await permitted({ contacts: 1 })
    expect((await take({ ...one(other.dials[0]), trunk: one(first).trunk })).kind).toBe('taken')
    const due = { now: after(2_000), latest: after(3_000) }
    expect(await take(one(second), due)).toMatchObject({ kind: 'taken', startsAt: after(2_000) })
  })

  /** An instant for this call, however late. */
  async function taken(dial: PermittedCall, earliestMs: number): Promise<TakenStart> {
    const start = await take(dial, { now: after(earliestMs), latest: after(3_600_000) })
    if (start.kind !== 'taken') throw new Error(`It was ${start.kind}.`)
    return start
  }

  it('counts that distance from when the call starts, also where another took the instant it saw', async () => {
    const { dials, campaignId } = await permitted({ contacts: 1, callsPerSecond: 2 })
    const dial = one(dials[0])
    const patient = { ...dial, campaign: dial.campaign && { ...dial.campaign, callDelayMs: 2_000 } }
    const { startMs } = await taken(dial, 0)
    const asked = await world.db.transaction(async (tx) => {
      const others = { startsMs: [startMs, startMs + 508] }
      await tx.update(lanePaces).set(others).where(eq(lanePaces.trunkId, dial.trunk.id))
      const start = taken(patient, 450)
      await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 10_000 })
      return { start }
    })
    expect(offset(await asked.start)).toBe(1_010)
    const [pace] = await world.db.select().from(campaignPaces).where(eq(campaignPaces.campaignId, campaignId))
    expect(one(pace).nextStartMs - noon.getTime()).toBe(3_010)
  })

  it('makes up for what came late, and holds no more than the rate within a second', async () => {
    const { dials } = await permitted({ contacts: 1, callsPerSecond: 10 })
    const dial = one(dials[0])
    const seen: number[] = []
    for (const earliestMs of [0, 90, 300, 310, 320, 400, 500, 600, 700, 800, 900, 1_000]) {
      seen.push(offset(await taken(dial, earliestMs)) ?? Number.NaN)
    }
    const expected = [0, 90, 300, 380.8, 461.6, 542.4, 623.2, 704, 784.8, 865.6, 1_010, 1_100]
    expect(seen).toHaveLength(expected.length)
    for (const [i, ms] of seen.entries()) expect(ms).toBeCloseTo(expected[i] ?? Number.NaN, 1)
  })

  it('moves an instant that was missed, and the trunk loses none by it', async () => {
    const { dials } = await permitted({ contacts: 1, callsPerSecond: 2 })
    const dial = one(dials[0])
    const missed = await taken(dial, 0)
    const next = await taken(dial, 0)
    expect(offset(await moveStart(world.deps, { dial, missed, to: after(450) }))).toBe(450)
    expect([offset(next), offset(await taken(dial, 0))]).toEqual([404, 1_414])
    expect(await moveStart(world.deps, { dial, missed, to: after(500) })).toBeNull()
  })

  it('holds the rate whatever comes when, is missed and moved', async () => {
    const { dials } = await permitted({ contacts: 1 })
    const dial = one(dials[0])
    const step = fc.record({
      restMs: fc.integer({ min: -400, max: 150 }),
      missedByMs: fc.option(fc.nat({ max: 400 }), { freq: 3 }),
    })
    const workspaceId = dial.trunk.workspaceId
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 40 }), async (rate, steps) => {
        const values = { workspaceId, name: 'Own', livekitTrunkId: crypto.randomUUID(), callsPerSecond: rate }
        const [trunk] = await world.db.insert(trunks).values(values).returning()
        const own = { ...dial, trunk: one(trunk) }
        const seen: number[] = []
        let nowMs = 0
        for (const { restMs, missedByMs } of steps) {
          nowMs += Math.max(restMs, 0)
          let start = await taken(own, nowMs)
          if (missedByMs !== null) {
            const to = new Date(start.startsAt.getTime() + missedByMs)
            start = (await moveStart(world.deps, { dial: own, missed: start, to })) ?? start
          }
          seen.push(start.startMs)
        }
        for (const first of seen) {
          const within = seen.filter((at) => at >= first && at < first + 1_010)
          expect(within.length).toBeLessThanOrEqual(rate)
        }
      }),
      { numRuns: 40 },
    )
  })
})
