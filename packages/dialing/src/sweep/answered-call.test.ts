/** What the sweep makes of calls that were answered: which go on, and which it ends. */
import { calls } from '@outdial/database/schema/calls'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { dialCall } from '../dial/dial-call.ts'
import { addWorkspace, after, noon, one } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { sweep } from './sweep.ts'

const answers = '+15005550018'

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ speed: 2 })
  await world.teach('numbers', { number: answers, behaviour: 'very_long', ringMs: 10 })
})
afterAll(() => world.close())

/** A single call that somebody has just answered; reads what is known of it. */
async function answered(wish: { agentName: string | null; maxCallSeconds?: number }) {
  const { who, trunkId } = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const call = await initiateCall(world.apiDeps, who, { phoneNumber: answers, metadata: {}, ...wish })
  await claimForLane(world.deps, { trunkId, now: noon })
  const clock = { now: () => after(1_000), realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall(world.deps, { callId: call.id, clock })).toBe('answered')
  return async () => one((await world.db.select().from(calls).where(eq(calls.id, call.id)))[0])
}

/** With no agent in the room, and looked at long after one should have come. */
async function answeredAndSwept(agentName: string | null) {
  const read = await answered({ agentName })
  await sweep(world.deps, after(60_000))
  return read()
}

it('a call that was asked for without an agent goes on', async () => {
  expect(await answeredAndSwept(null)).toMatchObject({ status: 'answered', agentMissingAt: null })
})

it('one whose agent does not come is ended', async () => {
  expect(await answeredAndSwept('missing-agent')).toMatchObject({ status: 'failed', disposition: 'agent_error' })
})

/** LiveKit is asked to end a call after its longest duration; livekit-sip v1.8.0 does not, and then the sweep does. */
it('an answered call goes on until its longest duration is well over, and then it is hung up', async () => {
  const read = await answered({ agentName: null, maxCallSeconds: 600 })
  const { roomName } = await read()
  const { livekit } = world.deps

  await sweep(world.deps, after(601_000 - 10_000))
  expect(await read()).toMatchObject({ status: 'answered', checkAt: after(601_000 + 5_000) })
  expect((await livekit.lookUp(roomName)).leg).not.toBeNull()

  await sweep(world.deps, after(601_000 + 5_000))
  expect(await read()).toMatchObject({ status: 'completed', disposition: 'completed' })
  expect((await livekit.lookUp(roomName)).leg).toBeNull()
})
