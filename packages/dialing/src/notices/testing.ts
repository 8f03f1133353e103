/** A receiver of notices, as a customer runs one, for tests. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = {
  path: string
  headers: IncomingHttpHeaders
  text: string
  body: { success: boolean; message: string; type: string; timestamp: string; data: Record<string, unknown> }
}

export type Receiver = {
  url: string
  received: Received[]
  /** How it answers; with 200 unless changed. */
  answer: (response: ServerResponse, received: Received) => void
  /** As if the machine were gone: connections are refused. Comes back on the same port. */
  goDown(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const got = {
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: JSON.parse(text) as Received['body'],
      }
      receiver.received.push(got)
      receiver.answer(response, got)
    })
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const goDown = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received: [],
    answer: (response) => response.writeHead(200).end(),
    goDown,
    comeBack: () => listen(port),
    close: async () => {
      if (server.listening) await goDown()
    },
  }
  return receiver
}
