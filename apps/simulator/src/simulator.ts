import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { createControlRoutes } from './control/control-routes.ts'
import { describeError, type Log, silentLog } from './log.ts'
import type { Ledger } from './network/ledger.ts'
import { createServices, methodNames } from './services.ts'
import { createSimulation, type Simulation } from './simulation.ts'
import type { PresetTrunk } from './sip/trunks.ts'
import { storagePath } from './storage/storage.ts'
import { createStorageRoutes } from './storage/storage-routes.ts'
import type { TwilioOptions } from './twilio/callbacks.ts'
import { createTwirpRoutes } from './twirp-routes.ts'

export type { Ledger, LedgerCall } from './network/ledger.ts'

export type SimulatorOptions = {
  /** 0 = any free port. */
  port: number
  host?: string
  /** Simulated seconds per real second. */
  speed: number
  /** Simulated time = start + (real time − origin) × speed, both in ms since 1970; give the dialer the same. */
  clockOriginMs: number
  /** The same as the origin unless given. */
  clockStartMs?: number | undefined
  /** What real time is, in ms since 1970; this host's clock unless given. */
  realNowMs?: () => number
  seed: number
  apiKey: string
  apiSecret: string
  webhookUrls: string[]
  /** Real ms before the first webhook retry; doubles with every retry. */
  webhookBackoffMs?: number
  /** Outbound trunks that exist from the start. */
  trunks?: PresetTrunk[]
  /** Send Twilio's callbacks for calls over trunks at `*.pstn.twilio.com`. */
  twilio?: TwilioOptions
  log?: Log
}

export type Simulator = {
  url: string
  port: number
  ledger(): Ledger
  close(): Promise<void>
}

/**
 * Starts a LiveKit project with a telephone network behind it.
 * @throws when the port is taken, with the port in the message.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port, host = '127.0.0.1', log = silentLog } = options
  if (!(options.speed > 0)) throw new Error(`speed must be greater than 0, not ${options.speed}`)
  const simulation = createSimulation({
    ...options,
    webhookBackoffMs: options.webhookBackoffMs ?? 1000,
    trunks: options.trunks ?? [],
    log,
  })
  const server = createAdaptorServer({ fetch: createApp(simulation).fetch, overrideGlobalObjects: false }) as Server
  // clients keep their connections between calls; closing them early would race with their next request
  server.keepAliveTimeout = 60_000
  try {
    await listen(server, { port, host })
  } catch (error) {
    simulation.close()
    throw error
  }
  const actualPort = (server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    ledger: () => simulation.ledger.snapshot(),
    close: () => close(server, simulation),
  }
}

function createApp(simulation: Simulation): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.get('/', (context) => context.text('OK'))
  const services = createServices(simulation)
  app.route('/', createTwirpRoutes(simulation, services))
  app.route(storagePath, createStorageRoutes(simulation.storage))
  app.route('/_network', createControlRoutes(simulation, methodNames(services)))
  app.onError((error, context) => {
    simulation.log('error', 'a request failed', { path: context.req.path, error: describeError(error) })
    return context.text('internal error', 500)
  })
  return app
}

// a dialer may open hundreds of connections in one moment; the usual 511 makes it wait for a repeated SYN
const acceptBacklog = 4096

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      reject(
        isTaken ? new Error(`Port ${port} on ${host} is in use. Stop what runs there or choose another port.`) : error,
      )
    })
    server.listen({ port, host, backlog: acceptBacklog }, resolve)
  })
}

async function close(server: Server, simulation: Simulation): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  simulation.close()
  server.closeAllConnections()
  await closed
}
