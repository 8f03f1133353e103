import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Waits on its input, whose other end we hold. A line means that all is over; its end without one means that we are
 * gone, and the guard asks the program to stop.
 */
const guardScript = 'read -r _ || kill -TERM "$1"'

/**
 * Starts a program in a process group of its own that ends with us, also when we are killed by SIGKILL. `ended`
 * resolves to its exit code and signal once the program and its guard are gone, and rejects if it cannot be started.
 */
export function spawnGuarded(file, args, options) {
  const detached = process.platform !== 'win32'
  const child = spawn(file, args, { ...options, detached })
  return { child, ended: untilEnd(child, detached && child.pid ? startGuard(child.pid) : undefined) }
}

async function untilEnd(child, guard) {
  const [code, signal] = await once(child, 'exit')
  if (guard) {
    guard.stdin.end('over\n')
    await guard.gone
  }
  return { code, signal }
}

function startGuard(pid) {
  // Not in our process group: what kills us must not kill it.
  const guard = spawn('/bin/sh', ['-c', guardScript, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.stdin.on('error', () => {})
  return { stdin: guard.stdin, gone: once(guard, 'exit').catch(() => undefined) }
}
