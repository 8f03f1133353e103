import type { Tx } from '@outdial/database/client'
import { campaignPaces, campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { isOpen, localDay, nextLocalDay, nextOpening } from '@outdial/policy/calling-window'
import type { Contender } from '@outdial/policy/pacing'
import { and, asc, eq, sql } from 'drizzle-orm'
import { callingHoursOf, gapOf } from '../campaigns/campaign-settings.ts'
import { dayEnd } from '../campaigns/day-end.ts'
import { endRun } from '../campaigns/end-run.ts'
import { type Candidate, type Deferred, dueContacts, type Finished, nextDueByZone } from './candidates.ts'

export type RunningCampaign = typeof campaigns.$inferSelect & {
  pass: number
  nextStartMs: number
  contactsWaiting: number
  contactsClaimed: number
  blockedReason: string | null
  isFilled: boolean
  openCalls: number
}

export type Look = {
  campaign: RunningCampaign
  contender: Contender
  candidates: Candidate[]
  finished: Finished[]
  deferred: Deferred[]
  /** So few calls of its own are left to it that each one that ends counts. */
  isNearlyFull: boolean
  wakeAt: Date | null
  blockedReason: string | null
  blockedUntil: Date | null
}

/**
 * The running campaigns of a lane. Not locked: a pause must not wait for a claim, since the permit asks again, and
 * transitions change counters by so much and not to so much.
 */
export async function runningCampaigns(tx: Tx, trunkId: string): Promise<RunningCampaign[]> {
  const rows = await tx
    .select({
      campaign: campaigns,
      runtime: campaignRuntime,
      isImporting: sql<boolean>`exists (select from csv_files f where f.contact_list_id = ${campaigns.contactListId}
        and f.status = 'importing' and (${campaigns.csvFileId} is null or ${campaigns.csvFileId} = f.id))`,
      openCalls: sql<number>`(select count(*)::int from calls k where k.campaign_id = ${campaigns.id}
        and k.status in ('pending', 'calling', 'answered'))`,
      undialed: sql<number>`(select count(*)::int from calls k where k.campaign_id = ${campaigns.id}
        and k.status in ('pending', 'calling') and k.dialed_at is null)`,
      paceNextMs: campaignPaces.nextStartMs,
    })
    .from(campaigns)
    .innerJoin(campaignRuntime, eq(campaignRuntime.campaignId, campaigns.id))
    .leftJoin(campaignPaces, eq(campaignPaces.campaignId, campaigns.id))
    .where(and(eq(campaignRuntime.trunkId, trunkId), eq(campaigns.executionStatus, 'running')))
    .orderBy(asc(campaigns.id))
  return rows.map(({ campaign, runtime, isImporting, openCalls, undialed, paceNextMs }) => {
    const { pass, contactsWaiting, contactsClaimed, blockedReason, filledAt } = runtime
    const nextStartMs = Math.max(runtime.nextStartMs, (paceNextMs ?? 0) + undialed * gapOf(campaign))
    const isFilled = filledAt !== null && !isImporting
    return { ...campaign, pass, nextStartMs, contactsWaiting, contactsClaimed, blockedReason, isFilled, openCalls }
  })
}

/** What a campaign could start now, and if that is nothing, why, and when to look again. */
export async function lookAtCampaign(
  tx: Tx,
  input: { campaign: RunningCampaign; now: Date; atMost: number; horizonMs: number },
): Promise<Look> {
  const { campaign, now } = input
  const hours = callingHoursOf(campaign)
  const idle = contend(campaign, { atMost: 0, untilMs: 0 })
  const ownSlots = (campaign.maxConcurrency ?? Number.POSITIVE_INFINITY) - campaign.openCalls
  const isNearlyFull = ownSlots < input.atMost
  const nothing = { campaign, contender: idle, candidates: [], finished: [], deferred: [], isNearlyFull }
  const pause = (blockedReason: string | null, blockedUntil: Date | null = null): Look => ({
    ...nothing,
    wakeAt: blockedUntil,
    blockedReason,
    blockedUntil,
  })
  if (campaign.contactsWaiting === 0) {
    if (campaign.contactsClaimed > 0) return pause('Every contact that is left is being called.')
    if (!campaign.isFilled)
      return pause('The contacts are still being taken over.', new Date(now.getTime() + input.horizonMs))
    await endRun(tx, { campaign, now })
    return pause(null)
  }
  const due = await nextDueByZone(tx, campaign.id)
  const openZones = [...due.keys()].filter((zone) => isOpen(hours, zone, now))
  const cap = await capLeft(tx, { campaign, now })
  if (cap <= 0) return pause('The daily cap is used up.', nextLocalDay(campaign.timezone, now))
  const endOfDay = dayEnd(campaign.timezone, now)
  if (now >= endOfDay) return pause('The day ends.', nextLocalDay(campaign.timezone, now))
  const slots = Math.min(cap, ownSlots)
  if (slots <= 0) return pause('As many calls are running as the campaign allows.')
  const limit = Math.min(input.atMost, slots)
  const { callable, finished, deferred } = await dueContacts(tx, { campaign, openZones, now, limit })
  const passed = finished.length + deferred.length
  const wakeAt =
    passed > 0 ? now : nextMoment(due, { openZones, now, opens: (zone, at) => nextOpening(hours, zone, at) })
  if (limit > 0 && callable.length === 0 && passed === 0) {
    if (wakeAt) return pause(openZones.length ? 'No contact is due yet.' : 'Outside the calling hours.', wakeAt)
    await endRun(tx, { campaign, now, neverAgain: true })
    return { ...pause(null), wakeAt: now }
  }
  const contender = contend(campaign, { atMost: callable.length, untilMs: endOfDay.getTime() })
  const blockedReason = limit > 0 ? null : 'As many calls are running as the trunk allows.'
  const passing = { finished, deferred, isNearlyFull, wakeAt, blockedReason, blockedUntil: null }
  return { campaign, contender, candidates: callable, ...passing }
}

function contend(campaign: RunningCampaign, limits: { atMost: number; untilMs: number }): Contender {
  return {
    campaignId: campaign.id,
    weight: campaign.weight,
    pass: campaign.pass,
    nextStartMs: campaign.nextStartMs,
    gapMs: gapOf(campaign),
    ...limits,
  }
}

async function capLeft(tx: Tx, input: { campaign: RunningCampaign; now: Date }): Promise<number> {
  const { campaign, now } = input
  if (campaign.dailyCap === null) return Number.POSITIVE_INFINITY
  const [used] = await tx.execute<{ count: number }>(sql`
    select count(*)::int as count from calls
    where campaign_id = ${campaign.id} and dial_day = ${localDay(campaign.timezone, now)}::date`)
  return campaign.dailyCap - (used?.count ?? 0)
}

/** The first moment, after now, at which some contact will be due in an open zone; null when that will never be. */
function nextMoment(
  due: Map<string, Date>,
  look: { openZones: string[]; now: Date; opens: (zone: string, from: Date) => Date | null },
): Date | null {
  const moments = [...due].flatMap(([zone, dueAt]) => {
    if (look.openZones.includes(zone) && dueAt <= look.now) return []
    const opening = look.opens(zone, new Date(Math.max(dueAt.getTime(), look.now.getTime())))
    return opening ? [opening.getTime()] : []
  })
  return moments.length ? new Date(Math.min(...moments)) : null
}
