import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { LiveKit } from '@outdial/telephony/livekit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addWorkspace, after, livekitKeys, noon, openWorld, type World } from '../testing.ts'
import { dialCall } from './dial-call.ts'

let simulator: Simulator
let world: World
beforeAll(async () => {
  // It has no trunk at all, so it refuses before anything is dialed.
  const project = { speed: 1, clockOriginMs: Date.now(), seed: 1, ...livekitKeys, webhookUrls: [] }
  simulator = await startSimulator({ port: 0, ...project })
  world = await openWorld({ livekitUrl: simulator.url })
})
afterAll(async () => {
  await world.close()
  await simulator.close()
})

it('the room of a call that LiveKit would not dial is closed, and its agent does not wait in it', async () => {
  const { who, trunkId } = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const call = await initiateCall(world.apiDeps, who, { phoneNumber: '+15005550001', metadata: {} })
  await claimForLane(world.deps, { trunkId, now: noon })
  const created: string[] = []
  const livekit = new LiveKit({ url: simulator.url, ...livekitKeys })
  const failPoint = (point: string) => void (point === 'room_created' && created.push(point))
  const clock = { now: () => after(1_000), realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall({ ...world.deps, failPoint }, { callId: call.id, clock })).toBe('failed')
  expect(created).toHaveLength(1)
  expect(await livekit.lookUp(`call-${call.id}`)).toMatchObject({ roomExists: false, leg: null })
})
