import { inWorkspace, type Tx } from '@outdial/database/client'
import { lanes } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaignRuntime, type campaigns, campaignZones } from '@outdial/database/schema/campaigns'
import { closesAt, isOpen, localDay, nextOpening } from '@outdial/policy/calling-window'
import { describeLaw, isBeyondLaw } from '@outdial/policy/lawful-hours'
import { type CallStatus, type CampaignStatus, callStatuses } from '@outdial/policy/states'
import { and, count, eq } from 'drizzle-orm'
import type { Deps, Who } from '../deps.ts'
import { callingHoursOf } from './campaign-settings.ts'
import { countSource } from './count-source.ts'
import { findCampaign, settingsOf } from './read-campaigns.ts'

type CampaignRow = typeof campaigns.$inferSelect
type Runtime = typeof campaignRuntime.$inferSelect

/** Where a campaign stands. Every group of counters adds up to its total. */
export type CampaignStanding = {
  id: string
  executionStatus: CampaignStatus
  contacts: { total: number; waiting: number; claimed: number; finished: number }
  calls: { total: number } & Record<CallStatus, number>
  /** Dial attempts on the campaign's present local day. */
  today: { day: string; dialed: number; dailyCap: number | null; left: number | null }
  window: {
    isOpen: boolean
    closesAt: Date | null
    nextOpening: Date | null
    /** Rules of the law, in words, that are closed while the campaign's own hours are open. */
    closedByLaw: string[]
  }
  /** Why it starts no calls right now; null when it does. */
  notCalling: { code: string; reason: string; until: Date | null } | null
  /** What a marketer would want to know while it runs. */
  warnings: { code: string; field: string | null; message: string }[]
}

/** Throws NotFound. */
export async function readCampaignStatus(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { campaignId }: { campaignId: string },
): Promise<CampaignStanding> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    const [runtime] = await tx.select().from(campaignRuntime).where(eq(campaignRuntime.campaignId, campaignId))
    const window = windowOf(campaign, await zonesOf(tx, campaignId), who.now)
    const today = await readToday(tx, campaign, who.now)
    return {
      id: campaignId,
      executionStatus: campaign.executionStatus,
      contacts: await readContacts(tx, campaign, runtime),
      calls: await countCalls(tx, campaignId),
      today,
      window,
      notCalling: await explainCampaign(tx, { campaign, runtime, window, now: who.now }),
      warnings: warnOfLaw(campaign, window),
    }
  })
}

/** Calls by state; the states add up to the total. */
export async function countCalls(tx: Tx, campaignId: string): Promise<CampaignStanding['calls']> {
  const rows = await tx
    .select({ status: calls.status, count: count() })
    .from(calls)
    .where(eq(calls.campaignId, campaignId))
    .groupBy(calls.status)
  const of = (status: CallStatus) => rows.find((row) => row.status === status)?.count ?? 0
  const [pending, calling, answered, completed, failed] = callStatuses.map(of)
  const byStatus = { pending, calling, answered, completed, failed } as Record<CallStatus, number>
  return { total: rows.reduce((sum, row) => sum + row.count, 0), ...byStatus }
}

/** Before the first start nobody is taken over yet: then it is the list that counts. */
async function readContacts(
  tx: Tx,
  campaign: CampaignRow,
  runtime: Runtime | undefined,
): Promise<CampaignStanding['contacts']> {
  if (!runtime) {
    const total = await countSource(tx, campaign)
    return { total, waiting: total, claimed: 0, finished: 0 }
  }
  const { contactsTotal: total, contactsWaiting, contactsClaimed, contactsFinished } = runtime
  return { total, waiting: contactsWaiting, claimed: contactsClaimed, finished: contactsFinished }
}

export async function readToday(tx: Tx, campaign: CampaignRow, now: Date): Promise<CampaignStanding['today']> {
  const day = localDay(campaign.timezone, now)
  const [used] = await tx
    .select({ count: count() })
    .from(calls)
    .where(and(eq(calls.campaignId, campaign.id), eq(calls.dialDay, day)))
  const dialed = used?.count ?? 0
  const { dailyCap } = campaign
  return { day, dialed, dailyCap, left: dailyCap === null ? null : Math.max(0, dailyCap - dialed) }
}

