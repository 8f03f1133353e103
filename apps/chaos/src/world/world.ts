/**
 * A whole installation on this machine: PostgreSQL and Redis of its own, LiveKit and a telephone network that are
 * simulated, and every role as processes behind load balancers. All of it can be broken, and all of it ends with us.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { connect } from '@outdial/database/client'
import { migrate } from '@outdial/database/migrate'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { createWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { migrateQueue } from '@outdial/queue/queue'
import postgres from 'postgres'
import { type ApiClient, createApiClient } from './api-client.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { type Guard, openGuard } from './guard.ts'
import { findPorts } from './ports.ts'
import { openRedis, type RedisServer } from './redis.ts'
import { type Role, type RoleProcess, startRole } from './role-process.ts'
import { type SimulatorProcess, startSimulatorProcess } from './simulator-process.ts'
import { openPlace } from './world-place.ts'

export type WorldOptions = {
  backend: 'postgres' | 'redis'
  /** What decides the luck of ordinary numbers. */
  seed: number
  /** Seconds of the dialer and the network per real second. */
  speed: number
  /** What the clock shows when the world begins (ms epoch); the present moment unless given. */
  startMs?: number
  /** How many processes of each role; two of each, and three dial workers, unless given. */
  roles?: Partial<Record<Role, number>>
  /** How many tenants, each with a key of its own; 1 unless given. */
  workspaces?: number
  /** LiveKit's outbound trunks; one unless given. */
  livekitTrunks?: number
  /** On top of what every role gets; `index` counts the processes of the role. */
  envOf?: (role: Role, index: number) => Record<string, string>
  /** Of the PostgreSQL server, such as `log_min_duration_statement=0`. */
  postgresSettings?: string[]
  /** The network and the dial workers wait for nothing else, as on machines of their own; only root may. */
  isHurried?: boolean
  /** By how much the clock of a process's host is ahead, in ms. */
  skewOf?: (role: Role, index: number) => number
}

export type WorldWorkspace = { id: string; name: string; apiKey: string; api: ApiClient }
export type LiveKitTrunk = { id: string; numbers: string[] }

export type World = {
  options: WorldOptions
  /** Logs and data of everything; gone after close(). */
  directory: string
  clock: { speed: number; originMs: number; startMs: number; now(): Date; toRealMs(ms: number): number }
  cluster: Cluster
  /** Null where the queue is in PostgreSQL. */
  redis: RedisServer | null
  simulator: SimulatorProcess
  roles: RoleProcess[]
  rolesOf(role: Role): RoleProcess[]
  /** Behind which all processes of the role are. */
  addresses: { api: string; webhooks: string }
  workspaces: WorldWorkspace[]
  livekitTrunks: LiveKitTrunk[]
  /** As the owner of the tables. For looking. */
  sql: postgres.Sql
  /** How processes ended that nobody asked to, with what they said. */
  crashes(): string[]
  /** Kills and deletes everything. May be called twice. */
  close(): Promise<void>
}

const usualRoles: Record<Role, number> = { api: 2, scheduler: 2, 'dial-worker': 3, webhooks: 2 }

/** @throws an error that says what to do; nothing stays behind then, nor when this process is killed */
export async function openWorld(options: WorldOptions): Promise<World> {
  await using parts = new AsyncDisposableStack()
  const place = await openPlace()
  parts.defer(place.remove)
  const { path: directory } = place
  const guard = openGuard()
  parts.defer(guard.close)

  const [cluster, redis] = await openStores(options, { directory, guard, parts })
  const databaseUrl = cluster.url()
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => {} })
  parts.defer(() => sql.end({ timeout: 1 }))
  await migrate(databaseUrl)
  await migrateQueue({ databaseUrl, ...(redis && { redisUrl: redis.url }) })

  const clock = createWorldClock(options)
  const balanced = await openAddresses(options, parts)
  const secrets = { apiKey: 'devkey', apiSecret: randomBytes(32).toString('base64url') }
  const [port = 0] = await findPorts(1)
  const simulator = await startSimulatorProcess({
    ...{ port, ...secrets, ...clock, seed: options.seed, directory, guard },
    realTime: options.isHurried ? 2 : undefined,
    webhookUrls: [`${balanced.webhooks.url}/api/livekit/webhook`],
  })
  parts.defer(async () => void (await simulator.process.stop({ patienceMs: 2_000 })))
  const env = {
    ...{ DATABASE_URL: databaseUrl, ...(redis && { REDIS_URL: redis.url }), LIVEKIT_URL: simulator.url },
    ...{ LIVEKIT_API_KEY: secrets.apiKey, LIVEKIT_API_SECRET: secrets.apiSecret, PUBLIC_URL: balanced.webhooks.url },
    ...{ CLOCK_SPEED: String(clock.speed), CLOCK_ORIGIN: String(clock.originMs), CLOCK_START: String(clock.startMs) },
    RATE_LIMIT_PER_MINUTE: '1000000',
  }
  const roles = balanced.ports.map(({ role, index, port }) =>
    startRole(role, {
      ...{ port, directory, guard, env: { ...env, ...options.envOf?.(role, index) } },
      skewMs: options.skewOf?.(role, index),
      realTime: options.isHurried && role === 'dial-worker' ? 1 : undefined,
    }),
  )
  parts.defer(() => killAll(roles))
  const workspaces = await makeWorkspaces(options, { databaseUrl, url: balanced.api.url, now: clock.now() })
  await simulator.process.ready()
  const livekitTrunks = await makeTrunks(options, simulator)
  await Promise.all(roles.map((role) => role.ready()))

  const running = parts.move()
  let closed: Promise<void> | undefined
  return {
    ...{ options, directory, clock, cluster, redis, simulator, roles, workspaces, livekitTrunks, sql },
    rolesOf: (role) => roles.filter((each) => each.role === role),
    addresses: { api: balanced.api.url, webhooks: balanced.webhooks.url },
    crashes: () => [...roles, simulator.process].flatMap(describeCrashes),
    close: () => (closed ??= running.disposeAsync()),
  }
}

