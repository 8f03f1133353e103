import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

/** Sees to it that no process outlives the one that started it. */
export type Guard = {
  watch(pid: number): void
  /** It has ended: its number may belong to somebody else soon. */
  forget(pid: number): void
  /** Kills what is still watched. */
  close(): Promise<void>
}

/** Reads who is to be watched from us. The end of that input means that we are gone, by SIGKILL too. */
const script = `
while read -r verb pid; do
  case $verb in
    watch) pids="$pids $pid " ;;
    forget) pids="$(printf %s "$pids" | sed "s/ $pid / /g")" ;;
  esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done`

/** One shell for all processes of a world. It alone does not keep us alive. */
export function openGuard(): Guard {
  const shell = spawn('/bin/sh', ['-c', script], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    // Not in our process group: what kills us must not kill it.
    detached: true,
  })
  const gone = once(shell, 'exit').catch(() => undefined)
  shell.stdin.on('error', () => {})
  shell.unref()
  ;(shell.stdin as Socket).unref()
  return {
    watch: (pid) => void shell.stdin.write(`watch ${pid}\n`),
    forget: (pid) => void shell.stdin.write(`forget ${pid}\n`),
    async close() {
      shell.ref()
      shell.stdin.end()
      await gone
    },
  }
}
