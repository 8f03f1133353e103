import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
  client = await world.openClient()
})
afterAll(() => world.close())

const csv = { 'content-type': 'text/csv' }

describe('POST /suppressions', () => {
  it('forbids one number; repeating finds the same', async () => {
    const json = { phoneNumber: '(415) 555-0100', defaultCountry: 'US', reason: 'Asked by letter' }
    const first = await client.send('POST', '/suppressions', { json })
    expect(first).toMatchObject({ status: 201, body: { phoneNumber: '+14155550100', reason: 'Asked by letter' } })
    expect(idOf(await client.send('POST', '/suppressions', { json }))).toBe(idOf(first))
    expect((await client.send('GET', `/suppressions/${idOf(first)}`)).body).toEqual(first.body)
  })

  it('forbids many, and names those that are no numbers', async () => {
    const json = { phoneNumbers: ['+14155550111', '+14155550111', 'x'] }
    expect(await client.send('POST', '/suppressions', { json })).toMatchObject({
      status: 200,
      body: { added: 1, known: 1, invalid: [{ index: 2 }] },
    })
  })

  it('forbids those of a CSV file', async () => {
    const body = 'Nummer;Reason\n0151 23456789;Letter\nnobody;\n'
    const answer = await client.send('POST', '/suppressions?column=Nummer&defaultCountry=DE', { body, headers: csv })
    expect(answer).toMatchObject({ status: 200, body: { rows: 2, added: 1, invalid: 1, rejects: [{ line: 3 }] } })
  })

  it.each([
    [{}, 'phoneNumber'],
    [{ phoneNumber: '+14155550100', phoneNumbers: ['+14155550100'] }, 'phoneNumber'],
    [{ phoneNumbers: [] }, 'phoneNumbers'],
    [{ phoneNumbers: [7] }, 'phoneNumbers.0'],
    [{ phoneNumber: '+14155550100', why: 'so' }, 'why'],
  ])('refuses %j and names the field', async (json, field) => {
    const answer = await client.send('POST', '/suppressions', { json })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it('refuses what is no number', async () => {
    const answer = await client.send('POST', '/suppressions', { json: { phoneNumber: 'me' } })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'phoneNumber' }] } })
  })

  it('refuses a body without a type, a column that is not there, and unknown options', async () => {
    expect((await client.send('POST', '/suppressions')).status).toBe(400)
    const column = await client.send('POST', '/suppressions?column=Fax', { body: 'phone\n1', headers: csv })
    expect(column.status).toBe(422)
    const option = await client.send('POST', '/suppressions?colour=red', { body: 'phone\n1', headers: csv })
    expect(option).toMatchObject({ status: 400, body: { errors: [{ field: 'colour' }] } })
  })
})

describe('GET and DELETE /suppressions', () => {
  it('list, download, and allow again', async () => {
    const made = await client.send('POST', '/suppressions', { json: { phoneNumber: '+14155550122', reason: '=1+1' } })
    const listed = await client.send('GET', '/suppressions?limit=1')
    expect(listed.body.data).toEqual([made.body])
    for (const options of [
      { path: '/suppressions?format=csv' },
      { path: '/suppressions', headers: { accept: 'text/csv' } },
    ]) {
      const download = await client.send('GET', options.path, { headers: options.headers ?? {} })
      expect(download.headers.get('content-type')).toContain('text/csv')
      expect(download.text).toContain("'+14155550122,'=1+1,api,")
    }
    expect((await client.send('DELETE', `/suppressions/${idOf(made)}`)).status).toBe(204)
    expect((await client.send('DELETE', `/suppressions/${idOf(made)}`)).status).toBe(404)
    expect((await client.send('GET', '/suppressions?format=csv')).text).not.toContain('14155550122')
  })
})
