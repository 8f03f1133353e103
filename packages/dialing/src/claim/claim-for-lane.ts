/**
 * One look at a lane: which calls may start in the next moments, and whose. Everything is decided in one short
 * transaction under the lane's row, so limits hold with any number of schedulers, and after any crash:
 * concurrency is the number of open calls, the daily cap is a count, calls per second is a timestamp.
 *
 * Locks are always taken in this order: contact list, lane, runtime row, campaign. Who already holds a call's row may
 * go on to its runtime row, but never to a lane. Runtime rows are every transition's: they are taken last and briefly.
 */
import type { Tx } from '@outdial/database/client'
import { intervalOf, type Plan, planStarts } from '@outdial/policy/pacing'
import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { type EventEntry, logEvents } from '../event-log.ts'
import { admitSingleCalls } from './admit-single-calls.ts'
import { type Candidate, deferContacts, finishContacts } from './candidates.ts'
import { type CallStart, insertCalls } from './insert-calls.ts'
import { type LaneRow, lockLane, rampOf } from './lane.ts'
import { type Look, lookAtCampaign, type RunningCampaign, runningCampaigns } from './look-at-campaign.ts'

/** Calls are claimed at most this far ahead, in real time: a campaign that joins the others waits behind them. */
const claimAheadMs = 1_500

/** Real time before the first start that is not claimed yet at which the next ones are: for a slow claim, and the queue. */
const refillMs = 1_000

/**
 * Real time by which calls are planned before the pace will let them go, once it fell behind: somebody has to be waiting
 * for every instant, or it is lost.
 */
const inHandMs = 100

/** Real time by which the queue delivers a call before its start; the dial worker waits for the exact moment. */
const deliverAheadMs = 700

/**
 * Real time after which a lane is looked at again as long as it has calls: one that ends while a look is under way
 * cannot know what that look decides, and may not wake it.
 */
const patrolMs = 3_000

type Claimed = {
  starts: CallStart[]
  /** When there may be something to start, if nothing happens before. */
  nextWakeAt: Date | null
  /** The same, or the patrol before it. */
  lookAgainAt: Date | null
}

/**
 * Claims what may be dialed next on a trunk and hands the calls to the dial workers.
 * Returns how many were claimed and when to look again if nobody says so before; null when only an event can help.
 */
export async function claimForLane(
  deps: Pick<Deps, 'db' | 'queue' | 'clockSpeed' | 'failPoint'>,
  input: { trunkId: string; now: Date },
): Promise<{ claimed: number; nextWakeAt: Date | null }> {
  const speed = deps.clockSpeed
  const ahead = { horizonMs: claimAheadMs * speed, refillMs: refillMs * speed, inHandMs: inHandMs * speed }
  const { starts, nextWakeAt, lookAgainAt } = await deps.db.transaction((tx) =>
    claim(tx, { ...input, ...ahead, patrolMs: patrolMs * speed }),
  )
  if (starts.length > 0) deps.failPoint?.('claimed')
  const realMsUntil = (at: Date) => Math.max(0, (at.getTime() - input.now.getTime()) / deps.clockSpeed)
  if (starts.length > 0) {
    await deps.queue.dial(
      starts.map((start) => ({ callId: start.callId, delayMs: realMsUntil(start.startsAt) - deliverAheadMs })),
    )
  }
  if (lookAgainAt) await deps.queue.tick(input.trunkId, { delayMs: realMsUntil(lookAgainAt) })
  return { claimed: starts.length, nextWakeAt }
}

