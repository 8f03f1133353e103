import type { Tx } from '@outdial/database/client'
import { isOpen, localDay, nextLocalDay, nextOpening } from '@outdial/policy/calling-window'
import type { Contender } from '@outdial/policy/pacing'
import { sql } from 'drizzle-orm'
import { type CallingHoursRow, callingHoursColumns, toCallingHours } from '../campaigns/calling-hours.ts'
import { endRun } from '../campaigns/end-run.ts'
import { type Candidate, dueContacts, nextDueByZone } from './candidates.ts'

export type RunningCampaign = CallingHoursRow & {
  id: string
  workspace_id: string
  assistant_id: string
  daily_cap: number | null
  call_delay_ms: number
  calls_per_second: number | null
  max_concurrency: number | null
  weight: number
  from_numbers: string[]
  metadata: Record<string, unknown>
  pass: number
  next_start_ms: number
  contacts_waiting: number
  contacts_claimed: number
  filled: boolean
  open_calls: number
}

export type Look = {
  campaign: RunningCampaign
  contender: Contender
  candidates: Candidate[]
  suppressed: string[]
  wakeAt: Date | null
  blockedReason: string | null
  blockedUntil: Date | null
}

/** The running campaigns of a lane, their runtime rows locked in order of id. */
export async function runningCampaigns(tx: Tx, trunkId: string): Promise<RunningCampaign[]> {
  const rows = await tx.execute<RunningCampaign>(sql`
    select c.id, c.workspace_id, c.assistant_id, c.daily_cap, c.call_delay_ms, c.calls_per_second, c.max_concurrency,
      c.weight, c.from_numbers, c.metadata, ${callingHoursColumns},
      r.pass, r.next_start_ms, r.contacts_waiting, r.contacts_claimed,
      (r.filled_at is not null and not exists (
        select from csv_files f where f.contact_list_id = c.contact_list_id and f.status = 'importing'
          and (c.csv_file_id is null or c.csv_file_id = f.id))) as filled,
      (select count(*)::int from calls k where k.campaign_id = c.id
        and k.status in ('pending', 'calling', 'answered')) as open_calls
    from campaign_runtime r join campaigns c on c.id = r.campaign_id
    where r.trunk_id = ${trunkId} and c.execution_status = 'running'
    order by c.id for update of r for share of c`)
  return [...rows]
}

/** What a campaign could start now, and if that is nothing, why, and when to look again. */
export async function lookAtCampaign(
  tx: Tx,
  input: { campaign: RunningCampaign; now: Date; atMost: number; horizonMs: number },
): Promise<Look> {
  const { campaign, now } = input
  const hours = toCallingHours(campaign)
  const nothing = { campaign, contender: contend(campaign, { atMost: 0, untilMs: 0 }), candidates: [], suppressed: [] }
  const pause = (blockedReason: string | null, blockedUntil: Date | null = null): Look => ({
    ...nothing,
    wakeAt: blockedUntil,
    blockedReason,
    blockedUntil,
  })
  if (campaign.contacts_waiting === 0) {
    if (campaign.contacts_claimed > 0) return pause('Every contact that is left is being called.')
    if (!campaign.filled)
      return pause('The contacts are still being taken over.', new Date(now.getTime() + input.horizonMs))
    await endRun(tx, { campaign, now })
    return pause(null)
  }
  const due = await nextDueByZone(tx, campaign.id)
  const openZones = [...due.keys()].filter((zone) => isOpen(hours, zone, now))
  const cap = await capLeft(tx, { campaign, now })
  if (cap <= 0) return pause('The daily cap is used up.', nextLocalDay(campaign.timezone, now))
  const slots = Math.min(cap, (campaign.max_concurrency ?? Number.POSITIVE_INFINITY) - campaign.open_calls)
  if (slots <= 0) return pause('As many calls are running as the campaign allows.')
  const limit = Math.min(input.atMost, slots)
  const { callable, suppressed } = await dueContacts(tx, { campaignId: campaign.id, openZones, now, limit })
  const wakeAt =
    suppressed.length > 0 ? now : nextMoment(due, { openZones, now, opens: (zone, at) => nextOpening(hours, zone, at) })
  if (limit > 0 && callable.length === 0 && suppressed.length === 0) {
    if (wakeAt) return pause(openZones.length ? 'No contact is due yet.' : 'Outside the calling hours.', wakeAt)
    await endRun(tx, { campaign, now, neverAgain: true })
    return { ...pause(null), wakeAt: now }
  }
  const untilMs = campaign.daily_cap === null ? Number.MAX_SAFE_INTEGER : nextLocalDay(campaign.timezone, now).getTime()
  const contender = contend(campaign, { atMost: callable.length, untilMs })
  const blockedReason = limit > 0 ? null : 'As many calls are running as the trunk allows.'
  return { campaign, contender, candidates: callable, suppressed, wakeAt, blockedReason, blockedUntil: null }
}

function contend(campaign: RunningCampaign, limits: { atMost: number; untilMs: number }): Contender {
  const ownIntervalMs = campaign.calls_per_second ? 1000 / campaign.calls_per_second : 0
  return {
    campaignId: campaign.id,
    weight: campaign.weight,
    pass: campaign.pass,
    nextStartMs: campaign.next_start_ms,
    gapMs: Math.max(campaign.call_delay_ms, ownIntervalMs),
    ...limits,
  }
}

async function capLeft(tx: Tx, input: { campaign: RunningCampaign; now: Date }): Promise<number> {
  const { campaign, now } = input
  if (campaign.daily_cap === null) return Number.POSITIVE_INFINITY
  const [used] = await tx.execute<{ count: number }>(sql`
    select count(*)::int as count from calls
    where campaign_id = ${campaign.id} and dial_day = ${localDay(campaign.timezone, now)}::date`)
  return campaign.daily_cap - (used?.count ?? 0)
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
