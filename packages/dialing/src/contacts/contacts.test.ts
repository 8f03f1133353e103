import { campaigns } from '@outdial/database/schema/campaigns'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Who } from '../deps.ts'
import { pageInput } from '../page.ts'
import {
  addCampaign,
  addWorkspace,
  contactsOf,
  openWorld,
  runtimeOf,
  start,
  type Workspace,
  type World,
} from '../testing.ts'
import { archiveContactList, createContactList, listContactLists, readContactList } from './contact-lists.ts'
import { addContacts, addContactsInput, listContacts } from './contacts.ts'
import { fakeNumber } from './testing.ts'

let world: World
let workspace: Workspace
let who: Who
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world)
  who = workspace.who
})

const newList = async () => (await createContactList(world.apiDeps, who, { name: 'People' })).id
const add = (contactListId: string, contacts: object[], defaultCountry = 'US') =>
  addContacts(world.apiDeps, who, { contactListId, ...addContactsInput.parse({ contacts, defaultCountry }) })

describe('adding contacts', () => {
  it('answers for each of them', async () => {
    const contactListId = await newList()
    const result = await add(contactListId, [
      {
        phoneNumber: fakeNumber(1),
        name: ' Ann ',
        externalId: 'a',
        variables: { plan: 'gold', age: 41, vip: true, x: null },
      },
      { phoneNumber: fakeNumber(1) },
      { phoneNumber: fakeNumber(2), externalId: 'a' },
      { phoneNumber: 'nobody' },
      { phoneNumber: '0199000001', country: 'FR', timezone: 'Europe/Berlin' },
      { phoneNumber: fakeNumber(3), timezone: 'Mars/Olympus' },
      { phoneNumber: fakeNumber(4), externalId: 'x'.repeat(256) },
      { phoneNumber: fakeNumber(5), country: 'Atlantis' },
    ])
    expect(result).toMatchObject({ accepted: 2, skipped: 2, invalid: 4 })
    expect(result.contacts.map((each) => ('code' in each ? `${each.status} ${each.code}` : each.status))).toEqual([
      'accepted',
      'skipped duplicate_number',
      'skipped duplicate_external_id',
      'invalid not_a_number',
      'accepted',
      'invalid unknown_timezone',
      'invalid external_id_too_long',
      'invalid unknown_country',
    ])
    const { data } = await listContacts(world.apiDeps, who, { contactListId, limit: 10 })
    expect(data).toMatchObject([
      {
        name: 'Ann',
        externalId: 'a',
        lineNumber: null,
        csvFileId: null,
        zoneKey: 'US@America/New_York',
        variables: { plan: 'gold', age: '41', vip: 'true' },
      },
      { phoneNumber: '+33199000001', country: 'FR', zoneKey: 'FR@Europe/Berlin', zoneSource: 'contact' },
    ])
    expect(data[0]?.id).toBe(result.contacts[0] && 'id' in result.contacts[0] && result.contacts[0].id)
  })

  it('skips all of them when the request comes again', async () => {
    const contactListId = await newList()
    const contacts = Array.from({ length: 10_000 }, (_, i) => ({ phoneNumber: fakeNumber(i), externalId: `c-${i}` }))
    expect(await add(contactListId, contacts)).toMatchObject({ accepted: 10_000, skipped: 0 })
    expect(await add(contactListId, contacts)).toMatchObject({ accepted: 0, skipped: 10_000 })
    expect(await readContactList(world.apiDeps, who, { contactListId })).toMatchObject({
      contacts: 10_000,
      importing: 0,
    })
  })

  it('skips the one whose external id is taken, and takes the next with that number', async () => {
    const contactListId = await newList()
    await add(contactListId, [{ phoneNumber: fakeNumber(1), externalId: 'a' }])
    const result = await add(contactListId, [
      { phoneNumber: fakeNumber(2), externalId: 'a' },
      { phoneNumber: fakeNumber(2), externalId: 'b' },
      { phoneNumber: fakeNumber(2), externalId: 'b' },
    ])
    expect(result.contacts.map((each) => each.status)).toEqual(['skipped', 'accepted', 'skipped'])
  })

  it('stores what JSON can hold and PostgreSQL cannot', async () => {
    const contactListId = await newList()
    const odd = { phoneNumber: `${fakeNumber(1)}\0`, name: 'A\0\ud83d', variables: { 'k\udc00\0': 'v\0\ud800' } }
    expect(await add(contactListId, [odd])).toMatchObject({ accepted: 1 })
    const { data } = await listContacts(world.apiDeps, who, { contactListId, limit: 10 })
    expect(data).toMatchObject([{ name: 'A\ufffd', variables: { 'k\ufffd': 'v\ufffd' } }])
  })

  it('feeds the campaigns that run on the list, and only those', async () => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 2 })
    const idle = await addCampaign(world, workspace, { contacts: 0 })
    await world.db.update(campaigns).set({ contactListId }).where(eq(campaigns.id, idle.campaignId))
    await start(world, workspace, campaignId)
    await add(contactListId, [
      { phoneNumber: fakeNumber(1) },
      { phoneNumber: fakeNumber(2) },
      { phoneNumber: fakeNumber(1) },
    ])
    expect(await contactsOf(world, campaignId)).toHaveLength(4)
    expect(await contactsOf(world, idle.campaignId)).toHaveLength(0)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsTotal: 4, contactsWaiting: 4 })
  })

  it('refuses a list that is archived or not there', async () => {
    const contactListId = await newList()
    await archiveContactList(world.apiDeps, who, { contactListId })
    await expect(add(contactListId, [{ phoneNumber: fakeNumber(1) }])).rejects.toMatchObject({ code: 'list_archived' })
    await expect(add(crypto.randomUUID(), [{ phoneNumber: fakeNumber(1) }])).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(add(crypto.randomUUID(), [{ phoneNumber: 'nobody' }])).rejects.toMatchObject({ code: 'not_found' })
  })

  it('takes at most ten thousand', () => {
    const contacts = Array.from({ length: 10_001 }, () => ({ phoneNumber: '1' }))
    expect(addContactsInput.safeParse({ contacts }).error?.issues).toMatchObject([{ path: ['contacts'] }])
  })
})

