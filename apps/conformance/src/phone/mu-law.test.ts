import { expect, test } from 'vitest'
import { tone } from '../sound/tone.ts'
import { decodeMuLaw, encodeMuLaw } from './mu-law.ts'

test('the corners of the table of G.711', () => {
  expect([...encodeMuLaw(Int16Array.of(0, 32_767, -32_768, -1))]).toEqual([0xff, 0x80, 0x00, 0x7f])
  expect([...decodeMuLaw(Uint8Array.of(0xff, 0x7f, 0x80, 0x00))]).toEqual([0, 0, 32_124, -32_124])
})

test('every code means a height that is coded as itself', () => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
  // There are two codes for zero.
  const expected = [...codes].map((code) => (code === 0x7f ? 0xff : code))
  expect([...encodeMuLaw(decodeMuLaw(codes))]).toEqual(expected)
})

test('a tone comes back within a thirtieth of its height', () => {
  const before = tone({ hz: 440, rate: 8_000, samples: 800 })
  const after = decodeMuLaw(encodeMuLaw(before))
  const worst = before.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (after[index] ?? 0))), 0)
  expect(worst).toBeLessThan(16_384 / 30)
})
