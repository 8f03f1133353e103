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

  test('it shows its start at its origin, and goes on from there', () => {
    const sunday = Date.UTC(2026, 2, 8, 6, 59)
    const clock = createClock({ speed: 60, originMs: start, startMs: sunday })
    expect(clock.now().getTime()).toBe(sunday)
    vi.setSystemTime(start + 1_000)
    expect(clock.now()).toEqual(new Date('2026-03-08T07:00:00Z'))
    expect(clock.realNow()).toEqual(new Date(start + 1_000))
    expect(clock.realDelayUntil(new Date('2026-03-08T08:00:00Z'))).toBe(60_000)
  })

  test('two processes with the same settings and the same real time agree, whatever their hosts say', () => {
    const settings = fc.record({
      speed: fc.integer({ min: 1, max: 1_000 }),
      originMs: fc.constant(start),
      startMs: fc.option(fc.integer({ min: 0, max: 10 ** 13 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(settings, fc.integer({ min: 0, max: 10 ** 9 }), (given, elapsedMs) => {
        const realNowMs = () => start + elapsedMs
        const one = createClock({ ...given, realNowMs }).now()
        vi.setSystemTime(start - elapsedMs)
        expect(createClock({ ...given, realNowMs }).now()).toEqual(one)
        expect(one.getTime()).toBe((given.startMs ?? start) + elapsedMs * given.speed)
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

  test('a start that is no time is refused by name', () => {
    expect(() => createClock({ speed: 1, originMs: 0, startMs: Number.NaN })).toThrow('startMs is NaN: give millisec')
  })
})
