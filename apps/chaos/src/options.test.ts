import { expect, test } from 'vitest'
import { parseSeeds, readOptions } from './options.ts'

test('seeds are numbers, ranges and lists of them', () => {
  expect(parseSeeds('7')).toEqual([7])
  expect(parseSeeds('1..4')).toEqual([1, 2, 3, 4])
  expect(parseSeeds('3,9, 12..14,9')).toEqual([3, 9, 12, 13, 14])
})

test.each(['', 'x', '4..1', '1..', '1..99999', '-1', '1.5'])('%j are no seeds', (text) => {
  expect(() => parseSeeds(text)).toThrow(/1\.\.20/)
})

test('a single seed wins over a list, and both backends are run unless one is named', () => {
  const read = (...args: string[]) => readOptions(['node', 'chaos', ...args])
  expect(read('--seeds', '1..3', '--seed', '7')).toMatchObject({ seeds: [7], backends: ['postgres', 'redis'] })
  expect(read('--backend', 'redis', '--minutes', '2.5')).toMatchObject({ backends: ['redis'], minutes: 2.5 })
})
