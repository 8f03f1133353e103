import type { Tx } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import { localDay } from '@outdial/policy/calling-window'
import { decideNext, retrySchema } from '@outdial/policy/retry'
import type { FinishReason } from '@outdial/policy/states'
import { eq, sql } from 'drizzle-orm'
import { stopForError } from '../campaigns/end-run.ts'
import type { Call } from './call-data.ts'

/** So many calls in a row without an agent mean that there is no agent to call with. */
const agentFailuresAllowed = 3

/** Decides with policy what an ended call means for its contact and its campaign, and writes it. */
export async function settleContact(
  tx: Tx,
  input: { call: Call; stopCampaign: string | null; now: Date },
): Promise<void> {
  const { call, now } = input
  if (call.origin !== 'campaign' || !call.campaignId || !call.contactId) return
  const [campaign] = await tx.select().from(campaigns).where(eq(campaigns.id, call.campaignId))
  if (!campaign) throw new Error(`Call ${call.id} belongs to campaign ${call.campaignId}, which is not there.`)
  const agentFailures = await moveContact(tx, { call, next: await nextStep(tx, { call, campaign, now }) })
  if (input.stopCampaign) {
    await stopForError(tx, { campaign, code: 'trunk_misconfigured', reason: input.stopCampaign, now })
  } else if (agentFailures >= agentFailuresAllowed) {
    const reason = `No agent joined the last ${agentFailures} answered calls. Start a worker for the assistant's agent, then resume.`
    await stopForError(tx, { campaign, code: 'agent_missing', reason, now })
  }
}

type NextStep = { kind: 'finish'; reason: FinishReason } | { kind: 'again'; at: Date }

async function nextStep(
  tx: Tx,
  input: { call: Call; campaign: typeof campaigns.$inferSelect; now: Date },
): Promise<NextStep> {
  const { call, campaign, now } = input
  const [past] = await tx.execute<{ attempts: number; same_endings: number; attempts_today: number }>(sql`
    select count(*) filter (where burned)::int as attempts,
      count(*) filter (where burned = ${call.burned} and disposition = ${call.disposition} and outcome is not distinct from ${call.outcome})::int as same_endings,
      count(*) filter (where burned and dial_day = ${localDay(campaign.timezone, now)}::date)::int as attempts_today
    from calls where contact_id = ${call.contactId} and campaign_id = ${call.campaignId}`)
  return decideNext({
    disposition: call.disposition ?? 'unknown',
    outcome: call.outcome,
    callbackAt: call.callbackAt,
    burnsAttempt: call.burned,
    attempts: past?.attempts ?? 0,
    sameEndings: past?.same_endings ?? 0,
    attemptsToday: past?.attempts_today ?? 0,
    maxAttemptsPerContact: campaign.maxAttemptsPerContact,
    maxAttemptsPerDay: campaign.maxAttemptsPerDay,
    retry: retrySchema.parse(campaign.retry),
    timezone: campaign.timezone,
    jitter: jitterOf(call.id),
    now,
  })
}

/** A contact that this call does not hold any more is left alone. Returns how many calls in a row had no agent. */
async function moveContact(tx: Tx, input: { call: Call; next: NextStep }): Promise<number> {
  const { call, next } = input
  const again = next.kind === 'again'
  const agent =
    call.disposition === 'agent_error' ? sql`agent_failures + 1` : call.agentJoinedAt ? sql`0` : sql`agent_failures`
  const [runtime] = await tx.execute<{ agent_failures: number }>(sql`
    with moved as (
      update campaign_contacts set call_id = null, attempts = attempts + ${call.burned ? 1 : 0},
        state = ${again ? 'waiting' : 'finished'},
        due_at = ${again ? sql`${next.at.toISOString()}::timestamptz` : sql`due_at`},
        finish_reason = ${again ? null : next.reason}
      where campaign_id = ${call.campaignId} and contact_id = ${call.contactId} and call_id = ${call.id}
      returning 1)
    update campaign_runtime set agent_failures = ${agent},
      contacts_claimed = contacts_claimed - (select count(*) from moved),
      contacts_waiting = contacts_waiting + ${again ? sql`(select count(*) from moved)` : sql`0`},
      contacts_finished = contacts_finished + ${again ? sql`0` : sql`(select count(*) from moved)`}
    where campaign_id = ${call.campaignId} returning agent_failures`)
  return runtime?.agent_failures ?? 0
}

/** A number from 0 to 1 that is the same whenever the same call is settled. */
function jitterOf(callId: string): number {
  return Number.parseInt(callId.slice(-8), 16) / 0xffffffff
}
