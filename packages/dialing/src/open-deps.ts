import { connect, type DatabaseRole } from '@outdial/database/client'
import { openQueue } from '@outdial/queue/queue'
import { LiveKit } from '@outdial/telephony/livekit'
import type { Deps, Log } from './deps.ts'
import { createFailPoint } from './fail-point.ts'
import { createRecorder, type RecordingSettings } from './recordings/recorder.ts'

export type DepsOptions = {
  databaseUrl: string
  /** What the process may see: `api` one workspace at a time, `engine` all of them. */
  role: Exclude<DatabaseRole, 'owner'>
  maxConnections: number
  redisUrl?: string | undefined
  /** Keeps installations on one Redis apart. */
  queuePrefix?: string | undefined
  livekit: { url: string; apiKey: string; apiSecret: string }
  /** Where agents reach the webhooks process. */
  publicUrl: string
  /** Whether notices may go to private and local addresses, for the roles that take or send them. */
  allowPrivateNotices?: boolean | undefined
  /** Where this process is to be killed, in tests of its guarantees. */
  failAt?: string | undefined
  /** Where recordings go, for the roles that make, watch, show or delete them. */
  recordings?: RecordingSettings | undefined
  clock: { speed: number; toRealMs(ms: number): number; realNow(): Date }
  log: Log
}

export type OpenDeps = {
  deps: Deps
  /** For the readiness of a process: each rejects when its part does not answer. */
  checks: { database(): Promise<void>; queue(): Promise<void>; livekit(): Promise<void> }
  close(): Promise<void>
}

/**
 * Opens everything that the verbs work with.
 * @throws an error that says what to do when the queue cannot be reached
 */
export async function openDeps(options: DepsOptions): Promise<OpenDeps> {
  const { databaseUrl, redisUrl, clock, log } = options
  const queue = await openQueue({
    databaseUrl,
    ...(redisUrl ? { redisUrl } : {}),
    ...(options.queuePrefix ? { prefix: options.queuePrefix } : {}),
    onError: (error, { swept, ...context }) => {
      if (swept) log.warn({ reason: error.message, ...context }, 'queue')
      else log.error({ err: error, ...context }, 'queue')
    },
  })
  const database = connect({ url: databaseUrl, role: options.role, maxConnections: options.maxConnections })
  const failPoint = createFailPoint(options.failAt)
  const livekit = new LiveKit({ ...options.livekit, toRealMs: (ms) => clock.toRealMs(ms) })
  return {
    deps: {
      db: database.db,
      queue,
      livekit,
      log,
      clockSpeed: clock.speed,
      ...(failPoint ? { failPoint } : {}),
      ...(options.allowPrivateNotices ? { allowPrivateNotices: true } : {}),
      ...(options.recordings && { recorder: createRecorder(options.recordings, { livekit: options.livekit, clock }) }),
      agentReports: { baseUrl: options.publicUrl, secret: options.livekit.apiSecret },
    },
    checks: { database: database.ping, queue: queue.ping, livekit: () => livekit.ping() },
    close: async () => {
      await queue.close()
      await database.close()
    },
  }
}
