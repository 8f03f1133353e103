import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEar, type Sound } from './ear.ts'
import { silence, speak } from './voice.ts'
import { readWav, WavError, writeWav } from './wav.ts'

const sampleRate = 8_000

/** What an ear notices of sounds one after the other, however they are cut into pieces. */
function hear(parts: Int16Array[], pieceLength = 160): Sound[] {
  const listen = createEar({ sampleRate })
  const whole = Int16Array.from(parts.flatMap((part) => [...part]))
  const pieces = Array.from({ length: Math.ceil(whole.length / pieceLength) }, (_, index) =>
    whole.subarray(index * pieceLength, (index + 1) * pieceLength),
  )
  return pieces.flatMap((piece) => listen(piece))
}

const quiet = (ms: number) => silence(ms, sampleRate)
const noise = (ms: number, loudness: number) => quiet(ms).map((_, index) => (index % 2 === 0 ? loudness : -loudness))

describe('an ear', () => {
  test('hears that somebody speaks, and for how long', () => {
    const sounds = hear([quiet(500), noise(1_000, 4_000), quiet(1_000), noise(400, 4_000), quiet(1_000)])
    expect(sounds).toEqual([
      { kind: 'begins' },
      { kind: 'ends', soundMs: 1_000 },
      { kind: 'begins' },
      { kind: 'ends', soundMs: 400 },
    ])
  })

  test('takes words with pauses between them for one speech', () => {
    const sounds = hear([noise(400, 4_000), quiet(300), noise(400, 4_000), quiet(1_000)])
    expect(sounds).toEqual([{ kind: 'begins' }, { kind: 'ends', soundMs: 1_100 }])
  })

  test('does not hear a noise of the line, nor a click', () => {
    expect(hear([noise(2_000, 60), noise(60, 20_000), quiet(1_000)])).toEqual([])
  })

  test('takes whoever never stops to have stopped some time', () => {
    const sounds = hear([noise(13_000, 4_000)])
    expect(sounds.slice(0, 2)).toEqual([{ kind: 'begins' }, { kind: 'ends', soundMs: 12_000 }])
  })

  test('hears the same however the sound is cut into pieces', () => {
    const parts = [quiet(300), noise(700, 2_000), quiet(900), noise(500, 9_000), quiet(700)]
    const whole = hear(parts)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), (length) => {
        expect(hear(parts, length)).toEqual(whole)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the voice', () => {
  test('is heard as one speech, about as long as its syllables', () => {
    const words = speak('Hello, did everything arrive?', sampleRate)
    expect(words.length / sampleRate).toBeGreaterThan(1)
    const sounds = hear([words, quiet(1_000)])
    expect(sounds).toHaveLength(2)
    expect(sounds[1]).toMatchObject({ kind: 'ends' })
  })

  test('always says the same in the same way, and other things otherwise', () => {
    expect(speak('Hello', sampleRate)).toEqual(speak('hello', sampleRate))
    expect(speak('Hello', sampleRate)).not.toEqual(speak('Hullo', sampleRate))
  })

  test('stays below what overdrives a line, and makes a sound for any script', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== '')
    fc.assert(
      fc.property(texts, (text) => {
        const loudest = speak(text, sampleRate).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
        expect(loudest).toBeGreaterThan(1_000)
        expect(loudest).toBeLessThan(20_000)
      }),
      { numRuns: 30 },
    )
  })

  test('is silent about nothing', () => expect(speak(' ', sampleRate)).toHaveLength(0))
})

describe('a recording', () => {
  const samples = Int16Array.of(1, -2, 32_767, -32_768, 0, 7)

  test('comes back as it was written', () => {
    expect(readWav(writeWav(samples, sampleRate), sampleRate)).toEqual(samples)
  })

  test('of another rate is brought to ours', () => {
    const tone = speak('aaa', 16_000)
    const read = readWav(writeWav(tone, 16_000), sampleRate)
    expect(read).toHaveLength(tone.length / 2)
    expect([...read].every((sample, index) => sample === tone[index * 2])).toBe(true)
  })

  test('with two channels and other chunks is mixed', () => {
    const stereo = writeWav(Int16Array.of(100, 300, -50, 50), sampleRate)
    stereo.writeUInt16LE(2, 22)
    const odd = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
    const file = Buffer.concat([stereo.subarray(0, 36), odd, stereo.subarray(36)])
    expect(readWav(file, sampleRate)).toEqual(Int16Array.of(200, 0))
  })

  test.each([
    ['text', Buffer.from('hello')],
    ['a file without sound', writeWav(samples, sampleRate).subarray(0, 36)],
    ['a float file', changed(20, 3)],
    ['a file of 8 bit', changed(34, 8)],
  ])('that is %s is refused with what to do', (_, file) => {
    expect(() => readWav(file, sampleRate)).toThrow(WavError)
    expect(() => readWav(file, sampleRate)).toThrow(/PCM, 16 bit/)
  })

  function changed(at: number, value: number): Buffer {
    const file = writeWav(samples, sampleRate)
    file.writeUInt16LE(value, at)
    return file
  }
})