type Parts = AsyncDisposableStack

async function openStores(
  { backend, postgresSettings }: WorldOptions,
  { directory, guard, parts }: { directory: string; guard: Guard; parts: Parts },
): Promise<[Cluster, RedisServer | null]> {
  const cluster = await openCluster({
    directory: join(directory, 'postgres'),
    settings: postgresSettings,
    logFile: join(directory, 'postgres.log'),
  })
  parts.defer(cluster.close)
  if (backend === 'postgres') return [cluster, null]
  const redis = await openRedis({ directory: join(directory, 'redis'), guard })
  parts.defer(redis.close)
  return [cluster, redis]
}

type Balanced = {
  ports: { role: Role; index: number; port: number }[]
  api: Balancer
  webhooks: Balancer
}

/** Ports for all processes, and balancers before those that others talk to. */
async function openAddresses(options: WorldOptions, parts: Parts): Promise<Balanced> {
  const wanted = Object.entries({ ...usualRoles, ...options.roles }).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index) => ({ role: role as Role, index })),
  )
  const found = await findPorts(wanted.length)
  const ports = wanted.map((each, index) => ({ ...each, port: found[index] ?? 0 }))
  const balance = async (role: Role) => {
    const balancer = await startBalancer({
      targets: ports.filter((each) => each.role === role).map(({ port }) => port),
    })
    parts.defer(balancer.close)
    return balancer
  }
  return { ports, api: await balance('api'), webhooks: await balance('webhooks') }
}

function createWorldClock({ speed, startMs: given }: WorldOptions): World['clock'] {
  const originMs = Date.now()
  const startMs = given ?? originMs
  return {
    ...{ speed, originMs, startMs },
    now: () => new Date(startMs + (Date.now() - originMs) * speed),
    toRealMs: (ms) => ms / speed,
  }
}

async function makeWorkspaces(
  { workspaces: count = 1 }: WorldOptions,
  { databaseUrl, url, now }: { databaseUrl: string; url: string; now: Date },
): Promise<WorldWorkspace[]> {
  const engine = connect({ url: databaseUrl, role: 'engine', maxConnections: 1 })
  const actor = 'world'
  try {
    const made: WorldWorkspace[] = []
    for (let number = 1; number <= count; number += 1) {
      const { id, name } = await createWorkspace(engine, { name: `Workspace ${number}` }, { actor, now })
      const { secret: apiKey } = await createApiKey(engine, { workspaceId: id, actor, now }, { name: 'World' })
      made.push({ id, name, apiKey, api: createApiClient({ url, apiKey }) })
    }
    return made
  } finally {
    await engine.close()
  }
}

async function makeTrunks(
  { livekitTrunks: count = 1 }: WorldOptions,
  simulator: SimulatorProcess,
): Promise<LiveKitTrunk[]> {
  const made: LiveKitTrunk[] = []
  for (let number = 1; number <= count; number += 1) {
    const numbers = [`+1212555${String(100 + number).padStart(4, '0')}`]
    made.push({ id: await simulator.createTrunk({ name: `Trunk ${number}`, numbers }), numbers })
  }
  return made
}

async function killAll(roles: RoleProcess[]): Promise<void> {
  const running = roles.filter((role) => role.isRunning())
  for (const role of running) role.kill('SIGKILL')
  await Promise.all(running.map((role) => role.exited()))
}

function describeCrashes(process: {
  name: string
  endings(): { asked: boolean; code: number | null }[]
  log(): string
}) {
  return process
    .endings()
    .filter((ending) => !ending.asked && ending.code !== 0)
    .map((ending) => `${process.name} ended by itself (${JSON.stringify(ending)}):\n${process.log().slice(-4_000)}`)
}
