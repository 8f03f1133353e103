/**
 * All roles in one process, each the same code as in a process of its own. What is not given is brought along:
 * PostgreSQL, and a LiveKit project with a telephone network behind it.
 */
import { type ApiOptions, createApi } from '@outdial/api/api'
import { openDatabaseTime } from '@outdial/database/database-time'
import { migrate } from '@outdial/database/migrate'
import { startDialWorker } from '@outdial/dial-worker/dial-worker'
import { type DepsOptions, type OpenDeps, openDeps } from '@outdial/dialing/open-deps'
import { eraseQueue } from '@outdial/queue/erase'
import { migrateQueue } from '@outdial/queue/queue'
import { startScheduler } from '@outdial/scheduler/scheduler'
import { type ClockSettings, createClock } from '@outdial/service/clock'
import type { ProviderSettings } from '@outdial/service/environment'
import type { Logger } from '@outdial/service/log'
import { createRegistry, tellHostClock } from '@outdial/service/metrics'
import type { Simulator } from '@outdial/simulator/simulator'
import { startApplying } from '@outdial/webhooks/apply'
import { startNotifying } from '@outdial/webhooks/notify'
import { createWebhooks } from '@outdial/webhooks/webhooks'
import { Hono } from 'hono'
import { type DatabaseChoice, openDatabase } from './all-in-one/database.ts'
import { createDoor } from './all-in-one/door.ts'
import { type OwnSimulatorOptions, startOwnSimulator } from './all-in-one/own-simulator.ts'
import { stopWithPatience } from './all-in-one/patience.ts'
import { openOnFreePort, type PortChoice } from './all-in-one/ports.ts'
import { recordIntoSimulator } from './all-in-one/simulator-storage.ts'

export type LiveKitProject = { url: string; apiKey: string; apiSecret: string }

export type AllInOneOptions = {
  database: DatabaseChoice
  /** Without it the queue lives in PostgreSQL. With a prefix it has keys of its own, erased at the end. */
  redis?: { url: string; temporaryPrefix?: string } | undefined
  livekit: LiveKitProject | OwnSimulatorOptions
  /** Where recordings go; `simulator` where it is our own. Without it nothing is recorded. */
  recordings?: DepsOptions['recordings'] | 'simulator'
  /** Where API and webhooks listen, on one port. */
  http: { host: string; port: PortChoice; publicUrl?: string | undefined }
  auth: ApiOptions['auth']
  callDefaults?: ApiOptions['callDefaults']
  /** Whether notices may go to private and local addresses. */
  allowPrivateNotices?: boolean
  /** What Twilio and Exotel are known by. */
  providers?: ProviderSettings
  clock: ClockSettings
  log: Logger
  /** Told before each part that takes a moment. */
  onStep?: (step: string) => void
}

export type AllInOne = {
  /** The address of API and webhooks, without a slash at the end. */
  url: string
  port: number
  database: string
  /** As its owner. */
  databaseUrl: string
  /** Connected as `engine`: sees all workspaces. */
  deps: OpenDeps['deps']
  livekit: LiveKitProject
  simulator: Simulator | null
  /** Lets go of everything, in reverse order. May be called twice. */
  stop(): Promise<void>
}

/** How many phones may ring at once. */
const dialConcurrency = 1_000

