import { contactLists, contacts, csvFiles } from '@outdial/database/schema/contacts'
import { auditLog } from '@outdial/database/schema/workspaces'
import { and, count, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Who } from '../deps.ts'
import { addWorkspace, openWorld, type World } from '../testing.ts'
import { archiveContactList, createContactList, readContactList } from './contact-lists.ts'
import {
  type CsvFile,
  type CsvFileInput,
  createCsvFile,
  csvRejectsAsCsv,
  listCsvFiles,
  readCsvFile,
} from './csv-files.ts'
import { failStaleImports, importCsv } from './import-csv.ts'
import { csvOf, fakeNumber, importDeps, streamOf, textOf } from './testing.ts'

let world: World
let who: Who
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  who = (await addWorkspace(world)).who
})

type Stream = AsyncIterable<Uint8Array>
const upload = (content: string | Stream, input: Partial<CsvFileInput> = {}) => {
  const stream = typeof content === 'string' ? streamOf(content) : content
  return importCsv(importDeps(world), who, { fileName: 'people.csv', defaultCountry: 'US', ...input, stream })
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => fakeNumber(from + i))
const fileOf = (rows: string[]) => csvOf('\n', ['phone', ...rows])
const onlyFile = async (): Promise<CsvFile> => {
  const { data } = await listCsvFiles(world.apiDeps, who, { limit: 2 })
  expect(data).toHaveLength(1)
  return data[0] as CsvFile
}
const contactsIn = async (contactListId: string) =>
  (await world.db.select({ count: count() }).from(contacts).where(eq(contacts.contactListId, contactListId)))[0]?.count

describe('two imports at once', () => {
  it('of the same file into the same list take every number once', async () => {
    const { id } = await createContactList(world.apiDeps, who, { name: 'Both' })
    const text = fileOf(numbers(0, 6_000))
    const backwards = fileOf(numbers(0, 6_000).reverse())
    const files = await Promise.all([text, backwards, text].map((each) => upload(each, { contactListId: id })))
    const sum = (key: 'accepted' | 'duplicates' | 'rows') => files.reduce((total, file) => total + file[key], 0)
    expect([sum('rows'), sum('accepted'), sum('duplicates')]).toEqual([18_000, 6_000, 12_000])
    expect(await contactsIn(id)).toBe(6_000)
  })
})

describe('an import that fails', () => {
  it('keeps what it has, says so, and can be repeated', async () => {
    const rows = numbers(0, 9_000)
    async function* breakingOff() {
      yield* streamOf(fileOf(rows.slice(0, 6_000)))
      // More than the reader looks ahead, so that chunks have been written.
      yield* streamOf(
        csvOf(
          '\n',
          Array.from({ length: 6_000 }, (_, i) => `nobody ${i} ${'.'.repeat(80)}`),
        ),
      )
      throw new Error('connection reset')
    }
    await expect(upload(breakingOff())).rejects.toThrow('connection reset')
    const failed = await onlyFile()
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('Upload the file again') })
    expect(failed.rows).toBeGreaterThan(0)
    expect(failed.rows).toBe(failed.accepted + failed.duplicates + failed.invalid)
    expect(await contactsIn(failed.contactListId)).toBe(failed.accepted)

    const { contactListId } = failed
    expect(await upload(fileOf(rows), { contactListId })).toMatchObject({
      status: 'imported',
      rows: 9_000,
      accepted: 9_000 - failed.accepted,
      duplicates: failed.accepted,
    })
  })

  it.each<[string, string, Partial<CsvFileInput>, object]>([
    ['an empty file', '', {}, { field: 'file', code: 'empty' }],
    ['no telephone numbers', 'name,city\nAnn,Rome\n', {}, { field: 'mapping.phoneNumber', code: 'no_phone_column' }],
    [
      ...(['a mapping to nowhere', `Tel,Wer\n${fakeNumber(1)},Ann\n`] as const),
      { mapping: { name: 'Name' } },
      { field: 'mapping.name', code: 'unknown_column', message: expect.stringContaining('"Tel", "Wer"') },
    ],
  ])('refuses %s and says why', async (_, text, input, field) => {
    await expect(upload(text, input)).rejects.toMatchObject({ name: 'InvalidInput', fields: [field] })
    const { message } = field as { message?: unknown }
    expect(await onlyFile()).toMatchObject({
      status: 'failed',
      rows: 0,
      finishedAt: expect.any(Date),
      error: message ?? expect.stringMatching(/./),
    })
  })

  it('ends as failed when its list is archived on the way', async () => {
    const { id } = await createContactList(world.apiDeps, who, { name: 'Old' })
    async function* slow() {
      yield* streamOf(fileOf(numbers(0, 20_000)))
      await archiveContactList(world.apiDeps, who, { contactListId: id })
      yield* streamOf(csvOf('\n', numbers(20_000, 40_000)))
    }
    await expect(upload(slow(), { contactListId: id })).rejects.toMatchObject({ code: 'list_archived' })
    const file = await onlyFile()
    expect(file).toMatchObject({ status: 'failed', error: expect.stringContaining('archived') })
    expect(await contactsIn(id)).toBe(file.accepted)
    await expect(upload('phone\n', { contactListId: id })).rejects.toMatchObject({ code: 'list_archived' })
  })

  it('may be empty below its header', async () => {
    expect(await upload('phone,name\n')).toMatchObject({ status: 'imported', rows: 0, accepted: 0 })
  })

  it('reports broken records and goes on', async () => {
    const file = await upload(
      csvOf('\n', ['phone,name', `${fakeNumber(1)},"Ann`, `${fakeNumber(2)},Bob`, 'x'.repeat(200_000), fakeNumber(3)]),
    )
    expect(file).toMatchObject({ status: 'imported', rows: 4, accepted: 2, invalid: 2 })
    const lines = (await textOf(csvRejectsAsCsv(world.apiDeps, who, { csvFileId: file.id }))).split('\r\n')
    expect(lines.map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
      'line_number code',
      '2 unclosed_quote',
      '4 record_too_long',
      '',
    ])
  })
})

