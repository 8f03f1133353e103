import { expect, test } from 'vitest'
import { parseSpeed, readOptions } from './options.ts'

const read = (...args: string[]) => readOptions(['node', 'conformance', ...args])

test('without options both targets are asked, and nothing is written', () => {
  expect(read()).toEqual({
    ...{ targets: ['simulator', 'livekit'], only: '', write: false, json: false, speed: 5, keep: undefined },
  })
})

test('one target, some cases, a folder for logs', () => {
  expect(read('--target', 'livekit', '--only', 'busy', '--keep', '/tmp/logs', '--write')).toMatchObject({
    ...{ targets: ['livekit'], only: 'busy', keep: '/tmp/logs', write: true },
  })
})

test.each(['0', 'fast', '1000', ''])('a speed of "%s" is refused', (text) => {
  expect(() => parseSpeed(text)).toThrow('from 1 to 100')
})
