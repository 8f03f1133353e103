import { ConfigError } from './config.ts'
import { createLogger, type Logger } from './log.ts'

/** What a started process gives back: `stop` finishes the work at hand and lets go of everything. */
export type Running = { stop(): Promise<void> }

/** `stopDeadlineMs` bounds how long a graceful stop may take (30 s unless given). */
export type RunOptions = { log?: Logger; stopDeadlineMs?: number }

/**
 * Runs a process from start to exit. SIGTERM or SIGINT stops it gracefully, a second one at once.
 * An unhandled error ends it with 1: a supervisor restarts it in a known state. Exit code 0 means a clean stop.
 */
export async function runProcess(
  name: string,
  start: () => Promise<Running>,
  { log = createLogger({ name }), stopDeadlineMs = 30_000 }: RunOptions = {},
): Promise<void> {
  const die = (message: string) => (error: unknown) => {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
    else log.fatal({ err: error }, message)
    process.exit(1)
  }
  process.on('uncaughtException', die('stopped by an error that nothing handled'))
  process.on('unhandledRejection', die('stopped by a rejected promise that nothing handled'))
  // Begun a moment later: a signal that came before anyone listened would end the process at once.
  const starting = Promise.resolve().then(start)
  stopOnSignal(starting, { log, stopDeadlineMs })
  await starting.then(() => log.info('started'), die('could not start'))
}

function stopOnSignal(starting: Promise<Running>, { log, stopDeadlineMs }: { log: Logger; stopDeadlineMs: number }) {
  let stopping = false
  const onSignal = async (signal: 'SIGTERM' | 'SIGINT') => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
    stopping = true
    log.info({ signal }, 'stopping; a second signal stops at once')
    setTimeout(() => {
      log.fatal({ stopDeadlineMs }, 'the stop took too long; work that was still running is left to the sweep')
      process.exit(1)
    }, stopDeadlineMs).unref()
    const running = await starting
    await running.stop()
    log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
