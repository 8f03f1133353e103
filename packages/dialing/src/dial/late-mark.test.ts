import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pauseCampaign } from '../campaigns/lifecycle.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addCampaign, addWorkspace, after, callsOf, contactsOf, noon, one, start } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { dialCall } from './dial-call.ts'

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ trunks: [] })
})
afterAll(() => world.close())

/** From the permit on, in real time: the mark is under way by then. */
const beforePauseMs = 500

/** The row of a call is held for so long, from before it is marked; meanwhile its campaign is paused, or not. */
async function dialWithSlowMark({ heldMs, isPaused }: { heldMs: number; isPaused: boolean }) {
  const workspace = await addWorkspace(world)
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const callId = one((await callsOf(world, { campaignId }))[0]).id
  const hold = () =>
    world.db.transaction(async (tx) => {
      await tx.execute(sql`select from calls where id = ${callId} for update`)
      await delay(beforePauseMs)
      if (isPaused) await pauseCampaign(world.apiDeps, workspace.who, { campaignId })
      await delay(heldMs - beforePauseMs)
    })
  let held: Promise<void> = Promise.resolve()
  const passed: string[] = []
  const failPoint = (point: string) => {
    passed.push(point)
    if (point === 'permitted') held = hold()
  }
  const beganMs = Date.now() + 600
  const now = () => after(Date.now() - beganMs)
  const realDelayUntil = (date: Date) => Math.max(0, date.getTime() - now().getTime())
  await dialCall({ ...world.deps, failPoint }, { callId, clock: { now, realNow: now, realDelayUntil } })
  await held
  const isSent = passed.includes('start_taken')
  return { isSent, contact: one((await contactsOf(world, campaignId))[0]) }
}

describe('a call whose mark takes long', () => {
  it('is not dialed a second after its campaign was paused, which the mark did not see', async () => {
    const { isSent, contact } = await dialWithSlowMark({ heldMs: 1_600, isPaused: true })
    expect(isSent).toBe(false)
    expect(contact.attempts).toBe(0)
  })

  it('is marked again, and dialed, where it is still wanted', async () => {
    const { isSent } = await dialWithSlowMark({ heldMs: 1_400, isPaused: false })
    expect(isSent).toBe(true)
  })
})