async function claim(
  tx: Tx,
  input: { trunkId: string; now: Date; horizonMs: number; refillMs: number; patrolMs: number; inHandMs: number },
): Promise<Claimed> {
  const { now } = input
  const lane = await lockLane(tx, input)
  if (!lane) return { starts: [], nextWakeAt: null, lookAgainAt: null }
  const campaigns = await runningCampaigns(tx, input.trunkId)
  if (lane.slowed_until && lane.slowed_until > now) return wait(tx, { lane, campaigns, until: lane.slowed_until })

  const single = await admitSingleCalls(tx, { ...input, lane })
  const slots = Math.max(0, lane.max_concurrency - lane.open_calls - single.starts.length)
  // One more than time allows, so that the plan knows that somebody is left waiting for it.
  const fitting = Math.ceil((input.horizonMs / 1000) * lane.calls_per_second) + 2
  const atMost = Math.min(slots, fitting)
  const looks = []
  for (const campaign of campaigns) {
    looks.push(await lookAtCampaign(tx, { campaign, now, atMost, horizonMs: input.horizonMs }))
  }
  const ramp = rampOf(lane, now.getTime())
  const plan = planStarts({
    nowMs: now.getTime(),
    horizonMs: input.horizonMs,
    intervalMs: intervalOf(lane.calls_per_second),
    ramp,
    slots,
    lane: { nextStartMs: single.nextStartMs, pass: lane.pass },
    contenders: looks.map((look) => look.contender),
  })
  const starts = [...single.starts]
  for (const look of looks) {
    const own = plan.starts.filter((start) => start.campaignId === look.campaign.id)
    const taken: Candidate[] = look.candidates.slice(0, own.length)
    starts.push(...(await insertCalls(tx, { lane, campaign: look.campaign, candidates: taken, starts: own, now })))
    await finishContacts(tx, { campaign: look.campaign, finished: look.finished, now })
    await deferContacts(tx, { campaign: look.campaign, deferred: look.deferred, now })
  }
  const wakes = [
    ...looks.map((look) => look.wakeAt),
    single.wakeAt,
    plan.nextMs === null ? null : new Date(plan.nextMs - input.refillMs),
  ]
  const nextWakeAt = soonest(wakes, now)
  const patrolAt = lane.open_calls + starts.length > 0 ? new Date(now.getTime() + input.patrolMs) : null
  const lookAgainAt = soonest([nextWakeAt, patrolAt], now)
  const isNearlyFull = slots < fitting || looks.some((look) => look.isNearlyFull)
  await tx.execute(sql`
    update lanes set next_start_ms = ${plan.lane.nextStartMs}, pass = ${plan.lane.pass},
      ramp_from_ms = ${ramp?.fromMs ?? null}, slowed_until = null, slowed_reason = null, next_wake_at = ${lookAgainAt?.toISOString() ?? null}::timestamptz,
      is_nearly_full = ${isNearlyFull}
    where trunk_id = ${input.trunkId}`)
  await rememberLooks(tx, { looks, plan })
  await logEvents(tx, looks.filter(isNewLull).map(deferred(now)))
  return { starts, nextWakeAt, lookAgainAt }
}

async function wait(tx: Tx, lull: { lane: LaneRow; campaigns: RunningCampaign[]; until: Date }): Promise<Claimed> {
  await tx.execute(sql`update lanes set next_wake_at = slowed_until where trunk_id = ${lull.lane.trunk_id}`)
  for (const campaign of lull.campaigns) {
    await tx.execute(sql`
      update campaign_runtime set blocked_reason = ${lull.lane.slowed_reason ?? 'The trunk is slowed down.'},
        blocked_until = ${lull.until.toISOString()}::timestamptz
      where campaign_id = ${campaign.id}`)
  }
  return { starts: [], nextWakeAt: lull.until, lookAgainAt: lull.until }
}

/** One statement for all campaigns of the lane, whose rows it locks in order of id, as everybody does. */
async function rememberLooks(tx: Tx, seen: { looks: Look[]; plan: Plan }): Promise<void> {
  if (seen.looks.length === 0) return
  const rows = seen.looks.map((look, i) => {
    const started = seen.plan.starts.filter((start) => start.campaignId === look.campaign.id).length
    const contender = (started > 0 ? seen.plan.contenders[i] : undefined) ?? look.contender
    const { pass, nextStartMs } = contender
    const { blockedReason, blockedUntil, finished } = look
    return {
      id: look.campaign.id,
      started,
      finished: finished.length,
      pass,
      nextStartMs,
      blockedReason,
      blockedUntil,
    }
  })
  await tx.execute(sql`
    update campaign_runtime r set pass = seen.pass, next_start_ms = seen."nextStartMs",
      contacts_waiting = contacts_waiting - seen.started - seen.finished,
      contacts_claimed = contacts_claimed + seen.started, contacts_finished = contacts_finished + seen.finished,
      blocked_reason = seen."blockedReason", blocked_until = seen."blockedUntil"
    from (
      select told.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as told(id uuid, started int, finished int,
        pass double precision, "nextStartMs" double precision, "blockedReason" text, "blockedUntil" timestamptz)
      join campaign_runtime locked on locked.campaign_id = told.id
      order by told.id for update of locked) seen
    where r.campaign_id = seen.id`)
}

/** Only what lasts until a moment, and once: a lane that is full says so many times a second. */
function isNewLull({ blockedReason, blockedUntil, campaign }: Look): boolean {
  return blockedReason !== null && blockedUntil !== null && blockedReason !== campaign.blockedReason
}

function deferred(at: Date): (look: Look) => EventEntry {
  return ({ campaign, blockedReason: reason, blockedUntil: until }) => {
    const { id: campaignId, workspaceId } = campaign
    return { kind: 'deferred', at, workspaceId, campaignId, details: { reason, until } }
  }
}

function soonest(moments: (Date | null)[], now: Date): Date | null {
  const known = moments.filter((moment) => moment !== null).map((moment) => Math.max(moment.getTime(), now.getTime()))
  return known.length ? new Date(Math.min(...known)) : null
}
