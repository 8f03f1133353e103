import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { findUdpPorts, isUdpFree } from './udp-ports.ts'

test('many who ask at once get different ports, with room beside them', async () => {
  const ports = (await Promise.all(Array.from({ length: 40 }, () => findUdpPorts(3)))).flat()
  const used = ports.flatMap((port) => [port, port + 2])
  expect(new Set(used).size).toBe(used.length)
})

test('a port that somebody listens on is not free', async () => {
  const [port = 0] = await findUdpPorts(1)
  expect(await isUdpFree(port)).toBe(true)
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  await once(socket, 'listening')
  expect(await isUdpFree(port)).toBe(false)
  socket.close()
})
