import { join } from 'node:path'
import { type ManagedProcess, startProcess } from './child-process.ts'
import type { Guard } from './guard.ts'
import { startArguments } from './start-command.ts'

/** The option of Node that lets a process go before others; see that file. */
export const preloadPriority = `--import=${new URL('raised-priority.ts', import.meta.url).href}`

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
  isHurried?: boolean | undefined
}

/** One role as it runs in production: a process that gets nothing but its environment. */
export function startRole(role: Role, { port, env, directory, guard, skewMs, isHurried }: RoleOptions): RoleProcess {
  const url = `http://127.0.0.1:${port}`
  const skew = skewMs ? [`--import=${new URL(`skewed-clock.ts?ms=${skewMs}`, import.meta.url).href}`] : []
  const hurry = isHurried ? [preloadPriority] : []
  const managed = startProcess({
    name: `${role} on port ${port}`,
    command: process.execPath,
    args: startArguments(role, [...hurry, ...skew]),
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