/** @throws an error that says what to do; nothing stays behind then */
export async function startAll(options: AllInOneOptions): Promise<AllInOne> {
  const { log, http, redis, onStep = () => {} } = options
  await using parts = new AsyncDisposableStack()
  onStep('Starting PostgreSQL')
  const database = await openDatabase(options.database)
  parts.defer(database.close)
  onStep('Migrating')
  await migrateAll(database.url, redis)

  onStep('Starting all roles')
  const time = await openDatabaseTime({ databaseUrl: database.url, role: 'engine', log })
  parts.defer(time.close)
  const clock = createClock({ ...options.clock, realNowMs: time.nowMs })
  const door = await openOnFreePort(http.port, {
    host: http.host,
    open: (port) => createDoor({ port, host: http.host }),
  })
  parts.defer(door.close)
  const url = `http://${reachableAt(http.host)}:${door.port}`
  const { livekit, simulator } = await findLiveKit(options, { url, realNowMs: time.nowMs })
  if (simulator) parts.defer(simulator.close)

  const common: Omit<DepsOptions, 'role' | 'maxConnections'> = {
    ...{ databaseUrl: database.url, redisUrl: redis?.url, queuePrefix: redis?.temporaryPrefix },
    ...{ livekit, publicUrl: http.publicUrl ?? url, clock, log },
    recordings: storageOf(options.recordings, simulator),
    allowPrivateNotices: options.allowPrivateNotices,
  }
  const people = await openDeps({ ...common, role: 'api', maxConnections: 10 })
  if (redis?.temporaryPrefix) parts.defer(() => eraseQueues(options, database.url))
  parts.defer(people.close)
  const engine = await openDeps({ ...common, role: 'engine', maxConnections: 30 })
  parts.defer(engine.close)

  const stopping = new AbortController()
  const health = { checks: engine.checks, registry: createRegistry('all') }
  tellHostClock(health.registry, time)
  const api = {
    auth: options.auth,
    callDefaults: options.callDefaults ?? {},
    publicUrl: http.publicUrl,
    health,
    stopping: stopping.signal,
  }
  const app = new Hono()
  app.route('/', createWebhooks({ deps: engine.deps, clock, livekit, providers: options.providers ?? {} }))
  app.route('/', createApi({ ...api, deps: people.deps, clock }))
  door.open(app)
  parts.defer(() => stopping.abort())

  parts.defer((await startApplying(engine.deps, clock)).stop)
  parts.defer((await startNotifying(engine.deps, clock)).stop)
  parts.defer((await startScheduler(engine.deps, clock)).stop)
  const worker = await startDialWorker(engine.deps, { clock, concurrency: dialConcurrency })
  parts.defer(() => stopWithPatience(worker, simulator))

  const running = parts.move()
  return {
    ...{
      url,
      port: door.port,
      database: database.description,
      databaseUrl: database.url,
      deps: engine.deps,
      livekit,
      simulator,
    },
    stop: () => running.disposeAsync(),
  }
}

async function migrateAll(databaseUrl: string, redis: AllInOneOptions['redis']): Promise<void> {
  await migrate(databaseUrl)
  await migrateQueue({ databaseUrl, ...(redis && { redisUrl: redis.url }) })
}

function storageOf(wish: AllInOneOptions['recordings'], simulator: Simulator | null): DepsOptions['recordings'] {
  if (wish !== 'simulator') return wish
  return simulator ? recordIntoSimulator(simulator.url) : undefined
}

async function findLiveKit(
  { livekit, clock, log }: AllInOneOptions,
  { url, realNowMs }: { url: string; realNowMs: () => number },
): Promise<{ livekit: LiveKitProject; simulator: Simulator | null }> {
  if ('url' in livekit) return { livekit, simulator: null }
  const simulator = await startOwnSimulator({
    ...livekit,
    clock: { ...clock, realNowMs },
    log,
    webhookUrl: `${url}/api/livekit/webhook`,
  })
  const { apiKey, apiSecret } = livekit
  return { livekit: { url: simulator.url, apiKey, apiSecret }, simulator }
}

/** A Redis that is gone must not keep the rest from being let go of. */
async function eraseQueues({ redis, log }: AllInOneOptions, databaseUrl: string): Promise<void> {
  const { url: redisUrl, temporaryPrefix: prefix } = redis ?? {}
  if (!redisUrl || !prefix) return
  const onError = (error: Error) => log.warn({ err: error, prefix }, 'the keys of this run may have stayed on Redis')
  await eraseQueue({ databaseUrl, redisUrl, prefix, onError }).catch(onError)
}

/** The address to give out for one to listen on: all interfaces are reached through the loopback one. */
function reachableAt(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
