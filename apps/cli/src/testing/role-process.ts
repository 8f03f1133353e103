import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export type Role = 'api' | 'scheduler' | 'dial-worker' | 'webhooks'

export type RoleProcess = {
  child: ChildProcess
  /** Waits until /readyz says that it can work. Rejects with what it logged when it ends before. */
  ready(): Promise<void>
  /** What it logged as an error. */
  errors(): string[]
  /** Ends it in good order. Resolves to its exit code. */
  stop(): Promise<number | null>
}

const readyDeadlineMs = 60_000

/** One role as it runs in production: a process that gets nothing but its environment. */
export function startRole(role: Role, { port, env }: { port: number; env: Record<string, string> }): RoleProcess {
  const main = fileURLToPath(new URL(`../../../${role}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH ?? '', ...env, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const exited = once(child, 'exit')
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    child,
    errors: () => output.split('\n').filter((line) => /"level":[56]0/.test(line)),
    async ready() {
      const deadlineMs = Date.now() + readyDeadlineMs
      while (!(await isReady(port))) {
        if (hasEnded() || Date.now() > deadlineMs) throw new Error(`${role} is not ready:\n${output}`)
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 100)), exited])
      }
    },
    async stop() {
      if (!hasEnded()) {
        child.kill('SIGTERM')
        await exited
      }
      return child.exitCode
    },
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    return false
  }
}
