import { spawn } from 'node:child_process'

/**
 * Becomes the program, after leaving behind a guard that waits on descriptor 3, whose other end we hold. A line means
 * that all is over; its end without one means that we are gone, and the guard asks the program to stop.
 */
const script = '( (read -r _ <&3 || kill -TERM $$) >/dev/null 2>&1 & ); exec "$@" 3<&-'

/**
 * Starts a program in a process group of its own that ends with us, also when we are killed by SIGKILL.
 * `stdio` is that of node:child_process for the first three descriptors.
 */
export function spawnGuarded(file, args, { stdio, ...options }) {
  if (process.platform === 'win32') return spawn(file, args, { ...options, stdio })
  const child = spawn('/bin/sh', ['-c', script, 'sh', file, ...args], {
    ...options,
    stdio: [...stdio, 'pipe'],
    detached: true,
  })
  const guard = /** @type {import('node:net').Socket} */ (child.stdio[3])
  guard.on('error', () => {})
  child.once('exit', () => guard.end('over\n'))
  return child
}
