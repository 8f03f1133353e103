import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addCampaign, addWorkspace, after, noon, openWorld, permitAll, start, type World } from '../testing.ts'
import { readWorkload } from './workload.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('counts what is in hand, and tells how late the oldest start is', async () => {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 5 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: 9 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const inHand = { callsCalling: 0, callsAnswered: 0, signalsUnapplied: 0, signalsInTrouble: 0, lanesSlowed: 0 }
  expect(await readWorkload(world.deps, after(7_000))).toEqual({
    ...inHand,
    noticesUndelivered: 0,
    noticeEndpointsFailing: 0,
    callsPending: 5,
    startLatenessSeconds: 7,
    campaignsRunning: 1,
  })
  await permitAll(world, campaignId, noon)
  expect(await readWorkload(world.deps, after(7_000))).toMatchObject({
    callsPending: 0,
    callsCalling: 5,
    startLatenessSeconds: 0,
  })
})
