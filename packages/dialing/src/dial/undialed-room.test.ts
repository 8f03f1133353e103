import { afterAll, beforeAll, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addWorkspace, after, noon } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { dialCall } from './dial-call.ts'

let world: SimulatedWorld
beforeAll(async () => {
  // Without a trunk it refuses before anything is dialed.
  world = await openSimulatedWorld({ trunks: [] })
})
afterAll(() => world.close())

it('the room of a call that LiveKit would not dial is closed, and its agent does not wait in it', async () => {
  const { who, trunkId } = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const call = await initiateCall(world.apiDeps, who, { phoneNumber: '+15005550001', metadata: {} })
  await claimForLane(world.deps, { trunkId, now: noon })
  const created: string[] = []
  const failPoint = (point: string) => void (point === 'room_created' && created.push(point))
  const clock = { now: () => after(1_000), realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall({ ...world.deps, failPoint }, { callId: call.id, clock })).toBe('failed')
  expect(created).toHaveLength(1)
  expect(await world.deps.livekit.lookUp(`call-${call.id}`)).toMatchObject({ roomExists: false, leg: null })
})
