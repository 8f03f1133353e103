import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'
import { logEach, logEvents } from '../event-log.ts'
import { writeNotices } from '../notices/write-notices.ts'

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

async function finishUnreachable(tx: Tx, { campaign, now }: { campaign: Campaign; now: Date }): Promise<void> {
  const entry = { kind: 'finished', at: now, ...about(campaign), contactId: sql`contact_id` } as const
  const details = { reason: 'campaign_ended', disposition: null, outcome: null }
  const finished = await tx.execute(sql`
    with finished as (
      update campaign_contacts set state = 'finished', finish_reason = 'campaign_ended'
      where campaign_id = ${campaign.id} and state = 'waiting' and contact_id in (
        select contact_id from campaign_contacts where campaign_id = ${campaign.id} and state = 'waiting' limit ${chunkSize})
      returning contact_id),
    logged as (${logEach(sql`finished`, { ...entry, details })})
    select contact_id from finished`)
  await tx.execute(sql`
    update campaign_runtime set contacts_waiting = contacts_waiting - ${finished.length},
      contacts_finished = contacts_finished + ${finished.length}
    where campaign_id = ${campaign.id}`)
}

const about = ({ id, workspaceId }: Campaign) => ({ campaignId: id, workspaceId })
