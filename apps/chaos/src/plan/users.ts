import { createPeople, type Person } from './people.ts'
import type { Luck } from './random.ts'
import type { Schedule } from './schedule.ts'
import type { CampaignLimits, TrunkPlan, WorkspacePlan } from './workspaces.ts'

export type CampaignEdit = Partial<Omit<CampaignLimits, 'retry'>> & { endHour?: number; callingDays?: string[] }

type Change =
  | { kind: 'pause' | 'resume' | 'start'; campaign: number }
  | { kind: 'stop'; campaign: number; hangUpLiveCalls: boolean }
  | { kind: 'edit'; campaign: number; patch: CampaignEdit }
  | { kind: 'edit_trunk'; trunk: number; patch: Partial<TrunkPlan> }
  | { kind: 'append'; list: number; people: Person[] }
  | { kind: 'suppress' | 'unsuppress'; phoneNumber: string }
  | { kind: 'single_call'; trunk: number; phoneNumber: string }
  /** Somebody ends the newest call that is not over. */
  | { kind: 'hang_up' }

/** What somebody does over the API. `twice`: the same request with the same key goes to both API processes at once. */
export type UserAction = { atMs: number; workspace: number; twice: boolean } & Change

export const userKinds = [
  ...(['pause', 'resume', 'stop', 'start', 'edit', 'edit_trunk'] as const),
  ...(['append', 'suppress', 'unsuppress', 'single_call', 'hang_up'] as const),
] satisfies Change['kind'][]

/** What people do to running campaigns, as often as they like. Everything they pause or stop, they take up again. */
export function drawUsers(
  luck: Luck,
  {
    workspaces,
    schedule,
    homeZones,
  }: { workspaces: WorkspacePlan[]; schedule: Schedule; homeZones: readonly string[] },
): UserAction[] {
  const newPerson = createPeople(luck, homeZones)
  const count = luck.whole(14, 24)
  const actions = Array.from({ length: count }, () => {
    const workspace = luck.whole(0, workspaces.length - 1)
    const plan = workspaces[workspace]
    if (!plan) return []
    const atMs = luck.whole(800, schedule.calmMs)
    const when = (change: Change, laterMs = 0) => ({
      atMs: atMs + laterMs,
      workspace,
      twice: luck.percent(35),
      ...change,
    })
    return drawChange(luck, { plan, newPerson }).map(({ afterMs, ...change }) => when(change, afterMs))
  })
  return actions.flat().sort((a, b) => a.atMs - b.atMs)
}

type Step = Change & { afterMs: number }

function drawChange(luck: Luck, { plan, newPerson }: { plan: WorkspacePlan; newPerson: () => Person }): Step[] {
  const campaign = luck.whole(0, plan.campaigns.length - 1)
  const trunk = luck.whole(0, plan.trunks.length - 1)
  const list = luck.whole(0, plan.lists.length - 1)
  const anybody = luck.pick(plan.lists.flat()).phoneNumber
  const wish = luck.pick(['pause', 'pause', 'stop', 'edit', 'edit', 'trunk', 'append', 'suppress', 'single', 'hang up'])
  switch (wish) {
    case 'pause':
      return [
        { kind: 'pause', campaign, afterMs: 0 },
        { kind: 'resume', campaign, afterMs: luck.whole(30, 3_000) },
      ]
    case 'stop':
      return [
        { kind: 'stop', campaign, hangUpLiveCalls: luck.percent(40), afterMs: 0 },
        { kind: 'start', campaign, afterMs: luck.whole(30, 3_000) },
      ]
    case 'edit':
      return [{ kind: 'edit', campaign, patch: drawEdit(luck), afterMs: 0 }]
    case 'trunk':
      return [{ kind: 'edit_trunk', trunk, patch: drawTrunkEdit(luck), afterMs: 0 }]
    case 'append':
      return [{ kind: 'append', list, people: Array.from({ length: luck.whole(1, 6) }, newPerson), afterMs: 0 }]
    case 'suppress':
      return luck.percent(75)
        ? [{ kind: 'suppress', phoneNumber: anybody, afterMs: 0 }]
        : [
            { kind: 'suppress', phoneNumber: anybody, afterMs: 0 },
            { kind: 'unsuppress', phoneNumber: anybody, afterMs: luck.whole(500, 3_000) },
          ]
    case 'single':
      return [
        { kind: 'single_call', trunk, phoneNumber: luck.percent(60) ? anybody : newPerson().phoneNumber, afterMs: 0 },
      ]
    default:
      return [{ kind: 'hang_up', afterMs: 0 }]
  }
}

function drawEdit(luck: Luck): CampaignEdit {
  return luck.pick<() => CampaignEdit>([
    () => ({ dailyCap: luck.percent(70) ? luck.whole(5, 45) : null }),
    () => ({ maxConcurrency: luck.percent(70) ? luck.whole(1, 12) : null }),
    () => ({ callsPerSecond: luck.percent(70) ? luck.whole(8, 25) / 100 : null }),
    () => ({ weight: luck.whole(1, 5) }),
    () => ({ callDelayMs: luck.pick([0, 2_000, 8_000]) }),
    () => ({ maxAttemptsPerContact: luck.whole(1, 4) }),
    () => ({ maxAttemptsPerDay: luck.whole(1, 3) }),
  ])()
}

function drawTrunkEdit(luck: Luck): Partial<TrunkPlan> {
  return luck.percent(50) ? { callsPerSecond: luck.whole(10, 30) / 100 } : { maxConcurrency: luck.whole(4, 24) }
}
