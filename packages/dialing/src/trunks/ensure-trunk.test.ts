import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWorld, type World } from '../testing.ts'
import { createWorkspace } from '../workspaces/workspaces.ts'
import { ensureTrunk } from './ensure-trunk.ts'
import { archiveTrunk, listTrunks } from './trunks.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const wish = { livekitTrunkId: 'ST_env', fromNumber: '+12125550100' }

async function addOwner() {
  const by = { actor: 'setup', now: new Date() }
  return { workspaceId: (await createWorkspace(world.deps, { name: 'Default' }, by)).id, ...by }
}

const trunksOf = async (who: Awaited<ReturnType<typeof addOwner>>) =>
  (await listTrunks(world.apiDeps, who, { limit: 10 })).data

it('gives a workspace without a trunk that of the environment, once, however many start at once', async () => {
  const who = await addOwner()
  const made = await Promise.all([1, 2, 3].map(() => ensureTrunk(world.apiDeps, who, wish)))
  expect(made.filter(Boolean)).toHaveLength(1)
  expect(await trunksOf(who)).toMatchObject([
    { livekitTrunkId: 'ST_env', numbers: ['+12125550100'], isDefault: true, provider: 'other' },
  ])
})

it('leaves a workspace alone that has a trunk, or whose people removed this one', async () => {
  const who = await addOwner()
  await ensureTrunk(world.apiDeps, who, { livekitTrunkId: 'ST_first' })
  expect(await ensureTrunk(world.apiDeps, who, wish)).toBe(false)
  const [first] = await trunksOf(who)
  await archiveTrunk(world.apiDeps, who, { trunkId: first?.id ?? '' })
  expect(await ensureTrunk(world.apiDeps, who, { livekitTrunkId: 'ST_first' })).toBe(false)
  expect(await ensureTrunk(world.apiDeps, who, wish)).toBe(true)
})
