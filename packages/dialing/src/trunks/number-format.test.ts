import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { dialCall } from '../dial/dial-call.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  livekitKeys,
  noon,
  one,
  openWorld,
  start,
  type World,
} from '../testing.ts'

const trunk = { sipTrunkId: 'ST_test', address: 'sip.example.com', numbers: ['+14155550100'] }

let simulator: Simulator
let world: World
beforeAll(async () => {
  const clock = { speed: 20, clockOriginMs: Date.now() }
  simulator = await startSimulator({ port: 0, ...clock, seed: 1, ...livekitKeys, webhookUrls: [], trunks: [trunk] })
  world = await openWorld({ livekitUrl: simulator.url })
})
afterAll(async () => {
  await world.close()
  await simulator.close()
})

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
  const leg = simulator.ledger().calls.find((call) => call.roomName === roomName)
  expect(leg).toMatchObject({ to: dialed, sipStatus: 486 })
})
