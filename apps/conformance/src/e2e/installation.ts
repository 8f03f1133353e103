import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ApiClient, createApiClient } from '@outdial/chaos/api-client'
import { openCluster } from '@outdial/chaos/cluster'
import { openGuard } from '@outdial/chaos/guard'
import { findPorts } from '@outdial/chaos/ports'
import { type Role, type RoleProcess, startRole } from '@outdial/chaos/role-process'
import postgres from 'postgres'
import { type Phone, type PhoneOptions, startPhone } from '../phone/phone.ts'
import { type RealLiveKit, startRealLiveKit } from '../servers/real-livekit.ts'

/** Outdial as somebody runs it who has a LiveKit of their own: the roles as processes, PostgreSQL, one Redis for all. */
export type Installation = {
  livekit: RealLiveKit
  phone: Phone
  api: ApiClient
  /** As the owner of the tables. For looking. */
  sql: postgres.Sql
  roles: RoleProcess[]
  rolesOf(role: Role): RoleProcess[]
  /** The command line, with the environment of the roles. */
  outdial(...args: string[]): Promise<{ code: number; output: string }>
  close(): Promise<void>
}

/** Two dial workers, so that one can go on when the other is killed. */
const roleNames: Role[] = ['api', 'scheduler', 'dial-worker', 'dial-worker', 'webhooks']

/** Logs and data go to `directory`. @throws an error that says what to do; nothing stays running then */
export async function openInstallation(directory: string, phoneOptions: PhoneOptions): Promise<Installation> {
  await using parts = new AsyncDisposableStack()
  const guard = openGuard()
  parts.defer(guard.close)
  const ports = await findPorts(roleNames.length)
  const urlOf = (role: Role) => `http://127.0.0.1:${ports[roleNames.indexOf(role)]}`
  const [cluster, livekit, phone] = await startServers(parts, {
    directory,
    phoneOptions,
    webhooksUrl: urlOf('webhooks'),
  })
  const apiKey = randomBytes(24).toString('hex')
  const env = {
    ...{ DATABASE_URL: cluster.url(), REDIS_URL: livekit.redis.url, OUTDIAL_API_KEY: apiKey },
    ...{ LIVEKIT_URL: livekit.url, LIVEKIT_API_KEY: livekit.apiKey, LIVEKIT_API_SECRET: livekit.apiSecret },
    // The pre-dial address is on this machine.
    ...{ PUBLIC_URL: urlOf('webhooks'), NOTICES_ALLOW_PRIVATE: 'true', RATE_LIMIT_PER_MINUTE: '100000' },
  }
  const outdial = commandLine({ ...env, OUTDIAL_URL: urlOf('api') })
  const migrated = await outdial('migrate')
  if (migrated.code !== 0) throw new Error(`The database could not be migrated: ${migrated.output}`)
  const roles = roleNames.map((role, index) => startRole(role, { port: ports[index] ?? 0, env, directory, guard }))
  parts.defer(() => endAll(roles))
  const sql = postgres(cluster.url(), { max: 2, onnotice: () => {} })
  parts.defer(() => sql.end({ timeout: 1 }))
  await Promise.all(roles.map((role) => role.ready()))
  const running = parts.move()
  return {
    ...{ livekit, phone, sql, roles, outdial, api: createApiClient({ url: urlOf('api'), apiKey }) },
    rolesOf: (role) => roles.filter((each) => each.role === role),
    close: () => running.disposeAsync(),
  }
}

/** At the same time; what came up is stopped with `parts` when something else does not. */
async function startServers(
  parts: AsyncDisposableStack,
  { directory, phoneOptions, webhooksUrl }: { directory: string; phoneOptions: PhoneOptions; webhooksUrl: string },
) {
  const keep = async <T>(started: Promise<T>, stop: (part: T) => Promise<unknown>): Promise<T> => {
    const part = await started
    parts.defer(async () => void (await stop(part)))
    return part
  }
  const of = (name: string) => join(directory, name)
  const webhookUrls = [`${webhooksUrl}/api/livekit/webhook`]
  const started = await Promise.allSettled([
    keep(openCluster({ directory: of('postgres'), logFile: of('postgres.log') }), (cluster) => cluster.close()),
    keep(startRealLiveKit({ directory: of('livekit'), webhookUrls }), (livekit) => livekit.stop()),
    keep(startPhone({ directory: of('phone'), ...phoneOptions }), (phone) => phone.stop()),
  ])
  const [cluster, livekit, phone] = started
  for (const each of started) if (each.status === 'rejected') throw each.reason
  return [settledAs(cluster), settledAs(livekit), settledAs(phone)] as const
}

function settledAs<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}

const cliMain = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))

function commandLine(env: Record<string, string>): Installation['outdial'] {
  return (...args) =>
    new Promise((resolve) => {
      const options = { env: { ...env, NO_COLOR: '1' }, timeout: 60_000 }
      execFile(process.execPath, [cliMain, ...args], options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
        resolve({ code, output: `${stdout}${stderr}` })
      })
    })
}

async function endAll(roles: RoleProcess[]): Promise<void> {
  await Promise.all(roles.map((role) => role.stop({ patienceMs: 5_000 })))
}
