import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Post, type SendOptions, sendNotice } from './send-notice.ts'

type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string }

let server: Server
let port: number
let seen: Seen[]
let connections: number
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
      answer(response)
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen = []
  connections = 0
  answer = (response) => response.writeHead(204).end()
})

const inside: SendOptions = { allowPrivate: true }
const outside: SendOptions = { allowPrivate: false }
const loopback = [{ address: '127.0.0.1', family: 4 }]

const post = (host: string, rest: Partial<Post> = {}): Post => ({
  url: `http://${host}:${port}/hook?a=1`,
  headers: { 'webhook-id': 'one' },
  body: '{"text":"Grüße"}',
  ...rest,
})

describe('a notice', () => {
  it('arrives as it is, and any 2xx is enough', async () => {
    const result = await sendNotice(post('127.0.0.1'), inside)
    expect(result).toMatchObject({ status: 204, error: null, askedForMs: 0 })
    expect(seen).toMatchObject([{ method: 'POST', path: '/hook?a=1', body: '{"text":"Grüße"}' }])
    expect(seen[0]?.headers).toMatchObject({
      'webhook-id': 'one',
      'content-type': 'application/json',
      'content-length': '18',
      host: `127.0.0.1:${port}`,
    })
  })

  it.each([301, 302, 303, 307, 308])('follows no redirect (%i), wherever it leads', async (status) => {
    answer = (response) => response.writeHead(status, { location: '/other' }).end()
    const result = await sendNotice(post('127.0.0.1'), inside)
    expect(result).toMatchObject({ status, error: expect.stringContaining('no redirects') })
    expect(seen).toHaveLength(1)
  })

  it.each([400, 401, 404, 410, 500])('is not delivered with %i', async (status) => {
    answer = (response) => response.writeHead(status).end('reason')
    expect(await sendNotice(post('127.0.0.1'), inside)).toMatchObject({ status, error: `It answered ${status}.` })
  })

  it('tells how much time the receiver wants, where that is a number of seconds', async () => {
    answer = (response) => response.writeHead(429, { 'retry-after': '30' }).end()
    expect(await sendNotice(post('127.0.0.1'), inside)).toMatchObject({ askedForMs: 30_000 })
    answer = (response) => response.writeHead(503, { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }).end()
    expect(await sendNotice(post('127.0.0.1'), inside)).toMatchObject({ askedForMs: 0 })
  })

  it('counts when the status has come, however long the rest takes', async () => {
    answer = (response) => response.writeHead(200).write('and so on')
    expect(await sendNotice(post('127.0.0.1'), { ...inside, timeoutMs: 2_000 })).toMatchObject({ status: 200 })
  })

  it('lets an answer without end go', async () => {
    const isClosed = new Promise((resolve) => {
      answer = (response) => {
        response.writeHead(200)
        const pour = () => {
          while (!response.destroyed && response.write('x'.repeat(10_000)));
        }
        response.on('drain', pour).on('close', () => resolve('closed'))
        pour()
      }
    })
    expect(await sendNotice(post('127.0.0.1'), inside)).toMatchObject({ status: 200, error: null })
    expect(await isClosed).toBe('closed')
  })

  it('waits only so long for a status', async () => {
    answer = () => {}
    const result = await sendNotice(post('127.0.0.1'), { ...inside, timeoutMs: 100 })
    expect(result).toMatchObject({ status: null, error: expect.stringContaining('did not answer in time') })
  })

  it('waits only so long for the name of its host', async () => {
    const resolve = () => new Promise<never>(() => {})
    const result = await sendNotice(post('slow.example'), { ...inside, resolve, timeoutMs: 100 })
    expect(result).toMatchObject({ status: null, error: expect.stringContaining('did not answer in time') })
  })

  it('says what went wrong with the connection', async () => {
    const closed = createTcpServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port: closedPort } = closed.address() as AddressInfo
    const url = `http://127.0.0.1:${closedPort}/`
    expect((await sendNotice(post('', { url }), inside)).error).toBe('The connection failed (ECONNRESET).')
    await new Promise((resolve) => closed.close(resolve))
    expect((await sendNotice(post('', { url }), inside)).error).toBe('The connection failed (ECONNREFUSED).')
    const https = `https://127.0.0.1:${port}/`
    expect((await sendNotice(post('', { url: https }), inside)).error).toMatch(/certificate|connection failed/)
    expect((await sendNotice(post('', { url: 'no URL' }), inside)).error).toContain('ERR_INVALID_URL')
    expect((await sendNotice(post('none.example'), { ...inside, resolve: async () => [] })).error).toContain(
      'not found',
    )
    const gone = async () => {
      throw Object.assign(new Error('x'), { code: 'ENOTFOUND' })
    }
    expect((await sendNotice(post('gone.example'), { ...inside, resolve: gone })).error).toContain('was not found')
  })
})

describe('a private address', () => {
  const refusal = { status: null, error: expect.stringContaining('private or local address') }

  it.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '017700000001', '0x7f.1', '0177.0.0.1', '127.0.0.1.'],
    ...['１２７.０.０.１', '0', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]'],
    ...['[64:ff9b::127.0.0.1]', '[2002:7f00:1::]', '[fe80::1]', '169.254.169.254', '0xa9fea9fe', '10.0.0.1'],
  ])('is refused in the URL, spelt %s', async (host) => {
    expect(await sendNotice(post(host), outside)).toMatchObject(refusal)
    expect(connections).toBe(0)
  })

  it('is refused where the system knows the name', async () => {
    expect(await sendNotice(post('localhost'), outside)).toMatchObject(refusal)
    expect(await sendNotice(post('localhost.'), outside)).toMatchObject(refusal)
    expect(connections).toBe(0)
  })

  it.each([
    [[{ address: '127.0.0.1', family: 4 }]],
    [[{ address: '::ffff:127.0.0.1', family: 6 }]],
    [[{ address: '8.8.8.8', family: 4 }, ...loopback]],
    [[...loopback, { address: '2606:4700::1111', family: 6 }]],
  ])('is refused behind a name, also among others: %j', async (addresses) => {
    expect(await sendNotice(post('rebind.example'), { ...outside, resolve: async () => addresses })).toMatchObject(
      refusal,
    )
    expect(connections).toBe(0)
  })

  it('cannot come between the check and the connection: DNS is asked once, and its answer is the one connected to', async () => {
    let asked = 0
    // A name that no DNS knows: the connection can only have used what was checked.
    const resolve = async () => {
      asked += 1
      return asked === 1 ? loopback : [{ address: '192.0.2.1', family: 4 }]
    }
    expect(await sendNotice(post('changing.invalid'), { ...inside, resolve })).toMatchObject({ status: 204 })
    expect(asked).toBe(1)
    expect(seen[0]?.headers.host).toBe(`changing.invalid:${port}`)
  })

  it('is not reached by a redirect either', async () => {
    answer = (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end()
    expect(await sendNotice(post('127.0.0.1'), inside)).toMatchObject({ status: 302 })
    expect(seen).toHaveLength(1)
  })

  it('is reached where it is allowed', async () => {
    expect(await sendNotice(post('127.0.0.1'), inside)).toMatchObject({ status: 204 })
    expect(await sendNotice(post('localhost'), inside)).toMatchObject({ status: 204 })
    expect(await sendNotice(post('[::ffff:127.0.0.1]'), inside)).toMatchObject({ status: 204 })
  })
})
