import { addCampaign, addWorkspace, start, type Workspace } from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
  workspace = await addWorkspace(world)
  client = await world.openClient(workspace.who.workspaceId)
})
afterAll(() => world.close())

describe('/trunks', () => {
  const input = { name: 'Main', livekitTrunkId: 'ST_main', numbers: ['+14155550100'] }

  it('are created with careful limits, read, replaced, changed and deleted', async () => {
    const made = await client.send('POST', '/trunks', { json: input })
    expect(made).toMatchObject({
      status: 201,
      body: { provider: 'other', callsPerSecond: 1, maxConcurrency: 10, rampUpSeconds: 10 },
    })
    const path = `/trunks/${idOf(made)}`
    expect((await client.send('GET', path)).body).toEqual(made.body)
    const changed = await client.send('PATCH', path, { json: { callsPerSecond: 2.5 } })
    expect(changed).toMatchObject({ status: 200, body: { callsPerSecond: 2.5, numbers: ['+14155550100'] } })
    const replaced = await client.send('PUT', path, { json: { name: 'Main', livekitTrunkId: 'ST_main' } })
    expect(replaced).toMatchObject({ status: 200, body: { callsPerSecond: 1, numbers: [] } })
    expect((await client.send('DELETE', path)).status).toBe(204)
    expect((await client.send('GET', path)).status).toBe(404)
  })

  it('have one default: a new one takes over', async () => {
    const create = async (name: string) =>
      idOf(await client.send('POST', '/trunks', { json: { name, livekitTrunkId: `ST_${name}`, isDefault: true } }))
    const [first, second] = [await create('first'), await create('second')]
    const { body } = await client.send('GET', '/trunks')
    const defaults = (body.data as { id: string; isDefault: boolean }[]).filter((trunk) => trunk.isDefault)
    expect(defaults.map((trunk) => trunk.id)).toEqual([second])
    await client.send('PATCH', `/trunks/${first}`, { json: { isDefault: true } })
    expect((await client.send('GET', `/trunks/${second}`)).body.isDefault).toBe(false)
  })

  it('stand for one LiveKit trunk each: their limits would add up', async () => {
    const first = await client.send('POST', '/trunks', { json: { name: 'A', livekitTrunkId: 'ST_twin' } })
    const second = await client.send('POST', '/trunks', { json: { name: 'B', livekitTrunkId: 'ST_twin' } })
    expect(second).toMatchObject({ status: 409, body: { code: 'trunk_exists', trunkId: idOf(first) } })
    const race = await Promise.all(
      [1, 2, 3].map(() => client.send('POST', '/trunks', { json: { name: 'C', livekitTrunkId: 'ST_race' } })),
    )
    expect(race.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  })

  it('cannot be deleted while campaigns are on them', async () => {
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 1,
      settings: { trunkId: workspace.trunkId },
    })
    await start(world, workspace, campaignId)
    const answer = await client.send('DELETE', `/trunks/${workspace.trunkId}`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'trunk_in_use', campaigns: [{ id: campaignId }] } })
  })

  it.each([
    [{ livekitTrunkId: 'main' }, 'livekitTrunkId'],
    [{ callsPerSecond: 0 }, 'callsPerSecond'],
    [{ callsPerSecond: 1e308 }, 'callsPerSecond'],
    [{ maxConcurrency: 1.5 }, 'maxConcurrency'],
    [{ numbers: ['x'] }, 'numbers.0'],
    [{ provider: 'acme' }, 'provider'],
  ])('refuse %j and name the field', async (changes, field) => {
    const answer = await client.send('POST', '/trunks', { json: { ...input, ...changes } })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})

describe('/assistants', () => {
  const input = { name: 'Ann', agentName: 'ann', assistantEndCallUrl: 'https://example.com/ended', llm: { model: 'x' } }

  it('are created, read, replaced, changed and deleted', async () => {
    const made = await client.send('POST', '/assistants', { json: input })
    expect(made).toMatchObject({ status: 201, body: { ...input, prompt: '', questions: [], trunkId: null } })
    const path = `/assistants/${idOf(made)}`
    const changed = await client.send('PATCH', path, { json: { trunkId: workspace.trunkId } })
    expect(changed.body).toMatchObject({ trunkId: workspace.trunkId, llm: { model: 'x' } })
    const replaced = await client.send('PUT', path, { json: { name: 'Ann', agentName: 'ann' } })
    expect(replaced.body).toMatchObject({ trunkId: null, llm: {} })
    expect((await client.send('DELETE', path)).status).toBe(204)
    expect((await client.send('GET', '/assistants')).text).not.toContain(idOf(made))
  })

  it('cannot be deleted while campaigns speak through them', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    await start(world, workspace, campaignId)
    const answer = await client.send('DELETE', `/assistants/${workspace.assistantId}`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'assistant_in_use' } })
  })

  it.each([
    [{ agentName: '' }, 'agentName'],
    [{ assistantEndCallUrl: 'ftp://example.com' }, 'assistantEndCallUrl'],
    [{ questions: 'who?' }, 'questions'],
    [{ prompt: 'x'.repeat(20_001) }, 'prompt'],
    [{ stt: [] }, 'stt'],
  ])('refuse %j and name the field', async (changes, field) => {
    const answer = await client.send('POST', '/assistants', { json: { ...input, ...changes } })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})

describe('/workspace and /api-keys', () => {
  it('limit how often a number is called, 3 times in 24 hours unless they are told', async () => {
    const fresh = await world.openClient()
    const patch = (json: object) => fresh.send('PATCH', '/workspace', { json })
    expect((await fresh.send('GET', '/workspace')).body.attemptLimit).toEqual({ calls: 3, hours: 24 })
    const limit = { calls: 2, hours: 48 }
    expect(await patch({ attemptLimit: limit })).toMatchObject({ status: 200, body: { attemptLimit: limit } })
    expect((await patch({ name: 'Ours' })).body).toMatchObject({ name: 'Ours', attemptLimit: limit })
    expect((await patch({ attemptLimit: null })).body.attemptLimit).toBeNull()
    expect((await fresh.send('GET', '/workspace')).body).toMatchObject({ name: 'Ours', attemptLimit: null })
    const wrong = await patch({ attemptLimit: { calls: 0, hours: 24 } })
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'attemptLimit.calls' }] } })
  })

  it('show whose key it is, and a new key once', async () => {
    expect((await client.send('GET', '/workspace')).body).toMatchObject({ id: client.workspaceId, name: 'Test' })
    const made = await client.send('POST', '/api-keys', { json: { name: 'CI' } })
    expect(made).toMatchObject({ status: 201, body: { name: 'CI', secret: expect.stringMatching(/^odk_[\w-]{43}$/) } })
    const { text, body } = await client.send('GET', '/api-keys')
    expect(text).not.toContain(made.body.secret)
    expect(body.data).toContainEqual(
      expect.objectContaining({ id: idOf(made), prefix: String(made.body.secret).slice(0, 10) }),
    )
  })
})