describe('contact lists', () => {
  it('are listed newest first, page by page, without archived ones', async () => {
    const ids = [await newList(), await newList(), await newList(), await newList()]
    await archiveContactList(world.apiDeps, who, { contactListId: ids[1] ?? '' })
    const first = await listContactLists(world.apiDeps, who, { limit: 2 })
    expect(first.data.map((list) => list.id)).toEqual([ids[3], ids[2]])
    const next = await listContactLists(world.apiDeps, who, pageInput.parse({ limit: 2, cursor: first.nextCursor }))
    expect(next).toMatchObject({ data: [{ id: ids[0] }], nextCursor: null })
  })

  it('page through their contacts in the order in which they came', async () => {
    const contactListId = await newList()
    await add(
      contactListId,
      Array.from({ length: 5 }, (_, i) => ({ phoneNumber: fakeNumber(5 - i), name: `${i}` })),
    )
    const first = await listContacts(world.apiDeps, who, { contactListId, limit: 3 })
    const { cursor } = pageInput.parse({ cursor: first.nextCursor })
    const next = await listContacts(world.apiDeps, who, { contactListId, limit: 3, ...(cursor ? { cursor } : {}) })
    expect([...first.data, ...next.data].map((contact) => contact.name)).toEqual(['0', '1', '2', '3', '4'])
    expect(next.nextCursor).toBeNull()
  })

  it('cannot be archived while a campaign runs on them', async () => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 1 })
    await start(world, workspace, campaignId)
    await expect(archiveContactList(world.apiDeps, who, { contactListId })).rejects.toMatchObject({
      code: 'list_in_use',
      details: { campaignId },
    })
    await world.db.update(campaigns).set({ executionStatus: 'idle' }).where(eq(campaigns.id, campaignId))
    const archived = await archiveContactList(world.apiDeps, who, { contactListId })
    expect(archived.archivedAt).toEqual(who.now)
    const later = { ...who, now: new Date(who.now.getTime() + 1000) }
    expect(await archiveContactList(world.apiDeps, later, { contactListId })).toEqual(archived)
  })

  it('belong to their workspace', async () => {
    const contactListId = await newList()
    const stranger = (await addWorkspace(world)).who
    const contacts = [{ phoneNumber: '+12125550100' }]
    const attempts = [readContactList, listContacts, archiveContactList, addContacts]
    for (const attempt of attempts) {
      const input = { contactListId, limit: 1, contacts }
      await expect(attempt(world.deps, stranger, input)).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('are made once for a request that is repeated', async () => {
    const again = { ...who, newId: crypto.randomUUID() }
    const made = await Promise.all([1, 2].map(() => createContactList(world.apiDeps, again, { name: 'Once' })))
    expect(made.map((list) => list.id)).toEqual([again.newId, again.newId])
  })
})
