import type { Tx } from '@outdial/database/client'
import { campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { localDay } from '@outdial/policy/calling-window'
import { decideNext, retrySchema } from '@outdial/policy/retry'
import type { FinishReason } from '@outdial/policy/states'
import { eq, sql } from 'drizzle-orm'
import { stopForError } from '../campaigns/end-run.ts'
import type { Call } from './act-on-change.ts'

/** So many calls in a row without an agent mean that there is no agent to call with. */
const agentFailuresAllowed = 3

/** Decides with policy what an ended call means for its contact and its campaign, and writes it. */
export async function settleContact(
  tx: Tx,
  input: { call: Call; stopCampaign: string | null; now: Date },
): Promise<void> {
  const { call, now } = input
  if (call.origin !== 'campaign' || !call.campaignId || !call.contactId) return
  const [row] = await tx
    .select({ campaign: campaigns, agentFailures: campaignRuntime.agentFailures })
    .from(campaignRuntime)
    .innerJoin(campaigns, eq(campaigns.id, campaignRuntime.campaignId))
    .where(eq(campaignRuntime.campaignId, call.campaignId))
    .for('update', { of: campaignRuntime })
  if (!row) throw new Error(`Call ${call.id} belongs to campaign ${call.campaignId}, which never ran.`)
  await moveContact(tx, { call, next: await nextStep(tx, { call, campaign: row.campaign, now }) })
  const agentFailures =
    call.disposition === 'agent_error' ? row.agentFailures + 1 : call.agentJoinedAt ? 0 : row.agentFailures
  if (agentFailures !== row.agentFailures) {
    await tx.update(campaignRuntime).set({ agentFailures }).where(eq(campaignRuntime.campaignId, call.campaignId))
  }
  if (input.stopCampaign) {
    await stopForError(tx, { campaign: row.campaign, code: 'trunk_misconfigured', reason: input.stopCampaign, now })
  } else if (agentFailures >= agentFailuresAllowed) {
    const reason = `No agent joined the last ${agentFailures} answered calls. Start a worker for the assistant's agent, then resume.`
    await stopForError(tx, { campaign: row.campaign, code: 'agent_missing', reason, now })
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

/** The caller holds the runtime row. A contact that this call does not hold any more is left alone. */
async function moveContact(tx: Tx, input: { call: Call; next: NextStep }): Promise<void> {
  const { call, next } = input
  const again = next.kind === 'again'
  const moved = await tx.execute(sql`
    update campaign_contacts set call_id = null, attempts = attempts + ${call.burned ? 1 : 0},
      state = ${again ? 'waiting' : 'finished'},
      due_at = ${again ? sql`${next.at.toISOString()}::timestamptz` : sql`due_at`},
      finish_reason = ${again ? null : next.reason}
    where campaign_id = ${call.campaignId} and contact_id = ${call.contactId} and call_id = ${call.id}
    returning contact_id`)
  if (moved.length === 0) return
  await tx.execute(sql`
    update campaign_runtime set contacts_claimed = contacts_claimed - 1,
      contacts_waiting = contacts_waiting + ${again ? 1 : 0}, contacts_finished = contacts_finished + ${again ? 0 : 1}
    where campaign_id = ${call.campaignId}`)
}

/** A number from 0 to 1 that is the same whenever the same call is settled. */
function jitterOf(callId: string): number {
  return Number.parseInt(callId.slice(-8), 16) / 0xffffffff
}
