import { expect, test } from 'vitest'
import { measureTone } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import { Listener } from './listener.ts'
import { Speaker } from './speaker.ts'

const rate = 8_000

test('what one says the other hears: the tone, as long as it lasted, and silence after it', () => {
  const [speaker, listener] = [new Speaker(tone({ hz: 440, rate, samples: rate / 2 }), 0), new Listener()]
  for (let nowMs = 0; nowMs <= 1_000; nowMs += 20) for (const packet of speaker.due(nowMs)) listener.hear(packet)
  const heard = listener.heard()
  expect(heard).toHaveLength(rate)
  const { toneShare, soundingMs } = measureTone(heard, { hz: 440, rate })
  expect(soundingMs).toBe(500)
  expect(toneShare).toBeGreaterThan(0.99)
  expect(speaker.said()).toHaveLength(rate)
})

test('a lost packet is silence, and a late one finds its place', () => {
  const [speaker, listener] = [new Speaker(tone({ hz: 440, rate, samples: rate }), 0), new Listener()]
  const [first, lost, third, fourth] = speaker.due(80)
  if (!first || !lost || !third || !fourth) throw new Error('four packets are due after 80 ms')
  for (const packet of [first, fourth, third]) listener.hear(packet)
  const heard = listener.heard()
  expect(heard).toHaveLength(640)
  expect(heard.subarray(160, 320).every((sample) => sample === 0)).toBe(true)
  expect(heard.subarray(320, 480).some((sample) => sample !== 0)).toBe(true)
})

test('a key counts once for all packets that tell of it, and again when it is pressed again', () => {
  const listener = new Listener()
  const press = (code: number, timestamp: number) => {
    const packet = Buffer.alloc(16)
    packet.writeUInt16BE(0x8065, 0)
    packet.writeUInt32BE(timestamp, 4)
    packet.writeUInt8(code, 12)
    for (let times = 0; times < 3; times += 1) listener.hear(packet)
  }
  for (const [index, code] of [1, 1, 10, 11].entries()) press(code, index * 2_000)
  expect(listener.dtmf).toBe('11*#')
  expect(listener.heard()).toHaveLength(0)
})

test('keys that one presses the other hears, between what is said', () => {
  const samples = tone({ hz: 440, rate, samples: rate })
  const pressed = [
    { key: '9', afterMs: 200 },
    { key: '#', afterMs: 600 },
  ]
  const [speaker, listener] = [new Speaker({ samples, keys: pressed }, 0), new Listener()]
  for (let nowMs = 0; nowMs <= 1_000; nowMs += 20) for (const packet of speaker.due(nowMs)) listener.hear(packet)
  expect(listener.dtmf).toBe('9#')
  expect(measureTone(listener.heard(), { hz: 440, rate }).soundingMs).toBeGreaterThanOrEqual(600)
})
