import type { Luck } from './random.ts'
import type { Schedule } from './schedule.ts'

/** Roles with the number of processes each has; those numbered 2 are on the second host. */
export const fleet = { api: 2, scheduler: 2, 'dial-worker': 3, webhooks: 2 } as const
export type Role = keyof typeof fleet
export type ProcessName = `${Role}-${number}`

export const processNames = (Object.keys(fleet) as Role[]).flatMap((role) =>
  Array.from({ length: fleet[role] }, (_, index): ProcessName => `${role}-${index + 1}`),
)

/** Where the engine can be made to die; each is passed by one role. */
export const failurePoints = {
  scheduler: ['claimed'],
  'dial-worker': [
    ...['before_permit', 'permitted', 'room_created', 'start_taken', 'marked'],
    ...['dial_sent', 'dial_answered', 'answer_recorded'],
  ],
} as const

/** A rule for the simulator, as `POST /_network/faults` takes it. */
export type NetworkRule = {
  on: string
  action: string
  when?: 'before' | 'after'
  event?: string
  status?: number
  probability: number
  count: number
  delayMs?: number
}

type What =
  | { kind: 'kill'; process: ProcessName }
  | { kind: 'rolling_restart'; role: Role }
  | { kind: 'hang'; processes: ProcessName[]; forMs: number }
  | { kind: 'postgres_stop'; mode: 'fast' | 'immediate'; forMs: number }
  | { kind: 'redis_flush' }
  | { kind: 'redis_restart'; crash: boolean; forMs: number }
  | { kind: 'redis_full'; forMs: number }
  | { kind: 'livekit' | 'webhooks' | 'reports'; rule: NetworkRule }
  | { kind: 'agents_away'; forMs: number }
  | { kind: 'carrier_limit'; callsPerSecond: number; concurrency: number; forMs: number }

/** Something that goes wrong, `atMs` real ms after the campaigns were started. */
export type Fault = { atMs: number } & What

/** The process dies when it passes the point for the `nth` time in a life; the next life gets the next of its list. */
export type Failure = { process: ProcessName; point: string; nth: number }

export const faultKinds = [
  ...(['kill', 'rolling_restart', 'hang', 'postgres_stop', 'redis_flush', 'redis_restart', 'redis_full'] as const),
  ...(['livekit', 'webhooks', 'reports', 'agents_away', 'carrier_limit'] as const),
] satisfies What['kind'][]

/** So often each kind comes up when faults are drawn. */
const shares: readonly (readonly [What['kind'], number])[] = [
  ['kill', 6],
  ['rolling_restart', 1],
  ['hang', 2],
  ['postgres_stop', 2],
  ['redis_flush', 2],
  ['redis_restart', 1],
  ['redis_full', 1],
  ['livekit', 6],
  ['webhooks', 5],
  ['reports', 2],
  ['agents_away', 1],
  ['carrier_limit', 1],
]
const deck = shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind))

/** Where more would leave no time for anything else. */
const mostOf: Partial<Record<What['kind'], number>> = {
  ...{ kill: 4, rolling_restart: 1, hang: 2, postgres_stop: 1, agents_away: 1, carrier_limit: 1 },
  ...{ redis_flush: 2, redis_restart: 1, redis_full: 1 },
}

/** What goes wrong, and when. All of it is over when it gets calm. */
export function drawFaults(luck: Luck, schedule: Schedule): Fault[] {
  const count = luck.whole(9, 16)
  const drawn = new Map<What['kind'], number>()
  const faults = Array.from({ length: count }, () => luck.pick(deck)).flatMap((kind): Fault[] => {
    const before = drawn.get(kind) ?? 0
    drawn.set(kind, before + 1)
    if (before >= (mostOf[kind] ?? count)) return []
    const what = drawFault(luck, kind)
    // LiveKit's silence is noticed after its patience, ten seconds: it must begin early to be over in time.
    const latestMs = what.kind === 'livekit' && what.rule.action === 'timeout' ? 5_000 : schedule.calmMs - 3_500
    return [{ atMs: luck.whole(what.kind === 'postgres_stop' ? 1_500 : 200, latestMs), ...what }]
  })
  return faults.sort((a, b) => a.atMs - b.atMs)
}

