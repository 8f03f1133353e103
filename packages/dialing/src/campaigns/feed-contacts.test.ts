import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addContacts } from '../contacts/contacts.ts'
import { addCampaign, addWorkspace, callsOf, contactsOf, noon, openWorld, runtimeOf, type World } from '../testing.ts'
import { fillCampaign } from './fill-campaign.ts'
import { pauseCampaign, resumeCampaign, startCampaign, stopCampaign } from './lifecycle.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const someNumbers = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ phoneNumber: `+1212${prefix}${String(i).padStart(4, '0')}` }))

describe('a list that grows while its campaign starts', () => {
  it('loses nobody and takes nobody twice', async () => {
    const workspace = await addWorkspace(world)
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 40 })
    const append = (prefix: string) =>
      addContacts(world.apiDeps, workspace.who, { contactListId, contacts: someNumbers(prefix, 25) })
    const fill = () => fillCampaign(world.deps, { campaignId, now: noon })
    await Promise.all([
      append('551'),
      startCampaign(world.apiDeps, workspace.who, { campaignId }).then(() => Promise.all([fill(), fill()])),
      append('552'),
      append('553').then(() => append('554')),
    ])
    await fill()
    expect(await contactsOf(world, campaignId)).toHaveLength(140)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsTotal: 140, contactsWaiting: 140 })
  })

  it('feeds a campaign that pauses, resumes, stops and starts again', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
    const { campaignId, contactListId } = await addCampaign(world, workspace, {
      contacts: 2,
      // Those who come later live where it is seven in the morning.
      settings: { jurisdictionRules: 'warn' },
    })
    const { who } = workspace
    await startCampaign(world.apiDeps, who, { campaignId })
    await pauseCampaign(world.apiDeps, who, { campaignId })
    await addContacts(world.apiDeps, who, { contactListId, contacts: someNumbers('561', 3) })
    await fillCampaign(world.deps, { campaignId, now: noon })
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    expect(await callsOf(world, { campaignId })).toHaveLength(0)
    await resumeCampaign(world.apiDeps, who, { campaignId })
    await stopCampaign(world.apiDeps, who, { campaignId })
    await addContacts(world.apiDeps, who, { contactListId, contacts: someNumbers('562', 4) })
    expect(await contactsOf(world, campaignId)).toHaveLength(5)
    await startCampaign(world.apiDeps, who, { campaignId })
    await fillCampaign(world.deps, { campaignId, now: noon })
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    expect(await callsOf(world, { campaignId })).toHaveLength(9)
  })

  it('does not wait for a claim that is moving contacts it has taken over before', async () => {
    const workspace = await addWorkspace(world)
    const { campaignId } = await addCampaign(world, workspace, { contacts: 3 })
    const { who } = workspace
    const startAndFill = async () => {
      await startCampaign(world.apiDeps, who, { campaignId })
      await fillCampaign(world.deps, { campaignId, now: noon })
    }
    await startAndFill()
    await stopCampaign(world.apiDeps, who, { campaignId })
    await world.db.transaction(async (claim) => {
      // An indexed column, as a claim changes it: the row's key is then in the index twice.
      await claim.execute(sql`
        update campaign_contacts set due_at = due_at + interval '1 hour' where campaign_id = ${campaignId}`)
      await startAndFill()
    })
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsTotal: 3, contactsWaiting: 3 })
  })

  it('says which actions are allowed where one is not', async () => {
    const workspace = await addWorkspace(world)
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    const { who } = workspace
    await expect(pauseCampaign(world.apiDeps, who, { campaignId })).rejects.toMatchObject({
      code: 'wrong_transition',
      details: { allowed: ['start'] },
    })
    const repeat = () => startCampaign(world.apiDeps, who, { campaignId })
    const results = await Promise.all([repeat(), repeat(), repeat()])
    expect(results.filter((result) => result.changed)).toHaveLength(1)
    const stranger = await addWorkspace(world)
    await expect(startCampaign(world.apiDeps, stranger.who, { campaignId })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
