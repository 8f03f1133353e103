import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Guard, openGuard } from '@outdial/chaos/guard'
import type { ManagedProcess } from '@outdial/chaos/managed-process'
import { openRedis, type RedisServer } from '@outdial/chaos/redis'
import { startLiveKitServer, startLiveKitSip } from './livekit-processes.ts'
import { requirePrograms } from './programs.ts'
import { findUdpPorts } from './udp-ports.ts'

export type RealLiveKitOptions = {
  /** The servers post every event there, signed with `apiKey`. A receiver must listen before the first event. */
  webhookUrls?: string[]
  /** Logs and configurations are written here and stay; without it they are in a temporary folder that is removed. */
  directory?: string
  /** `info` tells every call; `warn` is enough for campaigns. Default: info. */
  logLevel?: 'debug' | 'info' | 'warn'
  /** How long a call may be without RTP before livekit-sip ends it. Default: ten minutes. */
  mediaTimeoutMs?: number
}

/** A LiveKit project as people run it themselves: Redis, livekit-server and livekit-sip on loopback. */
export type RealLiveKit = {
  /** ws://127.0.0.1:… */
  url: string
  apiKey: string
  apiSecret: string
  redis: RedisServer
  /** host:port where livekit-sip takes calls. */
  sipAddress: string
  server: ManagedProcess
  sip: ManagedProcess
  /** Where the logs are. */
  directory: string
  stop(): Promise<void>
}

/** @throws MissingProgramsError; or an error with the last words of the server that does not come up */
export async function startRealLiveKit(options: RealLiveKitOptions = {}): Promise<RealLiveKit> {
  const programs = await requirePrograms(['redis-server', 'livekit-server', 'livekit-sip'])
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'outdial-livekit-')))
  await mkdir(directory, { recursive: true })
  const guard = openGuard()
  const stops: (() => Promise<unknown>)[] = [() => guard.close()]
  if (!options.directory) stops.unshift(() => rm(directory, { recursive: true, force: true }))
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each()
  }
  try {
    const started = await start({ options, programs, directory, guard, onStop: (each) => stops.push(each) })
    return { ...started, directory, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Start = {
  options: RealLiveKitOptions
  programs: Awaited<ReturnType<typeof requirePrograms>>
  directory: string
  guard: Guard
  onStop(stop: () => Promise<unknown>): void
}

async function start({ options, programs, directory, guard, onStop }: Start) {
  const keys = { apiKey: 'devkey', apiSecret: randomBytes(24).toString('hex') }
  const redis = await openRedis({ directory: join(directory, 'redis'), guard })
  onStop(() => redis.close())
  const [port = 0, iceTcpPort = 0, iceUdpPort = 0, sipPort = 0, healthPort = 0] = await findUdpPorts(5)
  const { logLevel = 'info', webhookUrls = [], mediaTimeoutMs = 600_000 } = options
  const common = { ...keys, directory, guard, logLevel, redisAddress: new URL(redis.url).host }
  const command = programs['livekit-server']
  const server = await startLiveKitServer({ ...common, command, port, iceTcpPort, iceUdpPort, webhookUrls })
  onStop(() => server.stop({ patienceMs: 3_000 }))
  const url = `ws://127.0.0.1:${port}`
  const sip = await startLiveKitSip({
    ...common,
    command: programs['livekit-sip'],
    livekitUrl: url,
    sipPort,
    healthPort,
    mediaTimeoutMs,
  })
  onStop(() => sip.stop({ patienceMs: 3_000 }))
  return { ...keys, url, redis, server, sip, sipAddress: `127.0.0.1:${sipPort}` }
}
