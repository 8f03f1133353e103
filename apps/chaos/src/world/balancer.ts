import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type Balancer = { port: number; url: string; close(): Promise<void> }

/**
 * One address for several processes, as a load balancer before them: connections go round, past those that do not
 * accept. A process that accepts and then says nothing is not noticed.
 */
export async function startBalancer({ targets, port = 0 }: { targets: number[]; port?: number }): Promise<Balancer> {
  const sockets = new Set<Socket>()
  let turn = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, async (client) => {
    track(sockets, client)
    turn += 1
    const order = targets.map((_, index) => targets[(turn + index) % targets.length] ?? 0)
    const target = await firstToAccept(order)
    if (!target || client.destroyed) {
      client.resetAndDestroy()
      target?.destroy()
      return
    }
    track(sockets, target)
    join(client, target)
    join(target, client)
  })
  server.listen({ port, host: '127.0.0.1', backlog: 4_096 })
  await once(server, 'listening')
  const address = server.address()
  const ownPort = typeof address === 'object' && address ? address.port : port
  return {
    port: ownPort,
    url: `http://127.0.0.1:${ownPort}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function firstToAccept(ports: number[]): Promise<Socket | undefined> {
  for (const port of ports) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const { promise, resolve } = Promise.withResolvers<boolean>()
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    if (await promise) return socket
  }
  return undefined
}

/** A broken connection on one side is broken on the other. */
function join(from: Socket, to: Socket): void {
  from.pipe(to)
  from.on('close', () => to.destroy())
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => sockets.delete(socket))
}