/** Deaths at named points, early ones and late ones. */
export function drawFailures(luck: Luck): Failure[] {
  return Array.from({ length: luck.whole(1, 4) }, () => {
    const role = luck.pick(['scheduler', 'dial-worker', 'dial-worker', 'dial-worker'] as const)
    const process: ProcessName = `${role}-${luck.whole(1, fleet[role])}`
    return { process, point: luck.pick(failurePoints[role]), nth: luck.whole(1, 25) }
  })
}

function drawFault(luck: Luck, kind: What['kind']): What {
  switch (kind) {
    case 'kill':
      return { kind, process: luck.pick(processNames) }
    case 'rolling_restart':
      return { kind, role: luck.pick(Object.keys(fleet) as Role[]) }
    case 'hang': {
      const processes = luck.pick<ProcessName[]>([['webhooks-1'], ['webhooks-2'], ['webhooks-1', 'webhooks-2']])
      return { kind, processes, forMs: luck.whole(800, 3_500) }
    }
    case 'postgres_stop':
      return { kind, mode: luck.pick(['fast', 'immediate'] as const), forMs: luck.whole(100, 1_500) }
    case 'redis_flush':
      return { kind }
    case 'redis_restart':
      return { kind, crash: luck.percent(50), forMs: luck.whole(0, 1_500) }
    case 'redis_full':
      return { kind, forMs: luck.whole(500, 3_000) }
    case 'livekit':
      return { kind, rule: drawLiveKitRule(luck) }
    case 'webhooks':
    case 'reports':
      return { kind, rule: drawDeliveryRule(luck, kind === 'webhooks' ? 'webhook' : 'report') }
    case 'agents_away':
      return { kind, forMs: luck.whole(500, 2_000) }
    case 'carrier_limit':
      return { kind, callsPerSecond: 0.1, concurrency: luck.whole(1, 4), forMs: luck.whole(800, 2_500) }
  }
}

function drawLiveKitRule(luck: Luck): NetworkRule {
  const on = luck.pick(['CreateSIPParticipant', 'CreateSIPParticipant', 'CreateRoom', 'ListParticipants', 'DeleteRoom'])
  const action = luck.pick(['timeout', 'reset', 'reset', '5xx', 'rate_limit', 'no_response', 'delay'])
  // With these two LiveKit says that it did nothing.
  const isRefusal = action === 'rate_limit' || action === 'no_response'
  const when = isRefusal ? 'before' : luck.pick(['before', 'after'] as const)
  // A dial that LiveKit itself holds back longer than windows close early, half a second at this speed, is its own fault.
  const longestDelayMs = on === 'CreateSIPParticipant' ? 250 : 2_000
  const extra = action === 'delay' ? { delayMs: luck.whole(50, longestDelayMs) } : {}
  const status = action === '5xx' ? { status: luck.pick([500, 502, 503]) } : {}
  return { on, action, when, probability: luck.pick([1, 0.5]), count: luck.whole(1, 4), ...extra, ...status }
}

function drawDeliveryRule(luck: Luck, on: 'webhook' | 'report'): NetworkRule {
  const action = luck.pick(['drop', 'double', 'delay', 'reorder'])
  const rule = { on, action, probability: luck.pick([1, 0.6, 0.3]), count: luck.whole(3, 25) }
  const event = luck.percent(40) && on === 'webhook' ? { event: luck.pick(['participant_left', 'room_finished']) } : {}
  // Real time: at a hundred and more times its speed these are minutes.
  const delay = action === 'delay' || action === 'reorder' ? { delayMs: luck.whole(300, 4_000) } : {}
  return { ...rule, ...event, ...delay }
}
