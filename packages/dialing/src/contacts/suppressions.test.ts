import { inWorkspace } from '@outdial/database/client'
import { auditLog } from '@outdial/database/schema/workspaces'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Who } from '../deps.ts'
import { pageInput } from '../page.ts'
import { addWorkspace, openWorld, type World } from '../testing.ts'
import {
  addSuppression,
  addSuppressions,
  isSuppressed,
  listSuppressions,
  readSuppression,
  removeSuppression,
  suppressionInput,
  suppressionsInput,
} from './suppressions.ts'
import { importSuppressions, suppressionsAsCsv, suppressionsCsvInput } from './suppressions-csv.ts'
import { csvOf, fakeNumber, streamOf, textOf } from './testing.ts'

let world: World
let who: Who
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  who = (await addWorkspace(world)).who
})

const add = (input: object) => addSuppression(world.apiDeps, who, suppressionInput.parse(input))
const importText = (text: string | Buffer, input: object = {}) =>
  importSuppressions(world.apiDeps, who, { ...suppressionsCsvInput.parse(input), stream: streamOf(text) })
const isForbidden = (phoneNumber: string) =>
  inWorkspace(world.apiDeps.db, who.workspaceId, (tx) =>
    isSuppressed(tx, { workspaceId: who.workspaceId, phoneNumber }),
  )
const forbidden = async () =>
  (await listSuppressions(world.deps, who, { limit: 200 })).data.map((row) => row.phoneNumber).sort()

