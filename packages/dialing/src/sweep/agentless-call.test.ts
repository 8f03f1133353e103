/** Calls in whose room nobody of ours has to be: the sweep must not take them for failed. */
import { calls } from '@outdial/database/schema/calls'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { dialCall } from '../dial/dial-call.ts'
import { addWorkspace, after, livekitKeys, noon, one, openWorld, type World } from '../testing.ts'
import { sweep } from './sweep.ts'

const answers = '+15005550018'

let simulator: Simulator
let world: World
beforeAll(async () => {
  const trunks = [{ sipTrunkId: 'ST_test', address: 'sip.example.com', numbers: ['+14155550100'] }]
  const project = { speed: 2, clockOriginMs: Date.now(), seed: 1, ...livekitKeys, webhookUrls: [], trunks }
  simulator = await startSimulator({ port: 0, ...project })
  await fetch(`${simulator.url}/_network/numbers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number: answers, behaviour: 'very_long', ringMs: 10 }),
  })
  world = await openWorld({ livekitUrl: simulator.url })
})
afterAll(async () => {
  await world.close()
  await simulator.close()
})

/** Answered, with no agent in the room, and looked at long after one should have come. */
async function answeredAndSwept(agentName: string | null) {
  const { who, trunkId } = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const call = await initiateCall(world.apiDeps, who, { phoneNumber: answers, metadata: {}, agentName })
  await claimForLane(world.deps, { trunkId, now: noon })
  const clock = { now: () => after(1_000), realNow: () => new Date(), realDelayUntil: () => 0 }
  expect(await dialCall(world.deps, { callId: call.id, clock })).toBe('answered')
  await sweep(world.deps, after(60_000))
  return one((await world.db.select().from(calls).where(eq(calls.id, call.id)))[0])
}

it('a call that was asked for without an agent goes on', async () => {
  expect(await answeredAndSwept(null)).toMatchObject({ status: 'answered', agentMissingAt: null })
})

it('one whose agent does not come is ended', async () => {
  expect(await answeredAndSwept('missing-agent')).toMatchObject({ status: 'failed', disposition: 'agent_error' })
})
