import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClock } from './clock.ts'

const start = Date.UTC(2026, 10, 21, 9)

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['Date'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('createClock', () => {
  test('at speed 1 it shows the wall clock, whatever its origin', () => {
    const clock = createClock({ speed: 1, originMs: 0 })
    expect(clock.now().getTime()).toBe(start)
    vi.setSystemTime(start + 1_234)
    expect(clock.now().getTime()).toBe(start + 1_234)
  })

  test('at speed 60 a minute passes in a second', () => {
    const clock = createClock({ speed: 60, originMs: start })
    vi.setSystemTime(start + 1_000)
    expect(clock.now().getTime()).toBe(start + 60_000)
    expect(clock.toRealMs(30_000)).toBe(500)
    expect(clock.toClockMs(500)).toBe(30_000)
  })

  test('two processes with the same settings agree', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 10 ** 9 }), (speed, elapsedMs) => {
        const [one, other] = [createClock({ speed, originMs: start }), createClock({ speed, originMs: start })]
        vi.setSystemTime(start + elapsedMs)
        expect(one.now()).toEqual(other.now())
      }),
    )
  })

  test('the delay until a date leads exactly there, and is never negative', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 10 ** 6 }), (speed, aheadMs) => {
        vi.setSystemTime(start)
        const clock = createClock({ speed, originMs: start })
        const date = new Date(start + aheadMs * speed)
        expect(clock.realDelayUntil(new Date(start - 1))).toBe(0)
        vi.setSystemTime(start + clock.realDelayUntil(date))
        expect(clock.now()).toEqual(date)
      }),
    )
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('speed %d is refused', (speed) => {
    expect(() => createClock({ speed, originMs: 0 })).toThrow('give a number above 0')
  })
})
