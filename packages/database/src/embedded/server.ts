import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Cluster } from './cluster.ts'
import { startGuard } from './guard.ts'

type Child = ChildProcessByStdio<null, null, Readable>

/** `fast` ends connections and writes everything down; `immediate` drops everything, as a crash does. */
export type StopMode = 'fast' | 'immediate'

export type Server = { port: number; stop(mode?: StopMode): Promise<void> }
export type StartFailure = {
  ok: false
  reason: 'locked' | 'memory in use' | 'port taken' | 'other'
  /** The last lines the server logged. */
  output: string
}

/** How long a server may take to obey each of the signals in turn: finish, drop everything, be killed. */
const stopSteps = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 4_000 },
  { signal: 'SIGKILL', waitMs: 1_000 },
] as const

/** Resolves once the server accepts connections, or has ended without doing so. */
export async function launchServer(
  cluster: Cluster,
  options: { port: number; temporary: boolean; settings: string[]; log: ((line: string) => void) | undefined },
): Promise<{ ok: true; server: Server } | StartFailure> {
  const settings = [...settingsOf(options.temporary), ...options.settings].flatMap((setting) => ['-c', setting])
  const args = ['-D', cluster.dataDirectory, '-p', String(options.port), ...settings]
  const child = spawn(cluster.binaries.postgres, args, {
    ...cluster.account,
    cwd: cluster.dataDirectory,
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A session of its own: Ctrl-C in the terminal must not stop the database under those who still use it.
    detached: true,
  })
  const guard = child.pid ? startGuard(child.pid) : undefined
  const lastLines: string[] = []
  const isReady = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => lastLines.push(error.message))
    child.once('close', () => resolve(false))
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLines.push(line)
      if (lastLines.length > 20) lastLines.shift()
      options.log?.(line)
      if (line.includes('database system is ready to accept connections')) resolve(true)
    })
  })
  if (!isReady) {
    await guard?.release()
    return { ok: false, reason: reasonOf(lastLines), output: lastLines.join('\n') }
  }
  setReferenced(child, false)
  const stopServer = async (mode: StopMode = 'fast') => {
    await stop(child, mode)
    await guard?.release()
  }
  return { ok: true, server: { port: options.port, stop: stopServer } }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}

function settingsOf(temporary: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    // Read back from the command line by whoever finds the directory locked.
    `outdial.owner=${process.pid}`,
    ...(temporary ? ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'autovacuum=off'] : []),
  ]
}

function reasonOf(lines: string[]): StartFailure['reason'] {
  const output = lines.join('\n')
  if (/lock file ".*" (already exists|is empty)/.test(output)) return 'locked'
  if (output.includes('pre-existing shared memory block')) return 'memory in use'
  if (/Address already in use|could not create any TCP\/IP sockets/.test(output)) return 'port taken'
  return 'other'
}

async function stop(child: Child, mode: StopMode): Promise<void> {
  setReferenced(child, true)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (const { signal, waitMs } of mode === 'fast' ? stopSteps : stopSteps.slice(1)) {
    if (child.exitCode !== null || child.signalCode !== null) break
    child.kill(signal)
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, waitMs)
    await Promise.race([exited, timeout.promise])
    clearTimeout(timer)
  }
  child.stderr.destroy()
}

/** A server whose stop() was forgotten must not keep its process alive. */
function setReferenced(child: Child, referenced: boolean): void {
  const action = referenced ? 'ref' : 'unref'
  child[action]()
  ;(child.stderr as Socket)[action]()
}
