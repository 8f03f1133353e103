import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'
import { TimerHeap } from './timer-heap.ts'

test('hands out timers by due time and order, without the canceled ones’ actions', () => {
  const random = seededRandom('heap')
  const heap = new TimerHeap()
  const timers = Array.from({ length: 5000 }, () => heap.push(Math.floor(random() * 500), () => {}))
  const canceled = new Set(timers.filter(() => random() < 0.7))
  for (const timer of canceled) heap.cancel(timer)
  // canceled timers do not pile up
  expect(heap.size).toBeLessThan(timers.length)

  const left = []
  for (let timer = heap.pop(); timer; timer = heap.pop()) if (timer.action) left.push(timer)
  const expected = timers.filter((timer) => !canceled.has(timer))
  expect(left).toEqual(expected.toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order))
  expect(heap.size).toBe(0)
})

test('canceling twice, or what has run, changes nothing', () => {
  const heap = new TimerHeap()
  const timer = heap.push(1, () => {})
  heap.cancel(timer)
  heap.cancel(timer)
  expect(heap.pop()).toBe(timer)
  const ran = heap.push(2, () => {})
  expect(heap.pop()).toBe(ran)
  heap.cancel(ran)
  expect(ran.action).toBeDefined()
  expect(heap.pop()).toBeUndefined()
})
