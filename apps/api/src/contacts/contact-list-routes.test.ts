import { addCampaign, addWorkspace, runtimeOf, start, type Workspace } from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, cursorOf, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
  workspace = await addWorkspace(world)
  client = await world.openClient(workspace.who.workspaceId)
})
afterAll(() => world.close())

const createList = async (name = 'List') => idOf(await client.send('POST', '/contact-lists', { json: { name } }))
const add = (id: string, json: unknown) => client.send('POST', `/contact-lists/${id}/contacts`, { json })

describe('/contact-lists', () => {
  it('are created, listed, read with their counts, and deleted', async () => {
    const id = await createList('Spring')
    const list = await client.send('GET', '/contact-lists')
    expect(list.body.data).toContainEqual(expect.objectContaining({ id, name: 'Spring' }))
    await add(id, { contacts: [{ phoneNumber: '+14155550100' }] })
    expect((await client.send('GET', `/contact-lists/${id}`)).body).toMatchObject({ contacts: 1, importing: 0 })
    expect((await client.send('DELETE', `/contact-lists/${id}`)).status).toBe(204)
    expect((await client.send('GET', '/contact-lists')).text).not.toContain(id)
    expect(await add(id, { contacts: [{ phoneNumber: '+14155550101' }] })).toMatchObject({
      status: 409,
      body: { code: 'list_archived' },
    })
  })

  it.each([{}, { name: '' }, { name: 'x'.repeat(201) }, { name: 'A', color: 'red' }])('refuse %j', async (json) => {
    expect((await client.send('POST', '/contact-lists', { json })).status).toBe(400)
  })

  it('cannot be deleted while a campaign runs on them', async () => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 1 })
    await start(world, workspace, campaignId)
    const answer = await client.send('DELETE', `/contact-lists/${contactListId}`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'list_in_use', campaignId } })
  })
})

describe('/contact-lists/:id/contacts', () => {
  it('skips repeated numbers and ids, and says of each what became of it', async () => {
    const id = await createList()
    const contacts = [
      { phoneNumber: '+14155550100', externalId: 'a', name: 'Ann', variables: { city: 'Rome', age: 7 } },
      { phoneNumber: '(415) 555-0100', country: 'US' },
      { phoneNumber: '+14155550102', externalId: 'a' },
      { phoneNumber: 'call me' },
    ]
    const { body, status } = await add(id, { contacts })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      accepted: 1,
      skipped: 2,
      invalid: 1,
      contacts: [
        { index: 0, status: 'accepted', id: expect.any(String) },
        { index: 1, status: 'skipped', code: 'duplicate_number' },
        { index: 2, status: 'skipped', code: 'duplicate_external_id' },
        { index: 3, status: 'invalid', reason: expect.any(String) },
      ],
    })
    const listed = await client.send('GET', `/contact-lists/${id}/contacts`)
    expect(listed.body.data).toEqual([
      expect.objectContaining({ phoneNumber: '+14155550100', name: 'Ann', variables: { city: 'Rome', age: '7' } }),
    ])
  })

  it('feeds a campaign that runs on the list', async () => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 1 })
    await start(world, workspace, campaignId)
    await add(contactListId, { contacts: [{ phoneNumber: '+14155550100' }] })
    expect((await runtimeOf(world, campaignId)).contactsTotal).toBe(2)
  })

  it('takes ten thousand at once and not one more', async () => {
    const id = await createList()
    const contacts = Array.from({ length: 10_000 }, (_, i) => ({ phoneNumber: `+1415${2_000_000 + i}` }))
    expect((await add(id, { contacts })).body).toMatchObject({ skipped: 0 })
    const answer = await add(id, { contacts: [...contacts, { phoneNumber: '+14155550100' }] })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'contacts', code: 'too_big' }] } })
  })

  it('pages in the order in which they came', async () => {
    const id = await createList()
    const numbers = ['+14155550103', '+14155550101', '+14155550102']
    await add(id, { contacts: numbers.map((phoneNumber) => ({ phoneNumber })) })
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const answer = await client.send('GET', `/contact-lists/${id}/contacts?limit=2${cursor}`)
      seen.push(...(answer.body.data as { phoneNumber: string }[]).map((contact) => contact.phoneNumber))
      if (!answer.body.nextCursor) break
      cursor = `&cursor=${cursorOf(answer)}`
    }
    expect(seen).toEqual(numbers)
  })

  it.each([
    [{ contacts: [] }, 'contacts'],
    [{ contacts: [{ name: 'Ann' }] }, 'contacts.0.phoneNumber'],
    [{ contacts: [{ phoneNumber: '+14155550100', colour: 'red' }] }, 'contacts.0.colour'],
    [{ contacts: [{ phoneNumber: '+14155550100' }], defaultCountry: 'XX' }, 'defaultCountry'],
    [{ contacts: 'all' }, 'contacts'],
  ])('refuses %j and names the field', async (json, field) => {
    const answer = await add(await createList(), json)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})
