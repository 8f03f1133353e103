import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export type CliProcess = {
  child: ChildProcess
  /** What it has said so far. */
  stdout(): string
  stderr(): string
  /** Resolves when it has ended, to its exit code, or to the signal that ended it. */
  ended: Promise<number | string>
  /** Resolves when it has said so on standard error. Rejects when it ends without. */
  says(expected: RegExp): Promise<void>
  /** The same for standard output. */
  prints(expected: RegExp): Promise<void>
}

/** `outdial …` in a process of its own, with this environment and nothing of ours. */
export function startCli(args: string[], env: Record<string, string> = {}): CliProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  const waitFor = (name: keyof typeof said) => async (expected: RegExp) => {
    while (!expected.test(said[name])) {
      const more = once(child[name], 'data').then(() => 'more' as const)
      if ((await Promise.race([more, ended])) !== 'more' && !expected.test(said[name])) {
        throw new Error(`it ended without saying ${expected.source}:\n${said.stderr}`)
      }
    }
  }
  const told = { stdout: () => said.stdout, stderr: () => said.stderr }
  return { child, ...told, ended, says: waitFor('stderr'), prints: waitFor('stdout') }
}

/** The processes that a process has started, and those that they have. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const childrenOf = (parent: number): number[] =>
    parents.flatMap(([child = 0, its]) => (its === parent ? [child, ...childrenOf(child)] : []))
  return childrenOf(pid)
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
