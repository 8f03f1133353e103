import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what systems hand out by themselves, so that a port stays free while its process is being restarted. */
const range = { from: 20_000, to: 30_000 }

/** Whoever found a port may take a while to listen there: nobody else in this process is given it. */
const given = new Set<number>()

/** Different ports of 127.0.0.1 that were free a moment ago, and that were not found before. */
export async function findPorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > 100 * count) throw new Error(`There are no ${count} free ports from ${range.from} to ${range.to}.`)
    const port = randomInt(range.from, range.to)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
