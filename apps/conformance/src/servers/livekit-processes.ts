import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guard } from '@outdial/chaos/guard'
import { type ManagedProcess, startProcess } from '@outdial/chaos/managed-process'

type Common = {
  command: string
  apiKey: string
  apiSecret: string
  redisAddress: string
  directory: string
  guard: Guard
  logLevel: string
}

type ServerSettings = Common & { port: number; iceTcpPort: number; iceUdpPort: number; webhookUrls: string[] }

/** Everything on loopback; the STUN server is nobody, so that it does not ask strangers for its address. */
export async function startLiveKitServer(settings: ServerSettings): Promise<ManagedProcess> {
  const { command, port, webhookUrls, apiKey, apiSecret, redisAddress } = settings
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    redis: { address: redisAddress },
    rtc: {
      tcp_port: settings.iceTcpPort,
      udp_port: settings.iceUdpPort,
      use_external_ip: false,
      enable_loopback_candidate: true,
      ips: { includes: ['127.0.0.1/32'] },
      stun_servers: ['127.0.0.1:3478'],
    },
    keys: { [apiKey]: apiSecret },
    ...(webhookUrls.length > 0 && { webhook: { api_key: apiKey, urls: webhookUrls } }),
    logging: { level: settings.logLevel, json: true },
  }
  return startConfigured({
    ...settings,
    name: 'livekit-server',
    command,
    config,
    healthUrl: `http://127.0.0.1:${port}`,
  })
}

type SipSettings = Common & { livekitUrl: string; sipPort: number; healthPort: number; mediaTimeoutMs: number }

/** RTP ports are not kept after a call, and a busy machine refuses no call: tests need many calls on few cores. */
export async function startLiveKitSip(settings: SipSettings): Promise<ManagedProcess> {
  const { command, apiKey, apiSecret, livekitUrl, redisAddress, sipPort, healthPort, mediaTimeoutMs } = settings
  const config = {
    api_key: apiKey,
    api_secret: apiSecret,
    ws_url: livekitUrl,
    redis: { address: redisAddress },
    sip_port: sipPort,
    rtp_port: '10000-19999',
    listen_ip: '127.0.0.1',
    nat_1_to_1_ip: '127.0.0.1',
    use_external_ip: false,
    media_timeout: `${mediaTimeoutMs}ms`,
    media_timeout_initial: `${mediaTimeoutMs}ms`,
    rtp_draining_idle_timeout: '-1s',
    rtp_draining_duration: '-1s',
    max_cpu_utilization: 1,
    health_port: healthPort,
    logging: { level: settings.logLevel, json: true },
  }
  return startConfigured({
    ...settings,
    name: 'livekit-sip',
    command,
    config,
    healthUrl: `http://127.0.0.1:${healthPort}`,
  })
}

type Configured = {
  name: string
  command: string
  directory: string
  guard: Guard
  config: Record<string, unknown>
  healthUrl: string
}

/** JSON is YAML, so the configuration needs no writer of its own. */
async function startConfigured({ name, command, directory, guard, config, healthUrl }: Configured) {
  const file = join(directory, `${name}.yaml`)
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 })
  const server = startProcess({
    name,
    command,
    args: ['--config', file],
    env: {},
    logFile: join(directory, `${name}.log`),
    isReady: async () => (await fetch(healthUrl, { signal: AbortSignal.timeout(2_000) })).ok,
    readyDeadlineMs: 30_000,
    guard,
  })
  await server.ready().catch(async (error) => {
    await server.stop({ patienceMs: 1_000 })
    throw error
  })
  return server
}
