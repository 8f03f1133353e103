import { type HttpApp, listen } from '@outdial/service/http'

export type Door = {
  port: number
  /** From now on this app answers. */
  open(app: HttpApp): void
  close(): Promise<void>
}

/**
 * Holds a port before there is an app: others have to be told the address first. Whoever comes early is asked to wait.
 * @throws an error that says what to do when the port cannot be used
 */
export async function createDoor(address: { port: number; host: string }): Promise<Door> {
  let current: HttpApp = { fetch: () => tooEarly() }
  const server = await listen({ fetch: (request, env) => current.fetch(request, env) }, address)
  return {
    port: server.port,
    open: (app) => {
      current = app
    },
    close: () => server.close({ deadlineMs: 2_000 }),
  }
}

function tooEarly(): Response {
  const status = 503
  const detail = 'The server is starting. Try again in a moment.'
  const body = { type: 'about:blank', title: 'Service Unavailable', status, code: 'starting', detail }
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json', 'retry-after': '1' } })
}
