import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { findPorts } from '@outdial/chaos/ports'

/** Handed out before by this process: what is to use them may not have begun to. */
const taken = new Set<number>()

/** Different ports of 127.0.0.1 that were free for TCP and UDP a moment ago, and so was the next but one (for RTCP or video). */
export async function findUdpPorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const [port = 0] = await findPorts(1)
    const both = [port, port + 2]
    if (both.some((each) => taken.has(each))) continue
    for (const each of both) taken.add(each)
    if ((await isUdpFree(port)) && (await isUdpFree(port + 2))) ports.push(port)
  }
  return ports
}

export async function isUdpFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
