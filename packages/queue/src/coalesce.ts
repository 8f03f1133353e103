import { setTimeout as delay } from 'node:timers/promises'

/**
 * Sends at most one thing per key at a time, and no more often than every `restMs`. Calls that come meanwhile share one
 * more send, which starts afterwards with the latest value: a hundred ticks at once cost two round trips, and none of
 * them is answered by a send that began before it was called. `send` must not reject.
 */
export function coalesce<Value>(send: (key: string, value: Value) => Promise<void>, restMs = 0) {
  const busy = new Map<string, Promise<void>>()
  const waiting = new Map<string, { value: Value; sent: Promise<void> }>()

  function start(key: string, value: Value): Promise<void> {
    const sent = send(key, value)
    const rested = sent.then(() => delay(restMs)).then(() => void busy.delete(key))
    busy.set(key, rested)
    return sent
  }

  return (key: string, value: Value): Promise<void> => {
    const next = waiting.get(key)
    if (next) {
      next.value = value
      return next.sent
    }
    const current = busy.get(key)
    if (!current) return start(key, value)
    const entry = { value, sent: current }
    entry.sent = current.then(() => {
      waiting.delete(key)
      return start(key, entry.value)
    })
    waiting.set(key, entry)
    return entry.sent
  }
}
