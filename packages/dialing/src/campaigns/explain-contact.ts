import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { campaignRuntime, type campaigns } from '@outdial/database/schema/campaigns'
import { nextLocalDay, nextOpening } from '@outdial/policy/calling-window'
import { readZoneKey } from '@outdial/policy/zone-key'
import { eq, sql } from 'drizzle-orm'
import { attemptsToNumber, type NumberAttempts, toBlock } from '../calls/attempts-to-number.ts'
import { isSuppressed } from '../contacts/suppressions.ts'
import type { Deps, Who } from '../deps.ts'
import {
  type CampaignContact,
  type ContactRow,
  findCampaignContact,
  toCampaignContact,
  zoneKeyOf,
} from './campaign-contacts.ts'
import { type LogEntry, readContactLog } from './campaign-log.ts'
import { callingHoursOf } from './campaign-settings.ts'
import { explainCampaign, readToday, windowOf } from './campaign-status.ts'
import { beingCalled, type Reason, whyAgainLater, whyFinished } from './contact-reasons.ts'
import { findCampaign } from './read-campaigns.ts'

/** A contact of a campaign, why it is not being called right now, and all that was decided about it. */
export type ContactStanding = CampaignContact & { why: Reason; log: LogEntry[] }

/** @throws NotFound, also for a contact of another campaign */
export async function readCampaignContact(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { campaignId, contactId }: { campaignId: string; contactId: string },
): Promise<ContactStanding> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    const row = await findCampaignContact(tx, { campaign, contactId })
    const contact = toCampaignContact(row)
    const log = await readContactLog(tx, {
      campaignId,
      contactId,
      phoneNumber: contact.phoneNumber,
      workspaceId: who.workspaceId,
      isFinished: contact.state === 'finished',
    })
    return { ...contact, why: await explainContact(tx, { campaign, row, log, now: who.now }), log }
  })
}

type Known = { campaign: typeof campaigns.$inferSelect; row: ContactRow; log: LogEntry[]; now: Date }

/** The first thing that speaks against a call now, from what holds for good to what passes in a moment. */
async function explainContact(tx: Tx, known: Known): Promise<Reason> {
  const { campaign, row, log, now } = known
  const contact = toCampaignContact(row)
  if (contact.state === 'finished') return whyFinished(contact, log)
  if (row.held?.callId) return whyClaimed(tx, row.held.callId)
  const { phoneNumber, workspaceId } = row.contact
  if (await isSuppressed(tx, { workspaceId, phoneNumber })) {
    return { code: 'suppressed', reason: 'The number is on the suppression list, so it is not called.', until: null }
  }
  if (campaign.unknownTimezone === 'skip' && readZoneKey(zoneKeyOf(row)).zones.length === 0) return skipped
  const [runtime] = await tx.select().from(campaignRuntime).where(eq(campaignRuntime.campaignId, campaign.id))
  const window = windowOf(campaign, [zoneKeyOf(row)], now)
  const ofCampaign = await explainCampaign(tx, { campaign, runtime, window, now })
  if (ofCampaign && campaign.executionStatus !== 'running') return ofCampaign
  if (!row.held) {
    return { code: 'not_taken_over', reason: 'The campaign is still taking its contacts over.', until: null }
  }
  if (row.held.dueAt > now) {
    const until = nextOpening(callingHoursOf(campaign), row.held.zoneKey, row.held.dueAt)
    return whyAgainLater(log, until)
  }
  if (!window.isOpen && ofCampaign) return ofCampaign
  return (await whyNotYet(tx, known)) ?? (ofCampaign?.until && ofCampaign.until <= now ? null : ofCampaign) ?? itsTurn
}

async function whyClaimed(tx: Tx, callId: string): Promise<Reason> {
  const [call] = await tx.select().from(calls).where(eq(calls.id, callId))
  return beingCalled(call)
}

/** What the next claim would find: the number was called too often, or the day's cap is used up. */
async function whyNotYet(tx: Tx, { campaign, row, now }: Known): Promise<Reason | null> {
  const recent = attemptsToNumber({ workspace: sql`w`, phoneNumber: sql`${row.contact.phoneNumber}`, now })
  const [attempts] = await tx.execute<NumberAttempts>(sql`
    select w.attempt_limit_calls as limit_calls, w.attempt_limit_hours as limit_hours, recent.*
    from workspaces w, lateral (${recent}) recent where w.id = ${campaign.workspaceId}`)
  const block = attempts && toBlock(attempts, now)
  if (block) return { code: 'number_called', ...block }
  const today = await readToday(tx, campaign, now)
  if (today.left !== 0) return null
  const until = nextLocalDay(campaign.timezone, now)
  return { code: 'daily_cap', reason: 'The daily cap of the campaign is used up.', until }
}

const skipped: Reason = {
  code: 'unknown_time_zone',
  reason: 'Nobody knows the time where they are, and the campaign does not call such people.',
  until: null,
}

const itsTurn: Reason = {
  code: 'next',
  reason: 'They may be called now: their turn comes when those who were due before them have been called.',
  until: null,
}
