import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { findUdpPorts } from '../servers/udp-ports.ts'
import { measureTone } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import { Listener } from './listener.ts'
import { openRtpLine } from './rtp-line.ts'
import { Speaker } from './speaker.ts'

const rate = 8_000

test('each side hears the other, from the moment it speaks, and both are kept', async () => {
  const [port = 0] = await findUdpPorts(1)
  const line = await openRtpLine({ port })
  const { socket, own, listener } = await openEar()
  line.speak(own, tone({ hz: 440, rate, samples: rate / 2 }))
  const speaker = new Speaker(tone({ hz: 660, rate, samples: rate / 2 }), 0)
  for (let nowMs = 20; nowMs <= 500; nowMs += 20) {
    for (const packet of speaker.due(nowMs)) socket.send(packet, port, '127.0.0.1')
  }
  await expect.poll(() => listener.heard().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(rate / 2)
  line.hush(own)
  const [sound, ...others] = line.soundsOf(own)
  expect(others).toEqual([])
  expect(measureTone(listener.heard(), { hz: 440, rate }).toneShare).toBeGreaterThan(0.9)
  expect(measureTone(sound?.heard ?? new Int16Array(), { hz: 660, rate }).toneShare).toBeGreaterThan(0.9)
  expect(measureTone(sound?.said ?? new Int16Array(), { hz: 440, rate }).soundingMs).toBeGreaterThanOrEqual(400)
  socket.close()
  await line.close()
})

test('a port that is used again brings another sound, and what comes late of the old one is dropped', async () => {
  const [port = 0] = await findUdpPorts(1)
  const line = await openRtpLine({ port })
  const { socket, own } = await openEar()
  const [first, second] = [new Speaker(new Int16Array(), 0), new Speaker(new Int16Array(), 0)]
  const send = (speaker: Speaker, nowMs: number) => {
    for (const packet of speaker.due(nowMs)) socket.send(packet, port, '127.0.0.1')
  }
  const heard = () => line.soundsOf(own).map((sound) => sound.heard.length)
  send(first, 20)
  await expect.poll(heard, { timeout: 10_000 }).toEqual([160])
  line.hush(own)
  send(first, 60)
  send(second, 40)
  await expect.poll(heard, { timeout: 10_000 }).toEqual([160, 320])
  socket.close()
  await line.close()
})

async function openEar() {
  const [socket, listener] = [createSocket('udp4'), new Listener()]
  socket.on('message', (packet) => listener.hear(packet))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, listener, own: socket.address().port }
}
