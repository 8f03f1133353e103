import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

const closeDeadlineMs = 5_000

/** Anything that answers requests: a Hono app is one. */
export type HttpApp = { fetch(request: Request, env?: object): Response | Promise<Response> }

export type HttpServer = {
  /** The port in use, also when 0 was asked for. */
  port: number
  /**
   * Takes no more connections, ends idle ones, lets running requests finish and cuts them off at the deadline.
   * Long streams should be ended by their owner first, or they last until the deadline.
   */
  close(options?: { deadlineMs?: number }): Promise<void>
}

/** @throws an error that says what to do when the port or the address cannot be used */
export async function listen(app: HttpApp, { port, host }: { port: number; host?: string }): Promise<HttpServer> {
  const server = createServer(getRequestListener((request, env) => app.fetch(request, env)))
  await open(server, { port, host })
  const address = server.address() as AddressInfo
  return { port: address.port, close: ({ deadlineMs = closeDeadlineMs } = {}) => close(server, deadlineMs) }
}

function open(server: Server, { port, host }: { port: number; host?: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, { port, host })))
  server.listen({ port, host }, resolve)
  return promise
}

function explain(error: NodeJS.ErrnoException, { port, host }: { port: number; host?: string }): Error {
  const cause = { cause: error }
  if (error.code === 'EADDRINUSE') {
    return new Error(`port ${port} is in use: set PORT to another number or stop the process that has it`, cause)
  }
  if (error.code === 'EACCES') {
    return new Error(`port ${port} needs more rights: set PORT to a number above 1023`, cause)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new Error(`${host} is no address of this machine: set HOST to one that is, or to 0.0.0.0`, cause)
  }
  return error
}

async function close(server: Server, deadlineMs: number): Promise<void> {
  if (!server.listening) return
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  // A connection that is kept alive after its last response would hold the server open.
  const idleTimer = setInterval(() => server.closeIdleConnections(), 50)
  const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs)
  await promise
  clearInterval(idleTimer)
  clearTimeout(deadline)
}
