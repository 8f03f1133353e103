import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { inheritedEnvironment } from '../config.ts'
import type { Guard } from './guard.ts'

export type ProcessOptions = {
  /** What errors call it. */
  name: string
  command: string
  args: string[]
  env: Record<string, string>
  /** Where it runs; ours without it. */
  cwd?: string
  /** Everything it says goes here, over all its lives. */
  logFile: string
  isReady: () => Promise<boolean>
  readyDeadlineMs?: number
  /** Without one the process may outlive us. */
  guard?: Guard | undefined
}

/** How one life of a process ended; `asked` when we sent the signal. */
export type Ending = { atMs: number; code: number | null; signal: NodeJS.Signals | null; asked: boolean }

/** A program that can be killed and started again, at the same address and with the same log. */
export type ManagedProcess = {
  name: string
  /** The present life, or the last one. */
  readonly child: ChildProcess
  isRunning(): boolean
  /** Begins another life, with `env` on top of what it always gets. @throws while it is running */
  start(env?: Record<string, string>): void
  /** Waits until it can work. Rejects with what it logged when it ends before. */
  ready(): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Resolves when the present life is over. */
  exited(): Promise<Ending>
  /** Ends it in good order, or with SIGKILL after `patienceMs`. Resolves to its exit code. */
  stop(options?: { patienceMs: number }): Promise<number | null>
  endings(): Ending[]
  log(): string
  /** What it logged as an error. */
  errors(): string[]
}

export function startProcess(options: ProcessOptions): ManagedProcess {
  const { name, logFile, guard } = options
  const endings: Ending[] = []
  let life = begin(options, {})
  let asked = false
  const live = (env: Record<string, string>) => {
    asked = false
    life = begin(options, env)
    follow()
  }
  const follow = () => {
    const { child } = life
    const { pid } = child
    if (pid) guard?.watch(pid)
    life.exited = life.exited.then((ending) => {
      if (pid) guard?.forget(pid)
      endings.push({ ...ending, asked })
      return { ...ending, asked }
    })
  }
  follow()
  const isRunning = () => life.child.pid !== undefined && life.child.exitCode === null && life.child.signalCode === null
  const kill = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGCONT' && signal !== 'SIGSTOP') asked = true
    life.child.kill(signal)
  }
  const log = () => readFileSync(logFile, 'utf8')
  return {
    name,
    get child() {
      return life.child
    },
    isRunning,
    start(env = {}) {
      if (isRunning()) throw new Error(`${name} is running: stop it before it is started again`)
      live(env)
    },
    async ready() {
      const deadlineMs = Date.now() + (options.readyDeadlineMs ?? 60_000)
      while (!(await options.isReady().catch(() => false))) {
        if (!isRunning()) throw new Error(`${name} ended before it was ready. Its last words:\n${lastLines(log())}`)
        if (Date.now() > deadlineMs) throw new Error(`${name} does not become ready. It said:\n${lastLines(log())}`)
        await Promise.race([delay(50), life.exited])
      }
    },
    kill,
    exited: () => life.exited,
    async stop({ patienceMs } = { patienceMs: 120_000 }) {
      if (isRunning()) {
        kill('SIGTERM')
        kill('SIGCONT')
        const timer = setTimeout(() => kill('SIGKILL'), patienceMs)
        await life.exited
        clearTimeout(timer)
      }
      return life.child.exitCode
    },
    endings: () => [...endings],
    log,
    errors: () =>
      log()
        .split('\n')
        .filter((line) => /"level":[56]0/.test(line)),
  }
}

type Life = { child: ChildProcess; exited: Promise<Ending> }

function begin({ name, command, args, logFile, ...options }: ProcessOptions, env: Record<string, string>): Life {
  const output = openSync(logFile, 'a')
  const child = spawn(command, args, {
    env: { ...inheritedEnvironment, ...options.env, ...env },
    ...(options.cwd && { cwd: options.cwd }),
    stdio: ['ignore', output, output],
    // Ctrl-C in the terminal is ours to answer.
    detached: true,
  })
  closeSync(output)
  const ended = once(child, 'exit').then(
    () => ({ code: child.exitCode, signal: child.signalCode }),
    (cause) => {
      throw new Error(`${name} could not be started: is ${command} installed?`, { cause })
    },
  )
  return { child, exited: ended.then((ending) => ({ atMs: Date.now(), asked: false, ...ending })) }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-20).join('\n')
}
