import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { dialCall } from '../dial/dial-call.ts'
import { addCampaign, addWorkspace, after, callsOf, noon, one, start } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ speed: 20 })
})
afterAll(() => world.close())

it.each([
  ['e164', '+15005550007'],
  ['digits', '15005550007'],
] as const)('a trunk that wants %s is asked for %s', async (numberFormat, dialed) => {
  const workspace = await addWorkspace(world, { numberFormat })
  const { campaignId } = await addCampaign(world, workspace, { contacts: ['+15005550007'] })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const { id: callId, roomName } = one((await callsOf(world, { campaignId }))[0])
  const clock = { now: () => after(100), realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall(world.deps, { callId, clock })).toBe('failed')
  const leg = world.simulator.ledger().calls.find((call) => call.roomName === roomName)
  expect(leg).toMatchObject({ to: dialed, sipStatus: 486 })
})
