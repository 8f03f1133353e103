import { listen } from '@outdial/service/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
  client = await world.openClient()
})
afterAll(() => world.close())

const csv = 'Name;Mobile\nAnn;0612345678\nBob;not a number\nCid;06 12 34 56 78\n'

describe('POST /csv-files', () => {
  it('imports a file of a form and tells what became of it', async () => {
    const form = new FormData()
    form.set('defaultCountry', 'FR')
    form.set('file', new File([csv], 'Été.csv', { type: 'text/csv' }))
    const answer = await client.send('POST', '/csv-files', { body: form })
    expect(answer.status).toBe(202)
    expect(answer.body).toMatchObject({
      fileName: 'Été.csv',
      status: 'imported',
      rows: 3,
      accepted: 1,
      duplicates: 1,
      invalid: 1,
    })
    expect(answer.headers.get('location')).toBe(`/api/v1/csv-files/${idOf(answer)}`)
    const rejects = await client.send('GET', `/csv-files/${idOf(answer)}/rejects`)
    expect(rejects.headers.get('content-type')).toContain('text/csv')
    expect(rejects.text.split('\r\n')).toHaveLength(4)
  })

  it('takes what is said about a small file also after it', async () => {
    const form = new FormData()
    form.set('file', new File([csv], 'a.csv'))
    form.set('defaultCountry', 'FR')
    form.set('mapping', '{"phoneNumber":"Mobile"}')
    const answer = await client.send('POST', '/csv-files', { body: form })
    expect(answer.body).toMatchObject({ defaultCountry: 'FR', accepted: 1 })
  })

  it('takes a raw body with its options in the query', async () => {
    const answer = await client.send('POST', '/csv-files?defaultCountry=FR&name=Spring', {
      body: csv,
      headers: { 'content-type': 'text/csv' },
    })
    expect(answer.body).toMatchObject({ fileName: 'Spring', accepted: 1 })
  })

  it.each([
    ['a mapping that is no JSON', { mapping: '{' }, 400, 'mapping'],
    ['an unknown field', { colour: 'red' }, 400, 'colour'],
    ['a country that is none', { defaultCountry: 'Narnia' }, 400, 'defaultCountry'],
    ['a list that is not there', { contactListId: '00000000-0000-7000-8000-000000000000' }, 422, 'contactListId'],
    ['a column that is not there', { mapping: '{"phoneNumber":"Fax"}' }, 422, 'mapping.phoneNumber'],
    ['NUL in a field', { name: 'a\0b' }, 400, 'name'],
  ])('refuses %s and names the field', async (_, fields, status, field) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    form.set('file', new File([csv], 'a.csv'))
    const answer = await client.send('POST', '/csv-files', { body: form })
    expect(answer).toMatchObject({ status, body: { errors: [{ field }] } })
  })

  it.each([
    ['no file', new FormData()],
    ['a file under another name', formOf('upload', csv)],
  ])('refuses a form with %s', async (_, form) => {
    const answer = await client.send('POST', '/csv-files', { body: form })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  it.each([
    ['multipart/form-data', 'no boundary', 400],
    ['multipart/form-data; boundary=X', 'no form', 400],
    [
      'multipart/form-data; boundary=X',
      '--X\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na,b',
      400,
    ],
    ['application/json', '{}', 415],
    ['text/csv', '', 422],
  ])('refuses a body of %s with %j', async (contentType, body, status) => {
    const answer = await client.send('POST', '/csv-files', { body, headers: { 'content-type': contentType } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it('gives a repeat with the same Idempotency-Key the same answer, and imports once', async () => {
    const send = () =>
      client.send('POST', '/csv-files?defaultCountry=FR', {
        body: csv,
        headers: { 'content-type': 'text/csv', 'idempotency-key': 'upload-1' },
      })
    const first = await send()
    const second = await send()
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })

  it('sends the address of the file before a long upload is over, and its numbers after it', async () => {
    const server = await listen(world.app, { port: 0, host: '127.0.0.1' })
    try {
      const rest = Promise.withResolvers<void>()
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/csv-files?defaultCountry=US`, {
        method: 'POST',
        headers: { 'x-api-key': client.apiKey, 'content-type': 'text/csv' },
        body: slowly(['phone,name\n+14155550100,Ann\n', '+14155550101,Bob\n'], rest.promise),
        duplex: 'half',
      })
      expect(answer.status).toBe(202)
      const path = answer.headers.get('location') ?? ''
      const meanwhile = await client.send('GET', path.replace('/api/v1', ''))
      expect(meanwhile.body).toMatchObject({ status: 'importing' })
      rest.resolve()
      expect(await answer.json()).toMatchObject({ status: 'imported', rows: 2 })
    } finally {
      await server.close()
    }
  })

  it('marks a file whose upload broke off as failed', async () => {
    const server = await listen(world.app, { port: 0, host: '127.0.0.1' })
    try {
      const abort = new AbortController()
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/csv-files?defaultCountry=US`, {
        method: 'POST',
        headers: { 'x-api-key': client.apiKey, 'content-type': 'text/csv' },
        body: slowly(['phone,name\n+14155550100,Ann\n', ''], Promise.withResolvers<void>().promise),
        duplex: 'half',
        signal: abort.signal,
      })
      const path = (answer.headers.get('location') ?? '').replace('/api/v1', '')
      abort.abort()
      await answer.text().catch(() => {})
      await expect.poll(async () => (await client.send('GET', path)).body.status, { timeout: 10_000 }).toBe('failed')
    } finally {
      await server.close()
    }
  })

  it('can be refused while a large upload is under way', async () => {
    const server = await listen(world.app, { port: 0, host: '127.0.0.1' })
    try {
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/csv-files?colour=red`, {
        method: 'POST',
        headers: { 'x-api-key': client.apiKey, 'content-type': 'text/csv' },
        body: 'phone\n'.padEnd(20_000_000, '+14155550100\n'),
      })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'colour' }] })
    } finally {
      await server.close()
    }
  })
})

describe('GET /csv-files', () => {
  it('lists files, also those of one list', async () => {
    const all = await client.send('GET', '/csv-files?limit=1')
    expect(all).toMatchObject({ status: 200, body: { data: [expect.anything()], nextCursor: expect.any(String) } })
    const none = await client.send('GET', `/csv-files?contactListId=${client.workspaceId}`)
    expect(none.body).toEqual({ data: [], nextCursor: null })
  })

  it.each(['/csv-files/nope', '/csv-files/nope/rejects', '/csv-files/00000000-0000-7000-8000-000000000000/rejects'])(
    'answers 404 for %s',
    async (path) => {
      expect(await client.send('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    },
  )
})

function formOf(part: string, content: string): FormData {
  const form = new FormData()
  form.set(part, new File([content], 'a.csv'))
  return form
}

/** The first part at once, the second one when `go` resolves. */
function slowly([first, second]: [string, string], go: Promise<void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode(first))
      await go
      controller.enqueue(encoder.encode(second))
      controller.close()
    },
  })
}
