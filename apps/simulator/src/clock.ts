import { TimerHeap } from './timer-heap.ts'

export type SimulatedClock = {
  speed: number
  /** Simulated time in ms since the epoch. */
  now: () => number
  /** Runs the action after so many simulated ms; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void
  close(): void
}

// setTimeout fires at once when the delay does not fit 31 bits
const longestTimerMs = 2 ** 31 - 1

/**
 * Simulated time: start + (real time − origin) × speed. Without a start it is the origin.
 * Actions run in the order they are due even when the process was held up, so that a run can be repeated.
 * An action that throws is handed to `onError`, so that no timer can end the process.
 */
export function createSimulatedClock(
  options: { speed: number; originMs: number; startMs?: number | undefined; realNowMs?: (() => number) | undefined },
  onError: (error: unknown) => void,
): SimulatedClock {
  const { speed, originMs, startMs = originMs, realNowMs = Date.now } = options
  const heap = new TimerHeap()
  let wakeUp: NodeJS.Timeout | undefined
  let wakeUpDueMs = Number.POSITIVE_INFINITY
  let isClosed = false

  function now() {
    return startMs + (realNowMs() - originMs) * speed
  }

  function schedule() {
    const first = heap.first()
    if (!first || isClosed || first.dueMs >= wakeUpDueMs) return
    clearTimeout(wakeUp)
    const realMs = Math.ceil((first.dueMs - now()) / speed)
    wakeUpDueMs = first.dueMs
    wakeUp = setTimeout(runDue, Math.min(Math.max(0, realMs), longestTimerMs))
  }

  function runDue() {
    wakeUpDueMs = Number.POSITIVE_INFINITY
    const until = now()
    for (let first = heap.first(); first && first.dueMs <= until; first = heap.first()) {
      const { action } = first
      heap.pop()
      try {
        action?.()
      } catch (error) {
        onError(error)
      }
    }
    schedule()
  }

  return {
    speed,
    now,
    after(delayMs, action) {
      const timer = heap.push(now() + Math.max(0, delayMs), action)
      schedule()
      return () => heap.cancel(timer)
    },
    close() {
      isClosed = true
      clearTimeout(wakeUp)
      heap.clear()
    },
  }
}

/** A time as LiveKit writes those of jobs and recordings. */
export function toNanoseconds(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000_000n
}
