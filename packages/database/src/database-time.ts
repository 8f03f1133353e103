import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { connect, type DatabaseRole, type Db } from './client.ts'
import { type Correction, createSteadyTime, type Sample, type SteadyTime } from './steady-time.ts'

export type DatabaseTime = {
  /** Real time as PostgreSQL has it, in ms since 1970. Never runs backwards. */
  nowMs(): number
  /** How far this host's clock is ahead of PostgreSQL's; negative when it is behind. */
  hostAheadMs(): number
  close(): Promise<void>
}

export type DatabaseTimeOptions = {
  databaseUrl: string
  role: DatabaseRole
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
  /** How often PostgreSQL is asked again; 30 s unless given. */
  refreshMs?: number
  /** How long it may take to answer; 5 s unless given. */
  answerLimitMs?: number
  /** How long a start waits for a PostgreSQL that is just restarting; 30 s unless given. */
  patienceMs?: number
}

/** With a quick answer among five, the time is known to a fraction of a millisecond. */
const questions = 5
const retryMs = 1_000
const startRetryMs = 250

/** By more than this hosts' clocks should never be off; it is told, and the host's clock is not believed. */
const toleranceMs = 1_000

/**
 * The one real time of all processes: hosts' clocks may differ, PostgreSQL there is one. While it cannot be asked, its
 * time goes on here.
 * @throws an error that says what to do when PostgreSQL cannot be asked at all
 */
export async function openDatabaseTime(options: DatabaseTimeOptions): Promise<DatabaseTime> {
  const closing = new AbortController()
  const time = createSteadyTime(await askPatiently(options, closing.signal))
  const nowMs = () => time.at(performance.now())
  const hostAheadMs = () => Date.now() - nowMs()
  const tellIfOff = createObserver(options.log)
  tellIfOff(hostAheadMs())
  const watching = keepAsking(options, { time, closing: closing.signal, onRefresh: () => tellIfOff(hostAheadMs()) })
  return {
    nowMs,
    hostAheadMs,
    close: async () => {
      closing.abort()
      await watching
    },
  }
}

type Watch = { time: SteadyTime; closing: AbortSignal; onRefresh: () => void }

async function keepAsking(options: DatabaseTimeOptions, { time, closing, onRefresh }: Watch): Promise<void> {
  const { refreshMs = 30_000, log } = options
  let isLost = false
  while (await pause(isLost ? Math.min(retryMs, refreshMs) : refreshMs, closing)) {
    try {
      const samples = await ask(options, closing)
      tellCorrection(log, time.learn(samples, performance.now()))
      if (isLost) log.info({}, 'PostgreSQL tells the time again')
      isLost = false
      onRefresh()
    } catch (error) {
      if (closing.aborted) return
      if (!isLost) {
        const reason = rootOf(error).message
        log.warn({ reason }, 'PostgreSQL cannot be asked for the time; the last one known goes on')
      }
      isLost = true
    }
  }
}

function tellCorrection(log: DatabaseTimeOptions['log'], { kind, errorMs }: Correction): void {
  if (kind === 'jumped') log.warn({ errorMs }, 'time leapt ahead: this host slept, or PostgreSQL’s clock was set')
  if (kind === 'holding') {
    const message =
      'PostgreSQL’s clock was set back: here time stands still until it is as late there, nothing is dialed'
    log.warn({ errorMs }, message)
  }
}

/** Over a connection of its own: a busy pool would delay the answers, and a dead connection would keep them back. */
async function ask(options: DatabaseTimeOptions, closing: AbortSignal): Promise<Sample[]> {
  const database = connect({ url: options.databaseUrl, role: options.role, maxConnections: 1 })
  const finished = new AbortController()
  const signal = AbortSignal.any([finished.signal, closing])
  try {
    const limitMs = options.answerLimitMs ?? 5_000
    return await Promise.race([askAll(database.db), delay(limitMs, limitMs, { signal }).then(failLate)])
  } finally {
    finished.abort()
    database.close().catch(() => {})
  }
}

async function askAll(db: Db): Promise<Sample[]> {
  const samples: Sample[] = []
  while (samples.length < questions) {
    const sentMs = performance.now()
    const [row] = await db.execute<{ ms: number }>(
      sql`select (extract(epoch from clock_timestamp()) * 1000)::double precision as ms`,
    )
    if (!row) throw new Error('clock_timestamp() gave no row')
    samples.push({ sentMs, receivedMs: performance.now(), answeredMs: row.ms })
  }
  return samples
}

function failLate(limitMs: number): never {
  throw Object.assign(new Error(`no answer within ${limitMs / 1_000} s`), { code: 'ETIMEDOUT' })
}

async function askPatiently(options: DatabaseTimeOptions, closing: AbortSignal): Promise<Sample[]> {
  const deadlineMs = performance.now() + (options.patienceMs ?? 30_000)
  for (;;) {
    try {
      return await ask(options, closing)
    } catch (cause) {
      if (isPassing(cause) && performance.now() < deadlineMs) {
        await delay(startRetryMs)
        continue
      }
      const advice = 'Start it or correct DATABASE_URL; a new database is prepared by "outdial migrate".'
      throw new Error(`PostgreSQL cannot be used: ${rootOf(cause).message}. ${advice}`, { cause })
    }
  }
}

/** Nobody listens, the connection broke, or the server starts, stops or is full. */
function isPassing(error: unknown): boolean {
  const { code = '' } = rootOf(error) as Error & { code?: string }
  return /^(ECONN|EPIPE|ETIMEDOUT|CONNECT|57P0|53300|08)/.test(code)
}

function rootOf(error: unknown): Error {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error ? rootOf(cause) : error instanceof Error ? error : new Error(String(error))
}

/** Tells operators of a host whose clock is off, and again when that changes. */
function createObserver(log: DatabaseTimeOptions['log']): (hostAheadMs: number) => void {
  let toldMs = 0
  return (hostAheadMs) => {
    if (Math.abs(hostAheadMs - toldMs) <= toleranceMs) return
    const isOff = Math.abs(hostAheadMs) > toleranceMs
    const fields = { hostAheadMs: Math.round(hostAheadMs) }
    if (isOff) log.warn(fields, 'this host’s clock differs from PostgreSQL’s, which counts; let NTP set it')
    else log.info(fields, 'this host’s clock agrees with PostgreSQL’s again')
    toldMs = isOff ? hostAheadMs : 0
  }
}

/** Waits, but not on when this host's clock leapt: it was set, or the host slept and our own clock with it. */
async function pause(ms: number, closing: AbortSignal): Promise<boolean> {
  const hostLeadMs = () => Date.now() - performance.now()
  const leadMs = hostLeadMs()
  const endMs = performance.now() + ms
  for (let leftMs = ms; leftMs > 0; leftMs = endMs - performance.now()) {
    await delay(Math.min(leftMs, retryMs), undefined, { signal: closing, ref: false }).catch(() => {})
    if (closing.aborted) return false
    if (Math.abs(hostLeadMs() - leadMs) > toleranceMs) break
  }
  return true
}
