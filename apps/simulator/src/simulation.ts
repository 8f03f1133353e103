import { createDispatches, type Dispatches } from './agents/dispatches.ts'
import { createReporter } from './agents/reporter.ts'
import { createWorkers, type Workers } from './agents/workers.ts'
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
import { createStorage, type Storage } from './storage/storage.ts'
import { createTwilioCallbacks, type TwilioCallbacks, type TwilioOptions } from './twilio/callbacks.ts'
import { createWebhookEvents } from './webhooks/webhook-events.ts'
import { WebhookSender } from './webhooks/webhook-sender.ts'

type SimulationOptions = {
  speed: number
  clockOriginMs: number
  clockStartMs?: number | undefined
  realNowMs?: (() => number) | undefined
  seed: number
  apiKey: string
  apiSecret: string
  webhookUrls: string[]
  webhookBackoffMs: number
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
  storage: Storage
  webhooks: WebhookSender
  twilio: TwilioCallbacks | undefined
  closing: AbortSignal
  log: Log
  /** Ends all calls and forgets what happened; trunks, dispatch rules and webhook addresses stay. */
  reset(): void
  close(): void
}

type Parts = Omit<Simulation, 'reset' | 'close'>

export function createSimulation(options: SimulationOptions): Simulation {
  const closing = new AbortController()
  const http = new HttpSender()
  const parts = createParts(options, { http, closing: closing.signal })
  const { clock, rooms, dispatches, egresses, webhooks } = parts
  rooms.onFinished = (room) => {
    dispatches.forgetRoom(room.name)
    egresses.stopRoom(room)
  }
  return {
    ...parts,
    reset: () => reset(parts),
    close() {
      closing.abort()
      clock.close()
      webhooks.close()
      http.close()
    },
  }
}

function createParts(options: SimulationOptions, own: { http: HttpSender; closing: AbortSignal }): Parts {
  const { speed, clockOriginMs: originMs, clockStartMs: startMs, realNowMs, seed, twilio, log } = options
  const { http, closing } = own
  const keys = { apiKey: options.apiKey, apiSecret: options.apiSecret }
  const clock = createSimulatedClock({ speed, originMs, startMs, realNowMs }, (error) =>
    log('error', 'a simulated step failed', { error: describeError(error) }),
  )
  const faults = createFaults(seed)
  const { webhookUrls: urls, webhookBackoffMs: backoffMs } = options
  const webhooks = new WebhookSender({ urls, backoffMs, keys, http, faults, closing, log })
  const events = createWebhookEvents(webhooks, clock.now)
  const rooms = new Rooms(clock, events)
  const ledger = createLedgerBook(clock.now)
  const workers = createWorkers(seed)
  const reporter = createReporter({ http, faults, closing, log })
  const storage = createStorage()
  return {
    keys,
    clock,
    faults,
    network: createTelephoneNetwork(seed),
    limits: createCarrierLimits(),
    ledger,
    rooms,
    sip: createSipStore(options.trunks),
    workers,
    dispatches: createDispatches({ clock, rooms, ledger, workers, reporter, log }),
    egresses: createEgresses({ clock, events, storage }),
    storage,
    webhooks,
    twilio: twilio && createTwilioCallbacks(twilio, { clock, http, faults, log }),
    closing,
    log,
  }
}

function reset({ rooms, ledger, network, limits, faults, workers, egresses, storage }: Parts) {
  rooms.reset()
  ledger.clear()
  network.clear()
  limits.clear()
  faults.clear()
  workers.clear()
  egresses.clear()
  storage.clear()
}
