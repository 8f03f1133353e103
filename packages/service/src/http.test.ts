import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import { type HttpServer, listen } from './http.ts'

const here = '127.0.0.1'
const opened: HttpServer[] = []

async function open(app: Hono): Promise<HttpServer> {
  const server = await listen(app, { port: 0, host: here })
  opened.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close({ deadlineMs: 0 })))
})

describe('listen', () => {
  test('answers on the port it tells', async () => {
    const { port } = await open(new Hono().get('/', (c) => c.text('hello')))
    const response = await fetch(`http://${here}:${port}/`)
    expect(await response.text()).toBe('hello')
  })

  test('a busy port is named, with what to do', async () => {
    const { port } = await open(new Hono())
    await expect(listen(new Hono(), { port, host: here })).rejects.toThrow(
      `port ${port} is in use: set PORT to another number or stop the process that has it`,
    )
  })

  test('an address of another machine is refused', async () => {
    await expect(listen(new Hono(), { port: 0, host: '192.0.2.1' })).rejects.toThrow('is no address of this machine')
  })
})

describe('close', () => {
  test('ends a connection that is kept alive', async () => {
    const server = await open(new Hono().get('/', (c) => c.text('hello')))
    const agent = new Agent({ keepAlive: true })
    const response = await request(server.port, agent)
    const { socket } = response
    response.resume()
    await once(response, 'end')
    const gone = once(socket, 'close')
    await server.close()
    await gone
    expect(socket.destroyed).toBe(true)
  })

  test('a running request is answered first, and no new one is taken', async () => {
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const server = await open(
      new Hono().get('/', async (c) => {
        started.resolve()
        await release.promise
        return c.text('finished')
      }),
    )
    const running = fetch(`http://${here}:${server.port}/`)
    await started.promise
    const closed = server.close()
    await expect(fetch(`http://${here}:${server.port}/`)).rejects.toThrow('fetch failed')
    release.resolve()
    expect(await (await running).text()).toBe('finished')
    await closed
  })

  test('a request that does not end is cut off at the deadline', async () => {
    const started = Promise.withResolvers<void>()
    const server = await open(
      new Hono().get('/', () => {
        started.resolve()
        return new Promise<Response>(() => {})
      }),
    )
    const running = fetch(`http://${here}:${server.port}/`)
    const failed = expect(running).rejects.toThrow('fetch failed')
    await started.promise
    await server.close({ deadlineMs: 50 })
    await failed
  })

  test('may be called again', async () => {
    const server = await open(new Hono())
    await Promise.all([server.close(), server.close()])
    await expect(server.close()).resolves.toBeUndefined()
  })
})

async function request(port: number, agent: Agent): Promise<IncomingMessage> {
  const [response] = await once(get({ host: here, port, agent }), 'response')
  return response
}