/** The zones its contacts live in; before it is known where, its own. */
async function zonesOf(tx: Tx, campaignId: string): Promise<string[]> {
  const found = await tx
    .select({ zoneKey: campaignZones.zoneKey })
    .from(campaignZones)
    .where(eq(campaignZones.campaignId, campaignId))
  return found.length > 0 ? found.map((row) => row.zoneKey) : ['']
}

/** Open when it is for any of these zones. */
export function windowOf(campaign: CampaignRow, zones: string[], now: Date): CampaignStanding['window'] {
  const hours = callingHoursOf(settingsOf(campaign))
  const open = zones.filter((zone) => isOpen(hours, zone, now))
  const closings = open.map((zone) => closesAt(hours, zone, now))
  const openings = zones.map((zone) => {
    if (!open.includes(zone)) return nextOpening(hours, zone, now)
    const closing = closesAt(hours, zone, now)
    return closing && nextOpening(hours, zone, closing)
  })
  return {
    isOpen: open.length > 0,
    closesAt: closings.length > 0 && !closings.includes(null) ? extreme(Math.max, closings) : null,
    nextOpening: extreme(Math.min, openings),
    closedByLaw: [...new Set(zones.filter((zone) => isBeyondLaw(hours, zone, now)).flatMap(describeLaw))],
  }
}

/** Why a campaign starts no calls in a window right now; null when it does. */
export async function explainCampaign(
  tx: Tx,
  {
    campaign,
    runtime,
    window,
    now,
  }: { campaign: CampaignRow; runtime: Runtime | undefined; window: CampaignStanding['window']; now: Date },
): Promise<CampaignStanding['notCalling']> {
  const because = (code: string, reason: string, until: Date | null = null) => ({ code, reason, until })
  switch (campaign.executionStatus) {
    case 'idle':
      return campaign.stoppedAt
        ? because('stopped', 'The campaign was stopped. Start it to go on with the contacts it has not finished.')
        : because('not_started', 'The campaign has not been started.')
    case 'paused':
      return because('paused', 'The campaign is paused. Resume it to go on.')
    case 'completed':
      return because('completed', 'Every contact is finished.')
    case 'error':
      return because(campaign.errorCode ?? 'error', campaign.errorReason ?? 'The campaign is in error.')
    case 'running':
      break
  }
  if (!window.isOpen) {
    const { closedByLaw, nextOpening } = window
    if (!nextOpening) {
      return because('never_open', 'The calling hours never open again. Change them, or stop the campaign.')
    }
    return closedByLaw.length > 0
      ? because('outside_lawful_hours', `The law does not allow calls now. ${sentence(closedByLaw)}`, nextOpening)
      : because('outside_hours', 'It is outside the calling hours.', nextOpening)
  }
  if (runtime?.blockedReason) return because('waiting', runtime.blockedReason, runtime.blockedUntil)
  const [lane] = runtime ? await tx.select().from(lanes).where(eq(lanes.trunkId, runtime.trunkId)) : []
  if (!lane?.slowedUntil || lane.slowedUntil <= now) return null
  return because('trunk_slowed', lane.slowedReason ?? 'The trunk refused calls and gets a rest.', lane.slowedUntil)
}

/** Where the law is not enforced, somebody should know that it is being broken. */
function warnOfLaw(campaign: CampaignRow, { closedByLaw }: CampaignStanding['window']): CampaignStanding['warnings'] {
  if (campaign.jurisdictionRules === 'enforce' || closedByLaw.length === 0) return []
  if (campaign.executionStatus !== 'running') return []
  const message =
    'It is calling at hours that the law of some places does not allow. ' +
    `${sentence(closedByLaw)} Set jurisdictionRules to enforce, or pause the campaign.`
  return [{ code: 'beyond_lawful_hours', field: 'jurisdictionRules', message }]
}

function sentence(places: string[]): string {
  return `${places.slice(0, 5).join('; ')}${places.length > 5 ? '; and others' : ''}.`
}

function extreme(pick: (...values: number[]) => number, moments: (Date | null)[]): Date | null {
  const known = moments.flatMap((moment) => (moment ? [moment.getTime()] : []))
  return known.length > 0 ? new Date(pick(...known)) : null
}
