import { expect, test } from 'vitest'
import { createCarrierLimits } from './carrier-limits.ts'

test('a trunk without limits lets everything in', () => {
  const limits = createCarrierLimits()
  for (let index = 0; index < 100; index += 1) expect(limits.admit('ST_a', 0)).toBeUndefined()
})

test('calls per second count over the window, and only on their trunk', () => {
  const limits = createCarrierLimits()
  limits.set('ST_a', { callsPerSecond: 2 })
  expect([0, 10, 20].map((at) => limits.admit('ST_a', at)?.reason)).toEqual([
    undefined,
    undefined,
    'Trunk CPS limit exceeded',
  ])
  expect(limits.admit('ST_b', 20)).toBeUndefined()
  expect(limits.admit('ST_a', 1001)).toBeUndefined()
})

test('concurrency counts what is under way', () => {
  const limits = createCarrierLimits()
  limits.set('ST_a', { concurrency: 1 })
  expect(limits.admit('ST_a', 0)).toBeUndefined()
  expect(limits.admit('ST_a', 0)).toEqual({ sipStatus: 503, reason: 'Trunk concurrent call limit exceeded' })
  limits.release('ST_a')
  expect(limits.admit('ST_a', 0)).toBeUndefined()
})
