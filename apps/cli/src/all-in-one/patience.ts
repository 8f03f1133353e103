import { setTimeout as delay } from 'node:timers/promises'

type Stoppable = { stop(): Promise<void> }

/** Real time in which phones that ring may settle by themselves, where they ring in a simulator. */
const patienceMs = 1_500

/**
 * Stops a dial worker. Phones of the real world settle within their ring timeout and are waited for; those of our own
 * simulator are cut off after a moment by closing it.
 */
export async function stopWithPatience(worker: Stoppable, simulator: { close(): Promise<void> } | null): Promise<void> {
  const stopped = worker.stop()
  if (!simulator) return stopped
  const timer = new AbortController()
  const tooLong = delay(patienceMs, 'too long' as const, { signal: timer.signal }).catch(() => 'in time' as const)
  const first = await Promise.race([stopped.then(() => 'in time' as const), tooLong])
  timer.abort()
  if (first === 'too long') await simulator.close()
  await stopped
}
