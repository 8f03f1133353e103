/** One workspace never sees another through any route, whatever id it sends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, openApiWorld } from './testing/api-world.ts'
import { describedRoutes } from './testing/described-routes.ts'
import { type Seeded, seedWorkspace } from './testing/seed-workspace.ts'

let world: ApiWorld
let owner: Client
let stranger: Client
let theirs: Seeded
let own: Seeded

beforeAll(async () => {
  world = await openApiWorld()
  owner = await world.openClient()
  stranger = await world.openClient()
  theirs = await seedWorkspace(world, owner)
  own = await seedWorkspace(world, stranger)
})
afterAll(() => world.close())

const routes = describedRoutes()

describe('by id', () => {
  it.each(routes.filter(({ path }) => path.includes('{id}')))('$method $path is 404 for a stranger', async (route) => {
    const path = theirs.addressOf(route.path)
    const options = route.hasJsonBody ? { json: own.inputFor(route.path) } : {}
    expect(await stranger.send(route.method, path, options)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('leaves everything as it was', async () => {
    for (const { path } of routes.filter((route) => route.method === 'GET' && route.path.endsWith('/{id}'))) {
      expect((await owner.send('GET', theirs.addressOf(path))).status, path).toBe(200)
    }
  })
})

describe('in lists', () => {
  // Streams do not end.
  const lists = routes.filter(
    ({ method, path }) => method === 'GET' && !path.includes('{id}') && !path.endsWith('/events'),
  )
  it.each(lists)('$path shows nothing of others', async ({ path }) => {
    const { text, status } = await stranger.send('GET', path)
    expect(status).toBe(200)
    for (const id of [...Object.values(theirs.ids), owner.workspaceId]) expect(text).not.toContain(id)
  })

  it.each(['/calls', '/suppressions'])('%s as CSV shows nothing of others', async (path) => {
    const { text } = await stranger.send('GET', `${path}?format=csv`)
    expect(text.split('\r\n').filter(Boolean)).toHaveLength(2)
    for (const id of Object.values(theirs.ids)) expect(text).not.toContain(id)
  })

  it('filters by a foreign campaign to nothing', async () => {
    const answer = await stranger.send('GET', `/calls?campaignId=${theirs.ids.campaigns}`)
    expect(answer.body).toEqual({ data: [], nextCursor: null })
  })
})

describe('named in a body', () => {
  it.each([
    ['assistantId', 'assistants'],
    ['trunkId', 'trunks'],
    ['contactListId', 'contact-lists'],
  ])('a campaign cannot have the %s of others', async (field, kind) => {
    const json = { ...own.inputFor('/campaigns'), [field]: theirs.ids[kind] }
    const answer = await stranger.send('POST', '/campaigns', { json })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field, code: 'unknown_reference' }] } })
  })

  it('a campaign cannot have the file of others', async () => {
    const { contactListId: _, ...campaign } = own.inputFor('/campaigns')
    const json = { ...campaign, contactSource: 'csv_file', csvFileId: theirs.ids['csv-files'] }
    const answer = await stranger.send('POST', '/campaigns', { json })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'csvFileId' }] } })
  })

  it('an assistant cannot have the trunk of others', async () => {
    const json = { ...own.inputFor('/assistants'), trunkId: theirs.ids.trunks }
    expect((await stranger.send('POST', '/assistants', { json })).status).toBe(422)
  })

  it.each([
    ['assistantId', 'assistants', 404],
    ['campaignId', 'campaigns', 404],
    ['trunkId', 'trunks', 422],
  ])('a call cannot have the %s of others', async (field, kind, status) => {
    const json = { ...own.inputFor('/outbound-calls/initiate'), [field]: theirs.ids[kind] }
    expect((await stranger.send('POST', '/outbound-calls/initiate', { json })).status).toBe(status)
  })

  it('an upload cannot go into the list of others', async () => {
    const headers = { 'content-type': 'text/csv' }
    const path = `/csv-files?contactListId=${theirs.ids['contact-lists']}`
    expect((await stranger.send('POST', path, { body: 'phone\n+14155550100', headers })).status).toBe(422)
  })
})

it('keeps idempotency keys of two workspaces apart', async () => {
  const send = (client: Client, name: string) =>
    client.send('POST', '/contact-lists', { json: { name }, headers: { 'idempotency-key': 'same' } })
  const [first, second] = [await send(owner, 'Mine'), await send(stranger, 'Yours')]
  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.body).toMatchObject({ name: 'Yours' })
})
