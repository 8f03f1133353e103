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
 * Simulated time: origin + (real time − origin) × speed.
 * An action that throws is handed to `onError`, so that no timer can end the process.
 */
export function createSimulatedClock(
  options: { speed: number; originMs: number },
  onError: (error: unknown) => void,
): SimulatedClock {
  const { speed, originMs } = options
  const timers = new Set<NodeJS.Timeout>()

  function after(delayMs: number, action: () => void) {
    const realMs = Math.min(Math.max(0, Math.ceil(delayMs / speed)), longestTimerMs)
    const timer = setTimeout(() => {
      timers.delete(timer)
      try {
        action()
      } catch (error) {
        onError(error)
      }
    }, realMs)
    timers.add(timer)
    return () => {
      timers.delete(timer)
      clearTimeout(timer)
    }
  }

  return {
    speed,
    now: () => originMs + (Date.now() - originMs) * speed,
    after,
    close() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}
