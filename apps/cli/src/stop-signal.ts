/** Somebody asked the process to end before its work was done. */
export class Stopped extends Error {
  override name = 'Stopped'
  readonly exitCode: number

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`stopped by ${signal}`)
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/**
 * Fires with a Stopped when the process is asked to end. Whoever listens lets go of what it holds; a second signal
 * ends the process at once.
 */
export function watchForStop(onFirst: () => void = () => {}): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const stopped = new Stopped(signal)
      if (stop.signal.aborted) process.exit(stopped.exitCode)
      onFirst()
      stop.abort(stopped)
    })
  }
  return stop.signal
}