describe('an import that stands still', () => {
  it('is failed by the sweep after ten minutes, and cannot go on after that', async () => {
    const begun = Promise.withResolvers<void>()
    const swept = Promise.withResolvers<void>()
    async function* stalled() {
      yield* streamOf(fileOf(numbers(0, 20_000)))
      begun.resolve()
      await swept.promise
      yield* streamOf(csvOf('\n', numbers(20_000, 40_000)))
    }
    const importing = upload(stalled())
    await begun.promise
    const minutes = (n: number) => new Date(Date.now() + n * 60_000)
    expect(await failStaleImports(world.deps, minutes(9))).toBe(0)
    expect(await failStaleImports({ ...world.deps, clockSpeed: 60 }, minutes(500))).toBe(0)
    expect(await failStaleImports(world.deps, minutes(11))).toBe(1)
    swept.resolve()
    await expect(importing).rejects.toMatchObject({ code: 'import_cut_off' })
    const file = await onlyFile()
    expect(file).toMatchObject({ status: 'failed', error: expect.stringContaining('nothing came in for ten minutes') })
    expect(await contactsIn(file.contactListId)).toBe(file.accepted)
    expect(await failStaleImports(world.deps, minutes(60))).toBe(0)
  })
})

describe('a file that is announced first', () => {
  it('is uploaded once', async () => {
    const file = await createCsvFile(world.apiDeps, who, { fileName: 'Spring 2026.CSV', defaultCountry: 'US' })
    expect(file).toMatchObject({ status: 'importing', rows: 0 })
    const [list] = await world.db.select().from(contactLists).where(eq(contactLists.id, file.contactListId))
    expect(list?.name).toBe('Spring 2026')
    const once = () =>
      importCsv(importDeps(world), who, { csvFileId: file.id, stream: streamOf(fileOf(numbers(0, 3))) })
    const results = await Promise.allSettled([once(), once()])
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(once()).rejects.toMatchObject({ code: 'import_begun' })
    expect(await readCsvFile(world.apiDeps, who, { csvFileId: file.id })).toMatchObject({
      status: 'imported',
      accepted: 3,
    })
    expect(await readContactList(world.apiDeps, who, file)).toMatchObject({ contacts: 3, importing: 0 })
  })

  it('is made once, however often the request comes', async () => {
    who = { ...who, newId: crypto.randomUUID() }
    const made = await Promise.all([1, 2, 3].map(() => createCsvFile(world.apiDeps, who, { fileName: 'a.csv' })))
    expect(new Set(made.map((file) => file.id))).toEqual(new Set([who.newId]))
    const lists = await world.db.select().from(contactLists).where(eq(contactLists.workspaceId, who.workspaceId))
    expect(lists).toHaveLength(1)
    const first = await upload(fileOf(numbers(0, 3)))
    async function* unread(): AsyncGenerator<Uint8Array> {
      yield* []
      throw new Error('was read')
    }
    expect(await upload(unread())).toEqual(first)
  })

  it('stays within its workspace', async () => {
    const file = await upload(fileOf(numbers(0, 3)))
    const stranger = (await addWorkspace(world)).who
    const { id: csvFileId, contactListId } = file
    await expect(readCsvFile(world.apiDeps, stranger, { csvFileId })).rejects.toMatchObject({ code: 'not_found' })
    await expect(csvRejectsAsCsv(world.apiDeps, stranger, { csvFileId }).next()).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(createCsvFile(world.apiDeps, stranger, { fileName: 'x', contactListId })).rejects.toMatchObject({
      fields: [{ field: 'contactListId', code: 'not_found' }],
    })
    expect(await listCsvFiles(world.apiDeps, stranger, { limit: 10 })).toEqual({ data: [], nextCursor: null })
  })

  it('leaves its trace in the audit log', async () => {
    const { id } = await upload(fileOf(numbers(0, 3)))
    const entries = await world.db
      .select({ action: auditLog.action, details: auditLog.details })
      .from(auditLog)
      .where(and(eq(auditLog.entityId, id), eq(auditLog.workspaceId, who.workspaceId)))
    expect(entries.map((entry) => entry.action)).toEqual(['csv_file.created', 'csv_file.imported'])
    expect(entries[1]?.details).toMatchObject({ rows: 3, accepted: 3 })
  })
})

describe('the database', () => {
  it('refuses counts that do not add up', async () => {
    const { id } = await upload(fileOf(numbers(0, 3)))
    await expect(world.db.update(csvFiles).set({ accepted: 4 }).where(eq(csvFiles.id, id))).rejects.toThrow()
  })
})
