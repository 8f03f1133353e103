import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type Line = {
  /** The address of the server, through this line. */
  url: string
  /** From now on nobody gets through, and who was connected is cut off. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** A TCP line to the server behind `target` that can be cut: an outage of any server, without stopping it. */
export async function layLine(target: string): Promise<Line> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isCut = false
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // the other side has gone
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer((near) => {
    track(near)
    if (isCut) return near.destroy()
    const far = track(connect(Number(port), hostname))
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = address !== null && typeof address === 'object' ? `${address.port}` : ''
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    cut() {
      isCut = true
      hangUp()
    },
    mend() {
      isCut = false
    },
    async close() {
      server.close()
      hangUp()
      await once(server, 'close')
    },
  }
}
