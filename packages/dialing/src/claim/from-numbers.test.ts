import { campaignContacts } from '@outdial/database/schema/campaigns'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  noon,
  openWorld,
  permitAll,
  start,
  tell,
  type Workspace,
  type World,
} from '../testing.ts'
import { claimForLane } from './claim-for-lane.ts'

let world: World
let workspace: Workspace
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  const numbers = ['+14155550100', '+33199000001']
  workspace = await addWorkspace(world, { callsPerSecond: 1_000, maxConcurrency: 1_000, numbers })
})

const bay = ['+14155550110', '+14155550111']
const york = ['+12125550110', '+12125550111']
const settings = { fromNumbers: [...bay, ...york], maxAttemptsPerDay: 3 }

/** So many numbers of an area code. */
const people = (area: string, count: number) => Array.from({ length: count }, (_, i) => `+1${area}${5_550_200 + i}`)

async function claimAll(input: Parameters<typeof addCampaign>[2]) {
  const { campaignId } = await addCampaign(world, workspace, input)
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return { campaignId, claimed: await callsOf(world, { campaignId }) }
}

it('calls from the numbers nearest to the callee, each of them', async () => {
  const { claimed } = await claimAll({ contacts: [...people('415', 30), ...people('212', 30)], settings })
  expect(claimed).toHaveLength(60)
  const from = (area: string) =>
    new Set(claimed.flatMap(({ phoneNumber, fromNumber }) => (phoneNumber.startsWith(`+1${area}`) ? [fromNumber] : [])))
  expect(from('415')).toEqual(new Set(bay))
  expect(from('212')).toEqual(new Set(york))
})

it('calls a contact from another number when it calls again', async () => {
  const { campaignId, claimed } = await claimAll({ contacts: people('415', 1), settings })
  const [callId = ''] = await permitAll(world, campaignId, noon)
  const busy = { disposition: 'busy', reached: true, burnsAttempt: true, fault: 'callee', effect: 'none' } as const
  await tell(world, callId, { kind: 'dial_failed', at: after(5_000), ...busy, reason: 'Busy.' })
  await world.db.update(campaignContacts).set({ dueAt: after(6_000) })
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: after(10_000) })
  const [, again] = await callsOf(world, { campaignId })
  expect(again?.attempt).toBe(2)
  expect(bay).toContain(again?.fromNumber)
  expect(again?.fromNumber).not.toBe(claimed[0]?.fromNumber)
})

it("takes the trunk's numbers where the campaign names none", async () => {
  const { claimed } = await claimAll({ contacts: ['+14155550200', '+33199000002', '+4930901820'] })
  expect(Object.fromEntries(claimed.map((call) => [call.phoneNumber, call.fromNumber]))).toMatchObject({
    '+14155550200': '+14155550100',
    '+33199000002': '+33199000001',
    '+4930901820': expect.stringMatching(/^\+/),
  })
})

it("calls from the campaign's numbers also where somebody asks for a single call of it", async () => {
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1, settings })
  const { assistantId, who } = workspace
  const wish = { assistantId, campaignId, phoneNumber: '+12125550299', metadata: {}, ignoreWindow: true }
  expect(york).toContain((await initiateCall(world.apiDeps, who, wish)).fromNumber)
  const own = { ...wish, metadata: { caller_id: '+14155550177' } }
  expect((await initiateCall(world.apiDeps, who, own)).fromNumber).toBe('+14155550177')
})
