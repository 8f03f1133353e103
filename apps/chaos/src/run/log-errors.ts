import type { World } from '../world/world.ts'
import type { Outages } from './break-things.ts'

/** What a lost connection looks like, from PostgreSQL, its drivers, Redis and sockets. */
const connectionTrouble = new RegExp(
  [
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'CONNECT_TIMEOUT', 'CONNECTION_(ENDED|CLOSED|DESTROYED)'],
    ...['57P0[123]', '08006', '08P01', 'terminating connection', 'Connection terminated', 'the database system is'],
    ...[
      'Connection is closed',
      'connection timeout',
      'Client has encountered a connection error',
      'OOM command',
      'LOADING',
    ],
    ...[
      'socket hang up',
      'This socket has been ended',
      'Stream isn',
      'max retries per request',
      'cannot reach',
      'Query read timeout',
    ],
  ].join('|'),
  'i',
)

/** What LiveKit answered, by order of a fault, and the API passed on. */
const liveKitTrouble = /"type":"LiveKitError"/

export type LoggedErrors = { unexpected: string[]; ofFaults: number }

/** What the processes logged as errors and no fault explains: a broken connection while no store was away counts. */
export function readLoggedErrors(
  world: World,
  { outages, breaksLiveKit }: { outages: Outages; breaksLiveKit: boolean },
): LoggedErrors {
  const unexpected: string[] = []
  let ofFaults = 0
  for (const role of world.roles) {
    for (const line of role.errors()) {
      const time = timeOf(line)
      // The clock of a host may be two seconds off.
      const isOutage = connectionTrouble.test(line) && outages.overlaps(time - 3_000, time + 3_000)
      if (isOutage || (breaksLiveKit && liveKitTrouble.test(line))) ofFaults += 1
      else unexpected.push(`${role.name}: ${line.slice(0, 1_500)}`)
    }
  }
  return { unexpected, ofFaults }
}

function timeOf(line: string): number {
  try {
    const { time } = JSON.parse(line) as { time?: number | string }
    return typeof time === 'string' ? Date.parse(time) : (time ?? 0)
  } catch {
    return 0
  }
}
