import { once } from 'node:events'
import { createServer } from 'node:net'

export type PortChoice = {
  port: number
  /** Somebody asked for exactly this one; otherwise the next free one will do. */
  isFixed: boolean
}

const portsToTry = 100

/** Calls `open` with the port, and with the next ones while they are taken. Throws what `open` throws. */
export async function openOnFreePort<T>(
  { port: first, isFixed }: PortChoice,
  { host, open }: { host: string; open: (port: number) => Promise<T> },
): Promise<T> {
  for (let port = first; ; port += 1) {
    try {
      return await open(port)
    } catch (error) {
      if (isFixed || port - first >= portsToTry || !(await isTaken(port, host))) throw error
    }
  }
}

async function isTaken(port: number, host: string): Promise<boolean> {
  const probe = createServer()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'))
  probe.listen({ port, host }, () => resolve(false))
  const taken = await promise
  if (!taken) {
    probe.close()
    await once(probe, 'close')
  }
  return taken
}
