import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

/** Ends a process with us, however we end. */
export type Guard = {
  /** The process has ended by itself: the guard goes too. */
  release(): Promise<void>
}

/**
 * Waits on its input, whose other end we hold. A line means that all is over; its end without one means that we are
 * gone, by SIGKILL too since the kernel closes it, and the guard asks the process to stop.
 */
const script = 'read -r _ || kill -INT "$1"'

/** Watches over a process that we started. The guard alone does not keep us alive. */
export function startGuard(pid: number): Guard {
  const guard = spawn('/bin/sh', ['-c', script, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Not in our process group: what kills us must not kill it.
    detached: true,
  })
  const gone = once(guard, 'exit').catch(() => undefined)
  guard.stdin.on('error', () => {})
  guard.unref()
  ;(guard.stdin as Socket).unref()
  return {
    release: async () => {
      guard.ref()
      guard.stdin.end('over\n')
      await gone
    },
  }
}
