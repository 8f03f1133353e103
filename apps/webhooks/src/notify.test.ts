import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEndpoint } from '@outdial/dialing/notices/endpoints'
import { testEndpoint } from '@outdial/dialing/notices/notices'
import { sweep } from '@outdial/dialing/sweep/sweep'
import { addCampaign, addWorkspace, noon, openWorld, start, type World } from '@outdial/dialing/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNotifying } from './notify.ts'

let world: World
const got: { type: string }[] = []
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    got.push(JSON.parse(Buffer.concat(chunks).toString()) as { type: string })
    response.end()
  })
})

beforeAll(async () => {
  world = await openWorld()
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  receiver.close()
  await world.close()
})

it('delivers when the sweep finds something due, and at once when somebody asks', async () => {
  const deps = { ...world.deps, allowPrivateNotices: true }
  const clock = { now: () => noon, realNow: () => new Date(), realDelayUntil: () => 0 }
  const workspace = await addWorkspace(world)
  const { port } = receiver.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const settings = { url, events: null, description: '', active: true }
  const { id: endpointId } = await createEndpoint(deps, workspace.who, settings)
  const notifying = await startNotifying(deps, clock)

  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await sweep(deps, noon)
  await expect.poll(() => got.map(({ type }) => type), { timeout: 20_000 }).toEqual(['campaign.started'])

  await testEndpoint(deps, workspace.who, { endpointId })
  await expect.poll(() => got.map(({ type }) => type), { timeout: 20_000 }).toEqual(['campaign.started', 'notice.test'])
  await notifying.stop()
}, 60_000)
