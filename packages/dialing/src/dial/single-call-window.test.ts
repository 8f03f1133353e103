import { calls } from '@outdial/database/schema/calls'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addCampaign, addWorkspace, after, noon, one } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { dialCall } from './dial-call.ts'
import { permitCall } from './permit.ts'

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ speed: 8 })
})
afterAll(() => world.close())

/** A single call of a campaign that calls until one o'clock, asked for a minute or so before. */
async function askedBeforeOne(wishes: { ignoreWindow?: boolean }) {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const settings = { startHour: 9, endHour: 13, localTime: 'campaign' as const }
  const { campaignId } = await addCampaign(world, workspace, { contacts: 0, settings })
  const { who, assistantId, trunkId } = workspace
  const wish = { phoneNumber: '+15550200000', assistantId, campaignId, metadata: {}, ...wishes }
  const call = await initiateCall(world.apiDeps, who, wish)
  await claimForLane(world.deps, { trunkId, now: noon })
  return call.id
}

const oneOClock = after(3_600_000)
const stored = async (id: string) => one((await world.db.select().from(calls).where(eq(calls.id, id)))[0])

it('a window that closes while a single call waits ends the call', async () => {
  const callId = await askedBeforeOne({})
  const clock = { now: () => oneOClock, realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall(world.deps, { callId, clock })).toBe('refused')
  const reason = expect.stringContaining('calling hours ended')
  expect(await stored(callId)).toMatchObject({ status: 'failed', disposition: 'canceled', endReason: reason })
})

it('one that was asked for at any hour is dialed all the same', async () => {
  const callId = await askedBeforeOne({ ignoreWindow: true })
  expect(await permitCall(world.deps, { callId, now: oneOClock })).toMatchObject({ kind: 'permitted' })
})

it('a window that closes between permit and dial takes the call back', async () => {
  const callId = await askedBeforeOne({})
  let at = noon
  const failPoint = (point: string) => {
    if (point === 'room_created') at = oneOClock
  }
  const clock = { now: () => at, realNow: () => new Date(), realDelayUntil: () => 0 }
  await dialCall({ ...world.deps, failPoint }, { callId, clock })
  expect(at).toBe(oneOClock)
  expect(await stored(callId)).toMatchObject({ status: 'failed', disposition: 'canceled' })
  expect(world.simulator.ledger().calls).toEqual([])
})
