import { createDispatches, type Dispatches } from './agents/dispatches.ts'
import { createReporter, type Reporter } from './agents/reporter.ts'
import { type AgentOptions, createWorkers, type Workers } from './agents/workers.ts'
import type { Keys } from './auth.ts'
import { createSimulatedClock, type SimulatedClock } from './clock.ts'
import { createFaults, type Faults } from './control/faults.ts'
import { createEgresses, type Egresses } from './egress/egresses.ts'
import { HttpSender } from './http-sender.ts'
import { describeError, type Log } from './log.ts'
import { type CarrierLimits, createCarrierLimits } from './network/carrier-limits.ts'
import { createLedgerBook, type LedgerBook } from './network/ledger.ts'
import { createTelephoneNetwork, type TelephoneNetwork } from './network/telephone-network.ts'
import { Rooms } from './rooms/rooms.ts'
import { createSipStore, type PresetTrunk, type SipStore } from './sip/trunks.ts'
import { createTwilioCallbacks, type TwilioCallbacks, type TwilioOptions } from './twilio/callbacks.ts'
import { createWebhookEvents, type WebhookEvents } from './webhooks/webhook-events.ts'
import { createWebhookSender, type WebhookSender } from './webhooks/webhook-sender.ts'

export type SimulationOptions = {
  speed: number
  clockOriginMs: number
  seed: number
  apiKey: string
  apiSecret: string
  webhookUrls: string[]
  webhookBackoffMs: number
  agents: AgentOptions
  trunks: PresetTrunk[]
  twilio?: TwilioOptions
  log: Log
}

/** Everything there is in one simulated project and its telephone network. */
export type Simulation = {
  keys: Keys
  clock: SimulatedClock
  faults: Faults
  network: TelephoneNetwork
  limits: CarrierLimits
  ledger: LedgerBook
  rooms: Rooms
  sip: SipStore
  workers: Workers
  dispatches: Dispatches
  egresses: Egresses
  reporter: Reporter
  webhooks: WebhookSender
  events: WebhookEvents
  twilio: TwilioCallbacks | undefined
  twilioAccountSid: string
  closing: AbortSignal
  log: Log
  /** Ends all calls and forgets what happened; trunks, dispatch rules and webhook addresses stay. */
  reset(): void
  close(): void
}

const defaultAccountSid = `AC${'0'.repeat(32)}`

export function createSimulation(options: SimulationOptions): Simulation {
  const { speed, seed, log } = options
  const closing = new AbortController()
  const clock = createSimulatedClock({ speed, originMs: options.clockOriginMs }, (error) =>
    log('error', 'a simulated step failed', { error: describeError(error) }),
  )
  const http = new HttpSender()
  const keys = { apiKey: options.apiKey, apiSecret: options.apiSecret }
  const faults = createFaults(seed)
  const webhooks = createWebhookSender({
    urls: options.webhookUrls,
    backoffMs: options.webhookBackoffMs,
    keys,
    http,
    faults,
    log,
  })
  const events = createWebhookEvents(webhooks, clock.now)
  const rooms = new Rooms(clock, events)
  const twilioAccountSid = options.twilio?.accountSid ?? defaultAccountSid
  const deps = { clock, http, faults, log, accountSid: twilioAccountSid }

  const simulation: Simulation = {
    keys,
    clock,
    faults,
    network: createTelephoneNetwork(seed),
    limits: createCarrierLimits(),
    ledger: createLedgerBook(clock.now),
    rooms,
    sip: createSipStore(options.trunks),
    workers: createWorkers(options.agents, seed),
    get dispatches() {
      return dispatches
    },
    egresses: createEgresses({ clock, events }),
    reporter: createReporter({ http, faults, closing: closing.signal, log }),
    webhooks,
    events,
    twilio: options.twilio && createTwilioCallbacks(options.twilio, deps),
    twilioAccountSid,
    closing: closing.signal,
    log,
    reset: () => reset(simulation),
    close() {
      closing.abort()
      clock.close()
      webhooks.close()
      http.close()
    },
  }
  const dispatches = createDispatches(simulation)
  rooms.onFinished = (room) => {
    dispatches.forgetRoom(room.name)
    simulation.egresses.stopRoom(room)
  }
  return simulation
}

function reset({ rooms, ledger, network, limits, faults, workers, egresses }: Simulation) {
  rooms.reset()
  ledger.clear()
  network.clear()
  limits.clear()
  faults.clear()
  workers.clear()
  egresses.clear()
}
