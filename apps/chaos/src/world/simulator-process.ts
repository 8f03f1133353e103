import { join } from 'node:path'
import type { LedgerCall } from '@outdial/judge/evidence'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { type ManagedProcess, startProcess } from './child-process.ts'
import type { Guard } from './guard.ts'
import { startCommand } from './start-command.ts'

export type SimulatorOptions = {
  port: number
  speed: number
  /** Real time (ms epoch) at which the simulation shows `startMs`. */
  originMs: number
  startMs: number
  seed: number
  apiKey: string
  apiSecret: string
  webhookUrls: string[]
  directory: string
  guard?: Guard | undefined
  /** See `startCommand`. */
  realTime?: number | undefined
}

/** LiveKit and the telephone network, in a process of their own so that they take no time from who asks. */
export type SimulatorProcess = {
  url: string
  process: ManagedProcess
  /** Below /_network, such as `control('POST', '/faults', {…})`. @throws when it is refused */
  control(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>
  ledger(): Promise<LedgerCall[]>
  summary(): Promise<LedgerSummary>
  /** Makes an outbound trunk and returns LiveKit's id of it. */
  createTrunk(trunk: { name: string; address?: string; numbers: string[] }): Promise<string>
}

const ledgerSummary = z.looseObject({ invites: z.int(), active: z.int(), peakConcurrency: z.int() })
export type LedgerSummary = z.infer<typeof ledgerSummary>

export async function startSimulatorProcess(options: SimulatorOptions): Promise<SimulatorProcess> {
  const { port, speed, originMs, startMs, seed, apiKey, apiSecret, webhookUrls, directory, guard } = options
  const url = `http://127.0.0.1:${port}`
  const named = { port, speed, origin: originMs, seed, 'api-key': apiKey, 'api-secret': apiSecret }
  const { command, args } = startCommand('simulator', { realTime: options.realTime })
  const simulator = startProcess({
    name: 'the simulator',
    command,
    args: [
      ...args,
      ...Object.entries(named).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...webhookUrls.flatMap((webhookUrl) => ['--webhook-url', webhookUrl]),
    ],
    env: { CLOCK_START: String(startMs) },
    logFile: join(directory, 'simulator.log'),
    isReady: async () => (await fetch(url)).ok,
    guard,
  })
  const control: SimulatorProcess['control'] = async (method, path, body) =>
    request(`${url}/_network${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
  return {
    url,
    process: simulator,
    control,
    ledger: async () => ((await control('GET', '/ledger')) as { calls: LedgerCall[] }).calls,
    summary: async () => ledgerSummary.parse(await control('GET', '/ledger/summary')),
    async createTrunk({ address = 'sip.simulator.test', ...trunk }) {
      const token = await new SignJWT({ sip: { admin: true } })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(apiKey)
        .setExpirationTime('10m')
        .sign(new TextEncoder().encode(apiSecret))
      const made = await request(`${url}/twirp/livekit.SIP/CreateSIPOutboundTrunk`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ trunk: { ...trunk, address } }),
      })
      const { sipTrunkId, sip_trunk_id: snake } = z
        .object({ sipTrunkId: z.string().optional(), sip_trunk_id: z.string().optional() })
        .parse(made)
      return sipTrunkId ?? snake ?? ''
    },
  }
}

async function request(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${init.method} ${url} was answered ${response.status}: ${await response.text()}`)
  return response.json()
}
