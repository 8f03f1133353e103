import { drawFailures, drawFaults, type Failure, type Fault } from './faults.ts'
import { moments } from './moments.ts'
import { drawNumbers, type NumberPlan } from './numbers.ts'
import { createLuck } from './random.ts'
import { type Schedule, schedule } from './schedule.ts'
import { drawUsers, type UserAction } from './users.ts'
import { drawWorkspaces, type WorkspacePlan } from './workspaces.ts'

/** Everything a run does by itself. What it hits is not planned: that depends on how fast everybody is. */
export type Plan = {
  seed: number
  moment: string
  /** Domain seconds per second. */
  speed: number
  /** What the domain clock shows when the campaigns are started. */
  startMs: number
  /** By how much the clock of the second host is ahead. */
  skewMs: number
  schedule: Schedule
  workspaces: WorkspacePlan[]
  numbers: NumberPlan[]
  users: UserAction[]
  faults: Fault[]
  failures: Failure[]
}

/** The same for the same seed, on every machine. Each part has luck of its own, so that one can change alone. */
export function makePlan(seed: number): Plan {
  const time = createLuck(seed, 'time')
  const speed = time.pick([100, 120, 120])
  const moment = time.pick(moments)
  // The edge is passed while faults and users are at it.
  const startMs = Date.parse(moment.edge) - time.whole(4, 26) * 60_000
  const workspaces = drawWorkspaces(createLuck(seed, 'workspaces'), { moment, startMs })
  return {
    seed,
    moment: moment.name,
    speed,
    startMs,
    skewMs: time.pick([0, 2_000, -2_000]),
    schedule,
    workspaces,
    numbers: drawNumbers(createLuck(seed, 'numbers'), workspaces),
    users: drawUsers(createLuck(seed, 'users'), { workspaces, schedule, homeZones: moment.zones }),
    faults: drawFaults(createLuck(seed, 'faults'), schedule),
    failures: drawFailures(createLuck(seed, 'failures')),
  }
}
