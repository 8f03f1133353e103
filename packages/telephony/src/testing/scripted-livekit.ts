import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'

/** What the scripted server does with a request: answer, break the connection after reading it, or never answer. */
export type Reply = { status?: number; json?: unknown; text?: string; contentType?: string } | 'reset' | 'silence'

export type Heard = { method: string; body: Record<string, unknown>; grants: Record<string, unknown> }

/** A LiveKit API over real HTTP that says what a test tells it to; `http://127.0.0.1` with a port of its own. */
export async function startScriptedLiveKit() {
  const heard: Heard[] = []
  const script = new Map<string, Reply[]>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const method = request.url?.split('/').pop() ?? ''
      const text = Buffer.concat(chunks).toString()
      heard.push({ method, body: text ? JSON.parse(text) : {}, grants: grantsOf(request.headers.authorization) })
      const replies = script.get(method) ?? []
      give(response, (replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 404, text: 'not scripted' })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    heard,
    /** Replies to `method` in turn; the last one stays. */
    on: (method: string, ...replies: Reply[]) => script.set(method, replies),
    bodiesOf: (method: string) => heard.filter((request) => request.method === method).map(({ body }) => body),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An error as LiveKit's Twirp server writes it. */
export function twirpError(
  status: number,
  code: string,
  { msg, meta }: { msg: string; meta?: Record<string, string> },
): Reply {
  return { status, json: meta ? { code, msg, meta } : { code, msg } }
}

/** A port of this machine where nobody listens. */
export async function unusedPort(): Promise<number> {
  const probe = createSocketServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

function give(response: ServerResponse, reply: Reply): void {
  if (reply === 'silence') return
  if (reply === 'reset') {
    response.destroy()
    return
  }
  const { status = 200, json, text, contentType = json === undefined ? 'text/plain' : 'application/json' } = reply
  response.writeHead(status, { 'Content-Type': contentType })
  response.end(json === undefined ? text : JSON.stringify(json))
}

function grantsOf(authorization: string | undefined): Record<string, unknown> {
  const payload = authorization?.split('.')[1]
  return payload ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : {}
}
