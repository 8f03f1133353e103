import { expect, test } from 'vitest'
import { measureTone } from './measure.ts'
import { tone } from './tone.ts'
import { decodeWave, encodeWave } from './wav.ts'

const rate = 8_000

test('a tone is as loud as it was made, and all of it is the tone', () => {
  const { rms, toneShare, soundingMs } = measureTone(tone({ hz: 440, rate, samples: rate }), { hz: 440, rate })
  expect(rms).toBeCloseTo(0.354, 2)
  expect(toneShare).toBeGreaterThan(0.99)
  expect(soundingMs).toBe(1_000)
})

test('another tone, and silence, are told from it', () => {
  const other = measureTone(tone({ hz: 620, rate, samples: rate }), { hz: 440, rate })
  expect(other.rms).toBeGreaterThan(0.3)
  expect(other.toneShare).toBeLessThan(0.05)
  expect(measureTone(new Int16Array(rate), { hz: 440, rate })).toEqual({ rms: 0, toneShare: 0, soundingMs: 0 })
})

test('silence around it takes nothing from a tone', () => {
  const samples = new Int16Array(3 * rate)
  samples.set(tone({ hz: 440, rate, samples: rate }), rate)
  expect(measureTone(samples, { hz: 440, rate })).toMatchObject({ soundingMs: 1_000 })
  expect(measureTone(samples, { hz: 440, rate }).toneShare).toBeGreaterThan(0.99)
})

test('a continued tone has no click', () => {
  const whole = tone({ hz: 440, rate, samples: 400 })
  expect(tone({ hz: 440, rate, samples: 200, fromSample: 200 })).toEqual(whole.subarray(200))
})

test('a WAV file comes back, the shorter channel filled up with silence', () => {
  const wave = { rate: 16_000, channels: [Int16Array.of(1, -2, 32_767), Int16Array.of(-32_768)] }
  const file = encodeWave(wave)
  expect(file).toHaveLength(44 + 12)
  expect(decodeWave(file)).toEqual({ rate: 16_000, channels: [wave.channels[0], Int16Array.of(-32_768, 0, 0)] })
})

test('what is no WAV file is refused with what to do', () => {
  expect(() => decodeWave(Buffer.alloc(100))).toThrow(/convert it/)
})
