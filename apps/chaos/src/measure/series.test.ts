import { expect, test } from 'vitest'
import { median, peakOverlap, percentile, worstSecond } from './series.ts'

test('the worst second counts both ends of it once', () => {
  expect(worstSecond([])).toBe(0)
  expect(worstSecond([0, 1_000, 2_000])).toBe(1)
  expect(worstSecond([0, 999, 1_000, 1_998])).toBe(3)
  expect(worstSecond([5_000, 0, 5_500, 100, 5_999, 6_000])).toBe(3)
})

test('calls overlap while both are open, and not when one ends as the other begins', () => {
  expect(peakOverlap([])).toBe(0)
  expect(
    peakOverlap([
      { from: 0, to: 10 },
      { from: 10, to: 20 },
    ]),
  ).toBe(1)
  expect(
    peakOverlap([
      { from: 0, to: 10 },
      { from: 9, to: 20 },
      { from: 5, to: Number.POSITIVE_INFINITY },
    ]),
  ).toBe(3)
})

test('percentiles are values that were seen', () => {
  expect(percentile([], 0.5)).toBeNaN()
  expect(median([3, 1, 2])).toBe(2)
  expect(percentile([4, 1, 3, 2], 0.95)).toBe(4)
  expect(percentile([4, 1, 3, 2], 0.25)).toBe(1)
})
