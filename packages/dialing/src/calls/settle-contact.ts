import type { Tx } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import { localDay } from '@outdial/policy/calling-window'
import { decideNext, type Next, retrySchema } from '@outdial/policy/retry'
import type { Signal } from '@outdial/policy/signal'
import { hearOfTrunk, trunkFailingReason, trunkFailuresAllowed } from '@outdial/policy/trunk-faults'
import { eq, sql } from 'drizzle-orm'
import { stopForError } from '../campaigns/end-run.ts'
import { logEach, type RowEntry } from '../event-log.ts'
import type { Call } from './call-data.ts'

/** So many calls in a row without an agent mean that there is no agent to call with. */
const agentFailuresAllowed = 3

type Refusal = (Signal & { kind: 'dial_failed' }) | null

/** Decides with policy what an ended call means for its contact and its campaign, and writes it. */
export async function settleContact(tx: Tx, input: { call: Call; refusal: Refusal; now: Date }): Promise<void> {
  const { call, refusal, now } = input
  if (call.origin !== 'campaign' || !call.campaignId || !call.contactId) return
  const [campaign] = await tx.select().from(campaigns).where(eq(campaigns.id, call.campaignId))
  if (!campaign) throw new Error(`Call ${call.id} belongs to campaign ${call.campaignId}, which is not there.`)
  const next = await nextStep(tx, { call, campaign, now })
  const { agentFailures, trunkFailures } = await moveContact(tx, { call, refusal, next, now })
  if (refusal?.effect === 'stop_campaign') {
    await stopForError(tx, { campaign, code: 'trunk_misconfigured', reason: refusal.reason, now })
  } else if (agentFailures >= agentFailuresAllowed) {
    const reason = `No agent joined the last ${agentFailures} answered calls. Start a worker for the assistant's agent, then resume.`
    await stopForError(tx, { campaign, code: 'agent_missing', reason, now })
  } else if (trunkFailures >= trunkFailuresAllowed) {
    const reason = trunkFailingReason(trunkFailures, call.endReason)
    await stopForError(tx, { campaign, code: 'trunk_failing', reason, now })
  }
}

async function nextStep(
  tx: Tx,
  input: { call: Call; campaign: typeof campaigns.$inferSelect; now: Date },
): Promise<Next> {
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

type Settled = { call: Call; refusal: Refusal; next: Next; now: Date }

/**
 * A contact that this call does not hold any more is left alone. Returns how many calls in a row had no agent, and how
 * many the trunk failed to place.
 */
async function moveContact(tx: Tx, settled: Settled): Promise<{ agentFailures: number; trunkFailures: number }> {
  const { call, next } = settled
  const again = next.kind === 'again'
  const agent =
    call.disposition === 'agent_error' ? sql`agent_failures + 1` : call.agentJoinedAt ? sql`0` : sql`agent_failures`
  const trunk = { failed: sql`trunk_failures + 1`, worked: sql`0`, nothing: sql`trunk_failures` }[
    hearOfTrunk({ ...call, refusal: settled.refusal })
  ]
  const [runtime] = await tx.execute<{ agent_failures: number; trunk_failures: number }>(sql`
    with moved as (
      update campaign_contacts set call_id = null, attempts = attempts + ${call.burned ? 1 : 0},
        state = ${again ? 'waiting' : 'finished'},
        due_at = ${again ? sql`${next.at.toISOString()}::timestamptz` : sql`due_at`},
        finish_reason = ${again ? null : next.reason}
      where campaign_id = ${call.campaignId} and contact_id = ${call.contactId} and call_id = ${call.id}
      returning 1),
    logged as (${logEach(sql`moved`, entryOf(settled))})
    update campaign_runtime set agent_failures = ${agent}, trunk_failures = ${trunk},
      contacts_claimed = contacts_claimed - (select count(*) from moved),
      contacts_waiting = contacts_waiting + ${again ? sql`(select count(*) from moved)` : sql`0`},
      contacts_finished = contacts_finished + ${again ? sql`0` : sql`(select count(*) from moved)`}
    where campaign_id = ${call.campaignId} returning agent_failures, trunk_failures`)
  return { agentFailures: runtime?.agent_failures ?? 0, trunkFailures: runtime?.trunk_failures ?? 0 }
}

function entryOf({ call, next, now }: Settled): RowEntry {
  const { workspaceId, campaignId, contactId, disposition, outcome, burned } = call
  const about = { at: now, workspaceId, campaignId, contactId, callId: call.id }
  return next.kind === 'again'
    ? { kind: 'retried', ...about, details: { dueAt: next.at, disposition, outcome, burned } }
    : { kind: 'finished', ...about, details: { reason: next.reason, disposition, outcome } }
}

/** A number from 0 to 1 that is the same whenever the same call is settled. */
function jitterOf(callId: string): number {
  return Number.parseInt(callId.slice(-8), 16) / 0xffffffff
}
