import { setTimeout as delay } from 'node:timers/promises'
import { alwaysOpen } from '../plan/hours.ts'
import type { CampaignEdit } from '../plan/users.ts'
import type { TrunkPlan } from '../plan/workspaces.ts'
import { type Standing, standingOf } from './look.ts'
import type { Tenant } from './prepare.ts'
import type { Stage } from './timeline.ts'

/** A campaign that did not come to its end, and what it says about that. */
export type Stuck = { campaign: string; standing: Standing; contacts: unknown[] }

const pollMs = 250

/** Around the clock, without a cap or a limit, so that nothing but the engine keeps a campaign waiting. */
const opened = {
  ...alwaysOpen,
  dailyCap: null,
  maxConcurrency: null,
  callsPerSecond: null,
  callDelayMs: 0,
} satisfies CampaignEdit & object

/** So fast that a campaign hardly waits for its trunk. */
const fastTrunk = { callsPerSecond: 0.3, maxConcurrency: 24 } satisfies Partial<TrunkPlan>

/**
 * Lets everything come to its end: what keeps campaigns waiting is lifted, who was paused, stopped or in error goes on,
 * and who waits for a far-off time is let go. Returns the campaigns that do not end.
 */
export async function drain(stage: Stage): Promise<Stuck[]> {
  const { plan, beganMs } = stage
  const { openMs, endMs, deadlineMs } = plan.schedule
  await waitUntil(beganMs + openMs, () => isOver(stage))
  await onOpenCampaigns(stage, () => opened)
  await openTrunks(stage)
  await waitUntil(beganMs + endMs, () => isOver(stage))
  await onOpenCampaigns(stage, () => ({ endAt: new Date(stage.world.clock.now().getTime() + 60_000).toISOString() }))
  await waitUntil(beganMs + deadlineMs, () => isOver(stage))
  await waitWhileMoving(stage)
  return findStuck(stage)
}

/** Nothing that goes on by itself takes longer between two steps: the wait for an agent's report is ten seconds. */
const longestStillnessMs = 15_000
const longestDelayMs = 90_000

/** A machine that is busy with other things gets more time, as long as something happens. */
async function waitWhileMoving(stage: Stage): Promise<void> {
  const deadlineMs = stage.beganMs + stage.plan.schedule.deadlineMs + longestDelayMs
  let movedMs = Date.now()
  let before = ''
  while (Date.now() < Math.min(deadlineMs, movedMs + longestStillnessMs)) {
    if (await isOver(stage)) return
    const [seen] = await stage.world.sql<{ moves: string }[]>`
      select concat_ws(' ', (select count(*) from calls where settled_at is not null),
        (select count(*) from event_log where kind in ('finished', 'retried', 'dialed'))) as moves`
    if (seen && seen.moves !== before) movedMs = Date.now()
    before = seen?.moves ?? before
    await delay(pollMs)
  }
}

/** True once every campaign is completed and no call is open or unsettled any more. */
async function isOver(stage: Stage): Promise<boolean> {
  const open = await goOn(stage)
  if (open.length > 0) return false
  const [left] = await stage.world.sql<{ calls: number; signals: number }[]>`
    select (select count(*)::int from calls where settled_at is null) as calls,
      (select count(*)::int from signals where applied_at is null and problem is null) as signals`
  return left?.calls === 0 && left.signals === 0
}

/** Takes up again what is not running, and returns all that is not completed. */
async function goOn({ tenants, plan, beganMs }: Stage): Promise<{ tenant: Tenant; standing: Standing }[]> {
  const campaigns = tenants.flatMap((tenant) => tenant.campaignIds.map((id) => ({ tenant, id })))
  const all = await Promise.all(
    campaigns.map(async ({ tenant, id }) => ({ tenant, standing: await standingOf(tenant, id) })),
  )
  const open = all.filter(({ standing }) => standing.executionStatus !== 'completed')
  if (Date.now() < beganMs + plan.schedule.calmMs) return open
  const actions: { [status: string]: string } = { idle: 'start', paused: 'resume', error: 'resume' }
  for (const { tenant, standing } of open) {
    const action = actions[standing.executionStatus]
    if (action) await tenant.requester.ask({ method: 'POST', path: `/campaigns/${standing.id}/${action}` })
  }
  return open
}

async function onOpenCampaigns(stage: Stage, patch: () => object): Promise<void> {
  const open = await goOn(stage)
  await Promise.all(
    open.map(({ tenant, standing }) => change(tenant, { path: `/campaigns/${standing.id}`, body: patch() })),
  )
}

async function openTrunks({ tenants }: Stage): Promise<void> {
  await Promise.all(
    tenants.flatMap((tenant) =>
      tenant.trunkIds.map((id) => change(tenant, { path: `/trunks/${id}`, body: fastTrunk })),
    ),
  )
}

async function change({ requester }: Tenant, { path, body }: { path: string; body: object }): Promise<void> {
  const answer = await requester.ask({ method: 'PATCH', path, body })
  if (answer.status >= 300) throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}

async function waitUntil(deadlineMs: number, isDone: () => Promise<boolean>): Promise<void> {
  while (Date.now() < deadlineMs) {
    if (await isDone()) return
    await delay(pollMs)
  }
}

async function findStuck(stage: Stage): Promise<Stuck[]> {
  if (await isOver(stage)) return []
  const names = new Map(
    stage.tenants.flatMap(({ campaignIds }, workspace) =>
      campaignIds.map((id, index) => [id, stage.plan.workspaces[workspace]?.campaigns[index]?.name ?? id] as const),
    ),
  )
  const open = await goOn(stage)
  return Promise.all(
    open.map(async ({ standing }) => ({
      campaign: names.get(standing.id) ?? standing.id,
      standing,
      contacts: [
        ...(await stage.world.sql`
        select cc.contact_id, cc.zone_key, cc.state, cc.due_at, cc.attempts, cc.call_id, c.status, c.check_at, c.starts_at,
          (select json_agg(json_build_object('kind', e.kind, 'at', e.at, 'details', e.details) order by e.id desc)
            from event_log e where e.contact_id = cc.contact_id and e.campaign_id = cc.campaign_id) as log
        from campaign_contacts cc left join calls c on c.id = cc.call_id
        where cc.campaign_id = ${standing.id} and cc.state <> 'finished' limit 5`),
      ],
    })),
  )
}
