import type { QueueName } from './jobs.ts'

/** Where an error came from. `payload` is there when it concerns one job. */
export type ErrorContext = {
  queue?: QueueName
  payload?: object
  /** Nothing is to be done: what was lost is found by the sweep. */
  swept?: boolean
}

export type OnError = (error: Error, about: ErrorContext) => void

const quietMs = 10_000

/**
 * Passes on errors of connections. All objects on a connection tell of the same failure, and each reconnect tells
 * again: the same words about the same queue are passed on once per ten seconds.
 */
export function connectionErrors(onError: OnError): OnError {
  const seen = new WeakSet<Error>()
  const lastToldMs = new Map<string, number>()
  return (error, about) => {
    const words = `${about.queue ?? ''} ${error.message}`
    const nowMs = performance.now()
    const quiet = nowMs - (lastToldMs.get(words) ?? Number.NEGATIVE_INFINITY) < quietMs
    if (seen.has(error) || quiet) return
    seen.add(error)
    if (lastToldMs.size > 100) lastToldMs.clear()
    lastToldMs.set(words, nowMs)
    onError(error, about)
  }
}
