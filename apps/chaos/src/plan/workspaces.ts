import { drawHours, type Hours } from './hours.ts'
import type { Moment } from './moments.ts'
import { createPeople, type Person } from './people.ts'
import type { Luck } from './random.ts'

export type TrunkPlan = { name: string; callsPerSecond: number; maxConcurrency: number; rampUpSeconds: number }

/** How often and when somebody is called again; by how a call ended. */
export type RetryPlan = Record<string, { attempts: number; delaySeconds: number; backoff: 'fixed' | 'exponential' }>

export type CampaignLimits = {
  dailyCap: number | null
  callDelayMs: number
  callsPerSecond: number | null
  maxConcurrency: number | null
  weight: number
  maxAttemptsPerContact: number
  maxAttemptsPerDay: number
  ringTimeoutSeconds: number
  maxCallSeconds: number
  retry: RetryPlan
}

export type CampaignPlan = {
  name: string
  /** Positions in the workspace's trunks and lists. */
  trunk: number
  list: number
  hours: Hours
  limits: CampaignLimits
  voicemail: 'hangup' | 'leave_message' | 'continue'
  /** Real ms after the beginning. */
  startAfterMs: number
}

export type WorkspacePlan = {
  name: string
  /** Calls to one number in so many hours, over all campaigns; null for no limit. */
  attemptLimit: { calls: number; hours: number } | null
  trunks: TrunkPlan[]
  lists: Person[][]
  campaigns: CampaignPlan[]
  /** Must not be called, from the beginning. */
  suppressed: string[]
}

const minutes = (count: number) => count * 60

/** Tenants whose campaigns meet on trunks and whose lists share people. */
export function drawWorkspaces(luck: Luck, place: { moment: Moment; startMs: number }): WorkspacePlan[] {
  const newPerson = createPeople(luck, place.moment.zones)
  const campaignCounts = luck.pick([
    [2, 2],
    [3, 2],
    [2, 2, 1],
    [3, 1, 1],
    [4, 2],
    [3, 3],
    [2, 2, 2],
  ])
  return campaignCounts.map((count, index) =>
    drawWorkspace(luck, { ...place, newPerson, count, name: `W${index + 1}` }),
  )
}

function drawWorkspace(
  luck: Luck,
  wish: { moment: Moment; startMs: number; newPerson: () => Person; count: number; name: string },
): WorkspacePlan {
  const trunks = Array.from({ length: wish.count > 2 ? 2 : 1 }, (_, index) =>
    drawTrunk(luck, `${wish.name}T${index + 1}`),
  )
  const lists = drawLists(luck, { count: Math.max(1, wish.count - luck.whole(0, 1)), newPerson: wish.newPerson })
  const campaigns = Array.from({ length: wish.count }, (_, index) => ({
    name: `${wish.name}C${index + 1}`,
    // The first two always share one.
    trunk: index < 2 ? 0 : luck.whole(0, trunks.length - 1),
    list: index % lists.length,
    hours: drawHours(luck, wish),
    limits: drawLimits(luck),
    voicemail: luck.pick(['hangup', 'leave_message', 'continue'] as const),
    startAfterMs: luck.percent(70) ? luck.whole(0, 300) : luck.whole(300, 3_000),
  }))
  const everybody = lists.flat().map(({ phoneNumber }) => phoneNumber)
  return {
    name: wish.name,
    attemptLimit: luck.pick([{ calls: 3, hours: 24 }, { calls: 2, hours: 24 }, { calls: 2, hours: 1 }, null]),
    trunks,
    lists,
    campaigns,
    suppressed: luck.some([...new Set(everybody)], luck.whole(1, 4)),
  }
}

/** Some so slow, or with so few slots, that calls wait for them all the time: else a limit broken by little is not seen. */
function drawTrunk(luck: Luck, name: string): TrunkPlan {
  return {
    name,
    callsPerSecond: luck.whole(3, 24) / 100,
    maxConcurrency: luck.whole(2, 24),
    rampUpSeconds: luck.pick([0, 10, 10, 60]),
  }
}

/** A third of a list are people that an earlier list of the workspace has as well. */
function drawLists(luck: Luck, { count, newPerson }: { count: number; newPerson: () => Person }): Person[][] {
  const lists: Person[][] = []
  for (let index = 0; index < count; index += 1) {
    const size = luck.whole(20, 45)
    const known = luck.some(lists.flat(), index === 0 ? 0 : Math.floor(size / 3))
    const shared = [...new Map(known.map((person) => [person.phoneNumber, person])).values()]
    lists.push([...shared, ...Array.from({ length: size - shared.length }, newPerson)])
  }
  return lists
}

export function drawLimits(luck: Luck): CampaignLimits {
  const maxAttemptsPerContact = luck.whole(1, 4)
  return {
    dailyCap: luck.percent(50) ? luck.whole(8, 40) : null,
    callDelayMs: luck.pick([0, 2_000, 2_000, 5_000]),
    callsPerSecond: luck.percent(30) ? luck.whole(8, 25) / 100 : null,
    maxConcurrency: luck.percent(50) ? luck.whole(2, 12) : null,
    weight: luck.whole(1, 4),
    maxAttemptsPerContact,
    maxAttemptsPerDay: luck.whole(1, maxAttemptsPerContact),
    ringTimeoutSeconds: luck.whole(15, 35),
    maxCallSeconds: luck.pick([240, 600]),
    retry: drawRetry(luck),
  }
}

function drawRetry(luck: Luck): RetryPlan {
  const rule = () => ({
    attempts: luck.whole(1, 3),
    delaySeconds: luck.pick([0, 30, minutes(2), minutes(5), minutes(8)]),
    backoff: luck.pick(['fixed', 'exponential'] as const),
  })
  const endings = ['busy', 'no_answer', 'rejected', 'trunk_error', 'agent_error', 'unknown', 'voicemail']
  return Object.fromEntries(endings.filter(() => luck.percent(70)).map((ending) => [ending, rule()]))
}
