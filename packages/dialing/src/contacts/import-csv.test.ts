import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts, csvRejects } from '@outdial/database/schema/contacts'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Who } from '../deps.ts'
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
import type { CsvFileInput } from './csv-files.ts'
import { importCsv } from './import-csv.ts'
import { csvOf, fakeNumber, importDeps, streamOf } from './testing.ts'

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

const upload = (content: string | Buffer, input: Partial<CsvFileInput> = {}) =>
  importCsv(importDeps(world), who, { fileName: 'people.csv', ...input, stream: streamOf(content) })

const contactsIn = (contactListId: string) =>
  world.db.select().from(contacts).where(eq(contacts.contactListId, contactListId)).orderBy(asc(contacts.id))

const rejectsOf = async (csvFileId: string) =>
  (
    await world.db
      .select()
      .from(csvRejects)
      .where(eq(csvRejects.csvFileId, csvFileId))
      .orderBy(asc(csvRejects.lineNumber))
  ).map((reject) => [reject.lineNumber, reject.code, reject.value])

describe('importing a contact file', () => {
  it('takes over an American file: comma, CRLF, quoted newlines, blank lines, byte order mark', async () => {
    const text = csvOf('\r\n', [
      '\ufeffPhone Number,First Name,Last Name,Notes,Customer ID',
      '(212) 555-0100,Ann,Doe,"said ""later""",c-1',
      '',
      '+1 310 555 0101,Bob,Müller,"line one\r\nline two",c-2',
      '212.555.0100,Eve,Li,again,c-3',
      '911,Joe,Ray,,c-4',
      'tel:+1-415-555-0103,,,,',
    ])
    const file = await upload(text, { defaultCountry: 'US' })
    expect(file).toMatchObject({
      status: 'imported',
      rows: 5,
      accepted: 3,
      duplicates: 1,
      invalid: 1,
      error: null,
      encoding: 'utf-8',
      delimiter: ',',
      bytes: Buffer.byteLength(text),
      finishedAt: expect.any(Date),
      mapping: {
        phoneNumber: 'Phone Number',
        firstName: 'First Name',
        lastName: 'Last Name',
        externalId: 'Customer ID',
      },
    })
    const [ann, bob, last] = await contactsIn(file.contactListId)
    expect(ann).toMatchObject({
      phoneNumber: '+12125550100',
      country: 'US',
      name: 'Ann Doe',
      externalId: 'c-1',
      lineNumber: 2,
      zoneKey: 'US@America/New_York',
      zoneSource: 'number',
      variables: { 'First Name': 'Ann', 'Last Name': 'Doe', Notes: 'said "later"', 'Customer ID': 'c-1' },
    })
    expect(bob).toMatchObject({ name: 'Bob Müller', lineNumber: 4, variables: { Notes: 'line one\r\nline two' } })
    expect(last).toMatchObject({ phoneNumber: '+14155550103', name: null, externalId: null, variables: {} })
    expect(await rejectsOf(file.id)).toEqual([
      [6, 'duplicate_number', '+12125550100'],
      [7, 'too_short', '911'],
    ])
  })

  it('takes over a French file: semicolon, Windows-1252', async () => {
    const text = csvOf('\r\n', [
      'Téléphone;Prénom;Nom;Société;Réf. client',
      '01 99 00 00 07;Zoë;Dupont;Müller & Söhne;c-1',
      '+44 (0)20 7946 0000;José;Doe;"Acme; Inc.";c-2',
      '0199000007;Anaïs;Novak;;c-3',
      'appelez-moi;Søren;;;',
    ])
    const file = await upload(Buffer.from(text, 'latin1'), { defaultCountry: 'FR' })
    expect(file).toMatchObject({
      rows: 4,
      accepted: 2,
      duplicates: 1,
      invalid: 1,
      encoding: 'windows-1252',
      delimiter: ';',
    })
    expect(await contactsIn(file.contactListId)).toMatchObject([
      {
        phoneNumber: '+33199000007',
        name: 'Zoë Dupont',
        zoneKey: 'FR@Europe/Paris',
        variables: { Société: 'Müller & Söhne' },
      },
      { phoneNumber: '+442079460000', country: 'GB', externalId: 'c-2', variables: { Société: 'Acme; Inc.' } },
    ])
  })

  it('counts a file of many chunks exactly', async () => {
    const rows: string[] = []
    for (let i = 0; i < 7_000; i++) {
      rows.push(i % 10 === 3 ? `nobody ${i},x` : `${fakeNumber(i % 10 === 7 ? i - 7 : i)},"name\n${i}"`)
    }
    const file = await upload(csvOf('\n', ['phone,name', ...rows]), { defaultCountry: 'US' })
    expect(file).toMatchObject({ rows: 7_000, accepted: 5_600, duplicates: 700, invalid: 700 })
    const rejects = await rejectsOf(file.id)
    expect(rejects).toHaveLength(1_400)
    // Each accepted or duplicate row is two lines, each invalid one is one.
    expect(rejects.slice(0, 3).map(([line]) => line)).toEqual([8, 15, 27])
    const taken = await contactsIn(file.contactListId)
    expect(taken.map((contact) => contact.lineNumber)).toEqual(
      taken.map((contact) => contact.lineNumber).sort((a, b) => Number(a) - Number(b)),
    )
  })

  it('keeps what the list has: same number or same external id is a duplicate', async () => {
    const first = await upload(`phone,id\n${fakeNumber(1)},a\n${fakeNumber(2)},b\n`, { defaultCountry: 'US' })
    const { contactListId } = first
    const again = await upload(
      `phone,id\n${fakeNumber(1)},z\n${fakeNumber(3)},b\n${fakeNumber(4)},c\n${fakeNumber(5)},c\n`,
      {
        contactListId,
        defaultCountry: 'US',
      },
    )
    expect(again).toMatchObject({ contactListId, rows: 4, accepted: 1, duplicates: 3 })
    expect((await rejectsOf(again.id)).map(([line, code]) => [line, code])).toEqual([
      [2, 'duplicate_number'],
      [3, 'duplicate_external_id'],
      [5, 'duplicate_external_id'],
    ])
    expect((await contactsIn(contactListId)).map((contact) => contact.externalId)).toEqual(['a', 'b', 'c'])
  })

  it('reads numbers by the country of their row', async () => {
    const text = csvOf('\n', [
      'phone,country',
      '01 99 00 00 01,France',
      '020 7946 0001,gb',
      '030 23125001,Deutschland',
      '2125550100,',
      '2125550101,1',
      '2125550102,Utopia',
      '2125550103,N/A',
      '+33199000002,Utopia',
    ])
    const file = await upload(text, { defaultCountry: 'US' })
    expect((await contactsIn(file.contactListId)).map((contact) => contact.phoneNumber)).toEqual([
      '+33199000001',
      '+442079460001',
      '+493023125001',
      '+12125550100',
      '+12125550101',
      '+12125550103',
      '+33199000002',
    ])
    expect(await rejectsOf(file.id)).toEqual([[7, 'unknown_country', '2125550102']])
  })

  it('believes the time zone of a row, if there is such a zone', async () => {
    const text = `phone,timezone\n${fakeNumber(1)},europe/paris\n${fakeNumber(2)},soon\n`
    const file = await upload(text, { defaultCountry: 'US' })
    expect(await contactsIn(file.contactListId)).toMatchObject([
      { zoneKey: 'FR,US@Europe/Paris', zoneSource: 'contact' },
      { zoneKey: 'US@America/New_York', zoneSource: 'number' },
    ])
  })

  it('keeps what has no column, and survives strange names and characters', async () => {
    const text = csvOf('\n', [
      '__proto__,phone,constructor',
      `a\0b,${fakeNumber(1)},c,extra,,`,
      `x,${fakeNumber(2)}`,
      `,${fakeNumber(3)},${'y'.repeat(10_001)}`,
    ])
    const file = await upload(text, { defaultCountry: 'US' })
    const [first, second] = await contactsIn(file.contactListId)
    expect(new Map(Object.entries(first?.variables ?? {}))).toEqual(
      new Map([
        ['__proto__', 'ab'],
        ['column 4', 'extra'],
        ['constructor', 'c'],
      ]),
    )
    expect(Object.entries(second?.variables ?? {})).toEqual([['__proto__', 'x']])
    expect(await rejectsOf(file.id)).toMatchObject([[4, 'cell_too_long', 'y'.repeat(200)]])
  })

  it('takes half a character in UTF-16 for a broken one', async () => {
    const text = Buffer.from(`\ufeffphone\tname\r\n${fakeNumber(1)}\tA\ud83d\r\n${fakeNumber(2)}\t😀\r\n`, 'utf16le')
    const file = await upload(text, { defaultCountry: 'US' })
    expect(file).toMatchObject({ encoding: 'utf-16le', delimiter: '\t', accepted: 2 })
    expect((await contactsIn(file.contactListId)).map((contact) => contact.name)).toEqual(['A\ufffd', '😀'])
  })

  it('reads a name from whatever columns there are', async () => {
    const name = async (text: string) =>
      (await contactsIn((await upload(text, { defaultCountry: 'US' })).contactListId))[0]?.name
    expect(await name(`phone,Vorname,Name\n${fakeNumber(1)},Ann,Doe\n`)).toBe('Ann Doe')
    expect(await name(`phone,first name,name\n${fakeNumber(1)},Ann,Ann Doe\n`)).toBe('Ann Doe')
    expect(await name(`phone,last name\n${fakeNumber(1)},Doe\n`)).toBe('Doe')
    expect(await name(`phone,first name,last name,full name\n${fakeNumber(1)},Ann,Doe,Dr. Doe\n`)).toBe('Dr. Doe')
  })
})

describe('importing into a list that is being called', () => {
  const text = `phone\n${Array.from({ length: 20 }, (_, i) => fakeNumber(100 + i)).join('\n')}`

  it.each(['running', 'paused', 'error'] as const)('feeds a campaign that is %s', async (executionStatus) => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 3 })
    await start(world, workspace, campaignId)
    await world.db
      .update(campaigns)
      .set({ executionStatus, ...(executionStatus === 'error' ? { errorReason: 'Test.' } : {}) })
      .where(eq(campaigns.id, campaignId))
    await upload(text, { contactListId, defaultCountry: 'US' })
    expect(await contactsOf(world, campaignId)).toHaveLength(23)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsTotal: 23, contactsWaiting: 23 })
  })

  it('leaves nobody out when the campaign starts in the middle of it', async () => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 3 })
    const many = `phone\n${Array.from({ length: 8_000 }, (_, i) => fakeNumber(i)).join('\n')}`
    const importing = upload(many, { contactListId, defaultCountry: 'US' })
    await start(world, workspace, campaignId)
    const { accepted } = await importing
    expect(accepted).toBe(8_000)
    expect(await contactsOf(world, campaignId)).toHaveLength(8_003)
  })
})
