import { afterAll, beforeAll, expect, it } from 'vitest'
import { Conflict } from '../refusals.ts'
import { addCampaign, addWorkspace, after, openWorld, type World } from '../testing.ts'
import { patchCampaign } from './change-campaign.ts'
import { pauseCampaign, resumeCampaign, startCampaign } from './lifecycle.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const rounds = 12

it('people who start, pause, resume and edit a new campaign at once wait for each other, and nobody for ever', async () => {
  const workspace = await addWorkspace(world)
  for (let round = 0; round < rounds; round += 1) {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    const { apiDeps } = world
    const who = { ...workspace.who, now: after(round) }
    const wishes = [
      () => startCampaign(apiDeps, who, { campaignId }),
      () => pauseCampaign(apiDeps, who, { campaignId }),
      () => resumeCampaign(apiDeps, who, { campaignId }),
      () => patchCampaign(apiDeps, who, { campaignId, patch: { callDelayMs: round } }),
    ]
    const answers = await Promise.allSettled([...wishes, ...wishes, ...wishes].map((wish) => wish()))
    const broken = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    // "A campaign that is idle cannot pause" is an answer; a deadlock is none.
    expect(broken.filter((reason) => !(reason instanceof Conflict))).toEqual([])
  }
})
