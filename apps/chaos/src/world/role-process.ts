import { join } from 'node:path'
import { type ManagedProcess, startProcess } from './child-process.ts'
import type { Guard } from './guard.ts'
import { startCommand } from './start-command.ts'

export type Role = 'api' | 'scheduler' | 'dial-worker' | 'webhooks'

export type RoleProcess = ManagedProcess & { role: Role; port: number; url: string }

export type RoleOptions = {
  port: number
  env: Record<string, string>
  /** Its log is written here. */
  directory: string
  guard?: Guard | undefined
  /** By how much the clock of its host is ahead. */
  skewMs?: number | undefined
  /** See `startCommand`. */
  realTime?: number | undefined
}

/** One role as it runs in production: a process that gets nothing but its environment. */
export function startRole(role: Role, { port, env, directory, guard, skewMs, realTime }: RoleOptions): RoleProcess {
  const url = `http://127.0.0.1:${port}`
  const skew = skewMs ? [`--import=${new URL(`skewed-clock.ts?ms=${skewMs}`, import.meta.url).href}`] : []
  const managed = startProcess({
    name: `${role} on port ${port}`,
    ...startCommand(role, { options: skew, realTime }),
    env: { LOG_LEVEL: 'warn', ...env, PORT: String(port), HOST: '127.0.0.1' },
    logFile: join(directory, `${role}-${port}.log`),
    isReady: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok,
    guard,
  })
  return Object.defineProperties(managed, {
    role: { value: role, enumerable: true },
    port: { value: port, enumerable: true },
    url: { value: url, enumerable: true },
  }) as RoleProcess
}
