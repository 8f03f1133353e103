import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setInterval } from 'node:timers/promises'

const everyMs = 50

/**
 * Writes to the disk that `directory` is on, twenty times a second. What comes back ends it and tells how long the
 * longest write took to be there for good, in ms: a disk that stood still is not what was to be measured.
 */
export function watchDisk(directory: string): () => Promise<number> {
  const ending = new AbortController()
  const longest = watch(join(directory, 'disk-watch'), ending.signal)
  // Nobody may be there to hear of it: a measurement that fails does not ask.
  longest.catch(() => {})
  return () => {
    ending.abort()
    return longest
  }
}

async function watch(path: string, signal: AbortSignal): Promise<number> {
  await using file = await open(path, 'w')
  let longestMs = 0
  try {
    for await (const _ of setInterval(everyMs, null, { signal, ref: false })) {
      const beganMs = performance.now()
      await file.write('.', 0)
      await file.datasync()
      longestMs = Math.max(longestMs, performance.now() - beganMs)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return longestMs
}
