import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../plan/faults.ts'
import type { Plan } from '../plan/plan.ts'
import type { World } from '../world/world.ts'
import { act } from './act.ts'
import { breakThings, type Outages } from './break-things.ts'
import type { Fleet } from './fleet.ts'
import type { Tenant } from './prepare.ts'

export type Stage = { world: World; plan: Plan; tenants: Tenant[]; fleet: Fleet; outages: Outages; beganMs: number }

/** One thing that was done, for the record. */
export type Deed = { atMs: number; tookMs: number; what: unknown; status?: number; problem?: string }

export type Played = { deeds: Deed[]; faults: number }

/** Starts the campaigns, then breaks things and lets people do what they planned, each at its time. */
export async function playTimeline(stage: Stage): Promise<Played> {
  const { plan } = stage
  const record: Played = { deeds: [], faults: 0 }
  const note = async (atMs: number, what: unknown, work: () => Promise<{ status?: number; problem?: string }>) => {
    await delay(Math.max(0, stage.beganMs + atMs - Date.now()))
    const startedMs = Date.now()
    const seen = await work().catch((error: unknown) => ({ problem: String(error) }))
    record.deeds.push({ atMs: startedMs - stage.beganMs, tookMs: Date.now() - startedMs, what, ...seen })
  }
  const starts = plan.workspaces.flatMap(({ campaigns }, workspace) =>
    campaigns.map(({ startAfterMs }, campaign) =>
      note(startAfterMs, { kind: 'start', workspace, campaign }, () =>
        actIn(stage, { kind: 'start', campaign, workspace, atMs: startAfterMs, twice: false }),
      ),
    ),
  )
  const users = plan.users.map((action) => note(action.atMs, action, () => actIn(stage, action)))
  const faults = plan.faults.map((fault: Fault) =>
    note(fault.atMs, fault, async () => {
      const isDone = await breakThings(stage, fault)
      if (isDone) record.faults += 1
      return {}
    }),
  )
  await Promise.all([...starts, ...users, ...faults])
  record.deeds.sort((a, b) => a.atMs - b.atMs)
  return record
}

function actIn({ tenants }: Stage, action: Parameters<typeof act>[1]) {
  const tenant = tenants[action.workspace]
  if (!tenant) throw new Error(`there is no workspace ${action.workspace + 1}`)
  return act(tenant, action)
}
