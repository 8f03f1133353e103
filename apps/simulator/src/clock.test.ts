import { expect, test } from 'vitest'
import { createSimulatedClock } from './clock.ts'
import { waitFor } from './testing.ts'

test('simulated time runs from the origin at the given speed', () => {
  const originMs = Date.now() - 1000
  const clock = createSimulatedClock({ speed: 60, originMs }, () => {})
  const before = Date.now()
  const now = clock.now()
  expect(now).toBeGreaterThanOrEqual(originMs + (before - originMs) * 60)
  expect(now).toBeLessThanOrEqual(originMs + (Date.now() - originMs) * 60)
})

test('simulated time begins where it was told to', () => {
  const originMs = Date.now() - 1000
  const startMs = Date.UTC(2026, 2, 8, 7)
  const clock = createSimulatedClock({ speed: 60, originMs, startMs }, () => {})
  const before = Date.now()
  const now = clock.now()
  expect(now).toBeGreaterThanOrEqual(startMs + (before - originMs) * 60)
  expect(now).toBeLessThanOrEqual(startMs + (Date.now() - originMs) * 60)
})

test('an action runs when its simulated time has come, not before, and not when it was canceled', async () => {
  const clock = createSimulatedClock({ speed: 100, originMs: Date.now() }, () => {})
  const started = clock.now()
  const ran: number[] = []
  const cancel = clock.after(500, () => ran.push(-1))
  clock.after(1000, () => ran.push(clock.now() - started))
  cancel()
  await waitFor('the action', () => ran.length > 0)
  expect(ran).toHaveLength(1)
  expect(ran[0]).toBeGreaterThanOrEqual(1000)
  clock.close()
})

test('actions run in the order they are due, however late the process is', async () => {
  const clock = createSimulatedClock({ speed: 1000, originMs: Date.now() }, () => {})
  const ran: string[] = []
  clock.after(300_000, () => ran.push('later'))
  clock.after(10_000, () => ran.push('sooner'))
  blockFor(350)
  await waitFor('both', () => ran.length === 2)
  expect(ran).toEqual(['sooner', 'later'])
  clock.close()
})

test('an action that throws is reported, and a delay beyond what a timer holds does not fire at once', async () => {
  const errors: unknown[] = []
  const clock = createSimulatedClock({ speed: 1000, originMs: 0 }, (error) => errors.push(error))
  let firedTooEarly = false
  clock.after(1e18, () => {
    firedTooEarly = true
  })
  clock.after(1, () => {
    throw new Error('boom')
  })
  await waitFor('the error', () => errors.length > 0)
  expect(firedTooEarly).toBe(false)
  clock.close()
})

function blockFor(realMs: number) {
  const until = Date.now() + realMs
  while (Date.now() < until);
}
