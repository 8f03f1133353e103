import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addCampaign, addWorkspace, openWorld, type World } from '../testing.ts'
import { patchCampaign } from './change-campaign.ts'
import { startCampaign } from './lifecycle.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

it('neither an edit nor a start waits for a claim that has the lane and whose calls refer to the campaign', async () => {
  const { who, ...workspace } = await addWorkspace(world)
  const { campaignId } = await addCampaign(world, { who, ...workspace }, { contacts: 1 })
  await world.db.transaction(async (tx) => {
    // What the foreign key of an inserted call does.
    await tx.execute(sql`select 1 from campaigns where id = ${campaignId} for key share`)
    await tx.execute(sql`update lanes set pass = pass + 1 where trunk_id = ${workspace.trunkId}`)
    await startCampaign(world.apiDeps, who, { campaignId })
    expect(await patchCampaign(world.apiDeps, who, { campaignId, patch: { weight: 7 } })).toMatchObject({ weight: 7 })
  })
})
