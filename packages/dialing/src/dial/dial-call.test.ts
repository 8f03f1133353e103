import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applySignals } from '../calls/apply-signals.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addCampaign, addWorkspace, after, callsOf, contactsOf, noon, one, runtimeOf, start } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { dialCall } from './dial-call.ts'

const otherSecret = 'another-secret-of-at-least-32-characters'

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ apiSecret: otherSecret })
})
afterAll(() => world.close())

/** A call on a host whose clock is so many milliseconds ahead, which LiveKit refuses. */
async function dialRefused({ hostAheadMs }: { hostAheadMs: number }) {
  const workspace = await addWorkspace(world)
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const callId = one((await callsOf(world, { campaignId }))[0]).id
  const realNow = () => new Date(Date.now() - hostAheadMs)
  await dialCall(world.deps, { callId, clock: { now: () => after(100), realNow, realDelayUntil: () => 0 } })
  await applySignals(world.deps, after(100))
  const contact = one((await contactsOf(world, campaignId))[0])
  return { contact, campaign: await runtimeOf(world, campaignId) }
}

describe('a key that LiveKit refuses', () => {
  it('stops the campaign with a reason, and the contact loses nothing', async () => {
    const { contact, campaign } = await dialRefused({ hostAheadMs: 0 })
    expect(campaign).toMatchObject({ status: 'error', errorReason: expect.stringContaining('LIVEKIT_API_KEY') })
    expect(contact).toMatchObject({ state: 'waiting', attempts: 0 })
  })

  it('does not stop it where only the clock of this host is wrong', async () => {
    const { contact, campaign } = await dialRefused({ hostAheadMs: 3_600_000 })
    expect(campaign).toMatchObject({ status: 'running', trunkFailures: 0 })
    expect(contact).toMatchObject({ state: 'waiting', attempts: 0 })
  })
})
