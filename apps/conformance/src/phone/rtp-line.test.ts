import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { findPorts } from '@outdial/chaos/ports'
import { expect, test } from 'vitest'
import { measureTone } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import { Listener } from './listener.ts'
import { openRtpLine } from './rtp-line.ts'
import { Speaker } from './speaker.ts'

const rate = 8_000

test('who speaks is answered with the speech for that port, and both sides are kept', async () => {
  const [port = 0] = await findPorts(1)
  const asked: number[] = []
  const line = await openRtpLine({
    port,
    speech: async (remotePort) => {
      asked.push(remotePort)
      return tone({ hz: 440, rate, samples: rate / 2 })
    },
  })
  const [socket, listener] = [createSocket('udp4'), new Listener()]
  socket.on('message', (packet) => listener.hear(packet))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const own = socket.address().port
  const speaker = new Speaker(tone({ hz: 660, rate, samples: rate / 2 }), 0)
  for (let nowMs = 20; nowMs <= 500; nowMs += 20) {
    for (const packet of speaker.due(nowMs)) socket.send(packet, port, '127.0.0.1')
  }
  await expect.poll(() => listener.heard().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(rate / 2)
  const [sound, ...others] = line.soundsOf(own)
  expect(others).toEqual([])
  expect(asked).toEqual([own])
  expect(measureTone(listener.heard(), { hz: 440, rate }).toneShare).toBeGreaterThan(0.99)
  expect(measureTone(sound?.heard ?? new Int16Array(), { hz: 660, rate }).toneShare).toBeGreaterThan(0.99)
  expect(measureTone(sound?.said ?? new Int16Array(), { hz: 440, rate }).soundingMs).toBeGreaterThanOrEqual(400)
  socket.close()
  await line.close()
})

test('a port that is used again brings another sound', async () => {
  const [port = 0] = await findPorts(1)
  const line = await openRtpLine({ port, speech: async () => undefined })
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const own = socket.address().port
  const speakers = [1, 2].map(() => new Speaker(new Int16Array(), 0))
  for (const [index, speaker] of speakers.entries()) {
    for (const packet of speaker.due(20)) socket.send(packet, port, '127.0.0.1')
    await expect.poll(() => line.soundsOf(own).length, { timeout: 10_000 }).toBe(index + 1)
  }
  socket.close()
  await line.close()
})