describe('a suppression', () => {
  it('forbids a number, as E.164 or as people write it', async () => {
    const row = await add({ phoneNumber: '(212) 555-0100', defaultCountry: 'us', reason: ' Asked by mail. ' })
    expect(row).toMatchObject({
      phoneNumber: '+12125550100',
      reason: 'Asked by mail.',
      source: 'api',
      createdAt: who.now,
    })
    expect((await add({ phoneNumber: '+15551230000' })).phoneNumber).toBe('+15551230000')
    expect(await forbidden()).toEqual(['+12125550100', '+15551230000'])
  })

  it('stays as it is when it is added again', async () => {
    const first = await add({ phoneNumber: '+12125550100', reason: 'first' })
    expect(await add({ phoneNumber: '+1 212 555 0100', reason: 'second' })).toEqual(first)
  })

  it('is refused for what is no number', async () => {
    await expect(add({ phoneNumber: 'nobody' })).rejects.toMatchObject({ fields: [{ field: 'phoneNumber' }] })
    await expect(add({ phoneNumber: '2125550100' })).rejects.toMatchObject({
      fields: [{ field: 'phoneNumber', code: 'needs_country_code' }],
    })
  })

  it('holds in its own workspace only', async () => {
    const { id } = await add({ phoneNumber: '+12125550100' })
    const stranger = (await addWorkspace(world)).who
    const asked = { workspaceId: stranger.workspaceId, phoneNumber: '+12125550100' }
    expect(await world.db.transaction((tx) => isSuppressed(tx, asked))).toBe(false)
    expect(await isForbidden('+12125550100')).toBe(true)
    for (const attempt of [readSuppression, removeSuppression]) {
      await expect(attempt(world.deps, stranger, { suppressionId: id })).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('can be taken back, and the log knows by whom', async () => {
    const { id } = await add({ phoneNumber: '+12125550100' })
    await removeSuppression(world.apiDeps, who, { suppressionId: id })
    expect(await forbidden()).toEqual([])
    await expect(removeSuppression(world.apiDeps, who, { suppressionId: id })).rejects.toMatchObject({
      code: 'not_found',
    })
    const entries = await world.db.select().from(auditLog).where(eq(auditLog.entityId, id))
    expect(entries.map((entry) => [entry.action, entry.actor, entry.details])).toEqual([
      ['suppression.added', 'test', {}],
      ['suppression.removed', 'test', { phoneNumber: '+12125550100', reason: '', source: 'api' }],
    ])
  })
})

describe('many suppressions', () => {
  it('are added at once, each answered for', async () => {
    await add({ phoneNumber: '+12125550100' })
    const input = {
      phoneNumbers: ['+12125550100', '212 555 0101', '+1 (212) 555-0101', 'nobody'],
      defaultCountry: 'US',
    }
    expect(await addSuppressions(world.apiDeps, who, suppressionsInput.parse(input))).toMatchObject({
      added: 1,
      known: 2,
      invalid: [{ index: 3, code: 'not_a_number' }],
    })
  })

  it('do not block each other, whatever their order', async () => {
    const phoneNumbers = Array.from({ length: 3_000 }, (_, i) => fakeNumber(i))
    const orders = [phoneNumbers, phoneNumbers.toReversed(), phoneNumbers.toReversed(), phoneNumbers]
    const results = await Promise.all(
      orders.map((each) =>
        addSuppressions(world.apiDeps, who, suppressionsInput.parse({ phoneNumbers: each, defaultCountry: 'US' })),
      ),
    )
    expect(results.reduce((sum, result) => sum + result.added, 0)).toBe(3_000)
  })

  it('are listed newest first, page by page', async () => {
    for (const phoneNumber of ['+12125550101', '+12125550102', '+12125550103']) await add({ phoneNumber })
    const first = await listSuppressions(world.apiDeps, who, { limit: 2 })
    const next = await listSuppressions(world.apiDeps, who, pageInput.parse({ limit: 2, cursor: first.nextCursor }))
    expect([...first.data, ...next.data].map((row) => row.phoneNumber)).toEqual([
      '+12125550103',
      '+12125550102',
      '+12125550101',
    ])
  })
})

describe('suppressions as CSV', () => {
  it.each([
    ['a column with a known name', 'name;Téléphone\nAnn;0199000001\nEve;0199000002\n', 'FR'],
    ['one column without a header', '+33199000001\n+33 1 99 00 00 02\n', undefined],
    ['numbers that are possible but not in use', '+33099000001\n+33099000002', undefined],
    ['a header that says nothing', 'who\n+33199000001\n+33199000002\n', undefined],
  ])('are taken from %s', async (_, text, defaultCountry) => {
    expect(await importText(text, { defaultCountry })).toMatchObject({ rows: 2, added: 2, known: 0, invalid: 0 })
    expect(await forbidden()).toHaveLength(2)
  })

  it('count and report what cannot be taken', async () => {
    await add({ phoneNumber: '+12125550100' })
    const text = csvOf('\n', ['phone', '+12125550100', '+12125550101', '+12125550101', 'nobody', '"+12125550102', 'x'])
    const result = await importText(text)
    expect(result).toMatchObject({ rows: 6, added: 1, known: 2, invalid: 3 })
    expect(result.rejects.map(({ line, code }) => [line, code])).toEqual([
      [5, 'not_a_number'],
      [6, 'unclosed_quote'],
      [7, 'not_a_number'],
    ])
  })

  it('can be told the column', async () => {
    const text = `first,second\n${fakeNumber(1)},${fakeNumber(2)}\n`
    await importText(text, { column: 'second', defaultCountry: 'US' })
    expect(await forbidden()).toEqual(['+12125500002'])
    await expect(importText(text, { column: 'third' })).rejects.toMatchObject({
      fields: [{ field: 'mapping.phoneNumber', code: 'unknown_column' }],
    })
  })

  it('come back in as they went out', async () => {
    const reasons = ['said, "never again"', '=1+1', 'zwei\nZeilen']
    for (const [i, reason] of reasons.entries()) await add({ phoneNumber: `+1212555010${i}`, reason })
    const text = await textOf(suppressionsAsCsv(world.apiDeps, who))
    expect(text.split('\r\n')[1]).toBe(`'+12125550100,"said, ""never again""",api,${who.now.toISOString()}`)
    who = (await addWorkspace(world)).who
    expect(await importText(text)).toMatchObject({ added: 3, invalid: 0 })
    const { data } = await listSuppressions(world.apiDeps, who, { limit: 10 })
    expect(data.map((row) => row.reason).sort()).toEqual(["'=1+1", 'said, "never again"', 'zwei\nZeilen'])
    expect(data.every((row) => row.source === 'import')).toBe(true)
  })

  it('go out in full, however many there are', async () => {
    const text = csvOf('\n', ['phone', ...Array.from({ length: 5_000 }, (_, i) => fakeNumber(i))])
    expect(await importText(text, { defaultCountry: 'US' })).toMatchObject({ added: 5_000 })
    const lines = (await textOf(suppressionsAsCsv(world.apiDeps, who))).trim().split('\r\n')
    expect(new Set(lines).size).toBe(5_001)
    expect(await isForbidden('+12125504999')).toBe(true)
  })
})
