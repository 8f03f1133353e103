import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { dialCall } from '../dial/dial-call.ts'
import { addWorkspace, after, noon } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { dispatchAgent } from './dispatch-agent.ts'
import { initiateCall } from './initiate-call.ts'

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ speed: 20 })
})
afterAll(() => world.close())

it('sends for an agent once, also when a request is repeated whose answer was lost', async () => {
  const { who, trunkId, assistantId } = await addWorkspace(world)
  const wish = { phoneNumber: '+15005550018', metadata: {}, agentName: null, roomName: 'desk-7' }
  const call = await initiateCall(world.apiDeps, who, wish)
  await claimForLane(world.deps, { trunkId, now: noon })
  const clock = { now: () => after(1_000), realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall(world.deps, { callId: call.id, clock })).toBe('answered')

  const repeated = { ...who, newId: crypto.randomUUID() }
  const input = { roomName: 'desk-7', assistantId, metadata: { why: 'help', call_id: 'not yours' } }
  const first = await dispatchAgent(world.apiDeps, repeated, input)
  expect(first).toEqual({ dispatchId: expect.any(String), agentName: 'ann', roomName: 'desk-7' })
  expect(await dispatchAgent(world.apiDeps, repeated, input)).toEqual(first)
  const named = (await world.deps.livekit.listDispatches('desk-7')).filter(({ agentName }) => agentName === 'ann')
  expect(named).toHaveLength(1)
  expect(JSON.parse(named[0]?.metadata ?? '')).toMatchObject({ why: 'help', call_id: call.id, assistant_name: 'Ann' })

  const other = await dispatchAgent(world.apiDeps, { ...who, newId: crypto.randomUUID() }, input)
  expect(other.dispatchId).not.toBe(first.dispatchId)
})
