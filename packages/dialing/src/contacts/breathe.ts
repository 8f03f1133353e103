import { setImmediate } from 'node:timers/promises'

const longestRunMs = 10

/** For long work in a process that serves others: call it between steps, and others get their turn every 10 ms. */
export function createBreather(): () => Promise<void> {
  let resumedMs = performance.now()
  return async () => {
    if (performance.now() - resumedMs < longestRunMs) return
    await setImmediate()
    resumedMs = performance.now()
  }
}
