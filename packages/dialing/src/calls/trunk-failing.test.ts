import type { Signal } from '@outdial/policy/signal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resumeCampaign } from '../campaigns/lifecycle.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  noon,
  openWorld,
  permitAll,
  runtimeOf,
  start,
  tell,
  type World,
} from '../testing.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const ended = (signal: Partial<Signal & { kind: 'dial_failed' }>): Signal => ({
  kind: 'dial_failed',
  at: after(1_000),
  disposition: 'rejected',
  reached: true,
  burnsAttempt: true,
  effect: 'none',
  fault: 'carrier',
  sipStatusCode: 403,
  reason: 'The carrier does not permit this call (SIP 403).',
  ...signal,
})
const forbidden = ended({})
const busy = ended({ disposition: 'busy', fault: 'callee', sipStatusCode: 486, reason: 'The line was busy (SIP 486).' })

async function callMany(contacts: number) {
  const workspace = await addWorkspace(world, { callsPerSecond: 500, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts, settings: { retry: {} } })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return { workspace, campaignId, callIds: await permitAll(world, campaignId, noon) }
}

describe('a trunk that places no call', () => {
  it('stops the campaign after ten in a row, says what the carrier said, and starts anew with a resume', async () => {
    const { workspace, campaignId, callIds } = await callMany(12)
    const [last, next, ...first] = callIds
    for (const callId of first.slice(0, 9)) await tell(world, callId, forbidden)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'running', trunkFailures: 9 })
    await tell(world, last ?? '', forbidden)
    const stopped = await runtimeOf(world, campaignId)
    expect(stopped).toMatchObject({ status: 'error', trunkFailures: 10 })
    expect(stopped.errorReason).toContain('“The carrier does not permit this call (SIP 403).”')
    await resumeCampaign(world.apiDeps, workspace.who, { campaignId })
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'running', trunkFailures: 0 })
    await tell(world, next ?? '', forbidden)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'running', trunkFailures: 1 })
  })

  it('is no such trunk while somebody speaks about the callee in between', async () => {
    const { campaignId, callIds } = await callMany(20)
    for (const [i, callId] of callIds.entries()) await tell(world, callId, i === 8 || i === 16 ? busy : forbidden)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'running', trunkFailures: 3 })
  })
})
