import type { Tx } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import { nextOpening } from '@outdial/policy/calling-window'
import type { FinishReason } from '@outdial/policy/states'
import { readZoneKey } from '@outdial/policy/zone-key'
import { eq, sql } from 'drizzle-orm'
import { logEach, logEvents } from '../event-log.ts'
import { writeNotices } from '../notices/write-notices.ts'
import { callingHoursOf } from './campaign-settings.ts'
import { uuids } from './feed-contacts.ts'

const chunkSize = 5_000

type Campaign = { id: string; workspaceId: string }

/**
 * Completes a campaign of which every contact is finished. With `neverAgain`, contacts that no window will ever reach
 * are finished first, a chunk at a time; the caller looks again. Contacts that came meanwhile keep it running.
 */
export async function endRun(tx: Tx, input: { campaign: Campaign; now: Date; neverAgain?: boolean }): Promise<void> {
  const { campaign, now } = input
  if (input.neverAgain) return finishUnreachable(tx, { campaign, now })
  const [unfinished] = await tx.execute<{ count: number }>(sql`
    select contacts_waiting + contacts_claimed as count from campaign_runtime
    where campaign_id = ${campaign.id} for update`)
  if (!unfinished || unfinished.count > 0) return
  const completed = await tx.execute(sql`
    update campaigns set execution_status = 'completed', completed_at = ${now.toISOString()}::timestamptz,
      updated_at = ${now.toISOString()}::timestamptz
    where id = ${campaign.id} and execution_status = 'running' returning id`)
  // Paused or stopped a moment ago: it completes when somebody lets it go on.
  if (completed.length === 0) return
  await logEvents(tx, [{ kind: 'campaign_completed', at: now, ...about(campaign) }])
  await writeNotices(tx, [
    {
      workspaceId: campaign.workspaceId,
      event: 'campaign.completed',
      campaignId: campaign.id,
      data: { campaign_id: campaign.id, execution_status: 'completed' },
      now,
    },
  ])
}

/** Puts a campaign into `error` with a reason that a marketer understands. Nothing is dialed until somebody resumes it. */
export async function stopForError(
  tx: Tx,
  input: { campaign: Campaign; code: string; reason: string; now: Date },
): Promise<void> {
  const { campaign, code, reason, now } = input
  const changed = await tx.execute(sql`
    update campaigns set execution_status = 'error', error_code = ${code}, error_reason = ${reason},
      updated_at = ${now.toISOString()}::timestamptz
    where id = ${campaign.id} and execution_status in ('running', 'paused') returning id`)
  if (changed.length === 0) return
  await logEvents(tx, [{ kind: 'campaign_failed', at: now, ...about(campaign), details: { code, reason } }])
  await writeNotices(tx, [
    {
      workspaceId: campaign.workspaceId,
      event: 'campaign.error',
      campaignId: campaign.id,
      data: { campaign_id: campaign.id, execution_status: 'error', code, reason },
      now,
    },
  ])
}

/** Looks at each of them: a call that ended a moment ago may have put its contact back, to be called again. */
async function finishUnreachable(tx: Tx, { campaign, now }: { campaign: Campaign; now: Date }): Promise<void> {
  const [row] = await tx.select().from(campaigns).where(eq(campaigns.id, campaign.id))
  if (!row) return
  const hours = callingHoursOf(row)
  const waiting = await tx.execute<{ contact_id: string; zone_key: string; due_at: string }>(sql`
    select contact_id, zone_key, due_at from campaign_contacts
    where campaign_id = ${campaign.id} and state = 'waiting' limit ${chunkSize}`)
  const closedZones = new Set(
    [...new Set(waiting.map((contact) => contact.zone_key))].filter((zone) => !nextOpening(hours, zone, now)),
  )
  const unreachable = waiting.filter(
    ({ zone_key, due_at }) => closedZones.has(zone_key) || !nextOpening(hours, zone_key, later(now, new Date(due_at))),
  )
  const isSkipped = (zoneKey: string) =>
    row.unknownTimezone === 'skip' && readZoneKey(zoneKey).zones.length === 0 && (!row.endAt || now < row.endAt)
  const skipped = unreachable.filter((contact) => isSkipped(contact.zone_key))
  const ended = unreachable.filter((contact) => !isSkipped(contact.zone_key))
  const finish = (contacts: typeof unreachable, reason: FinishReason) =>
    finishWaiting(tx, { campaign, contactIds: contacts.map((contact) => contact.contact_id), reason, now })
  const finished = (await finish(skipped, 'unknown_time_zone')) + (await finish(ended, 'campaign_ended'))
  await tx.execute(sql`
    update campaign_runtime set contacts_waiting = contacts_waiting - ${finished},
      contacts_finished = contacts_finished + ${finished}
    where campaign_id = ${campaign.id}`)
}

/** The caller keeps the counters. Returns how many it were. */
async function finishWaiting(
  tx: Tx,
  input: { campaign: Campaign; contactIds: string[]; reason: FinishReason; now: Date },
): Promise<number> {
  const { campaign, contactIds, reason, now } = input
  if (contactIds.length === 0) return 0
  const entry = { kind: 'finished', at: now, ...about(campaign), contactId: sql`contact_id` } as const
  const details = { reason, disposition: null, outcome: null }
  const finished = await tx.execute(sql`
    with finished as (
      update campaign_contacts set state = 'finished', finish_reason = ${reason}
      where campaign_id = ${campaign.id} and state = 'waiting' and contact_id = any(${uuids(contactIds)})
      returning contact_id),
    logged as (${logEach(sql`finished`, { ...entry, details })})
    select contact_id from finished`)
  return finished.length
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other
}

const about = ({ id, workspaceId }: Campaign) => ({ campaignId: id, workspaceId })
