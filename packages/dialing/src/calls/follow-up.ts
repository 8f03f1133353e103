import type { Db, Tx } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import { localDay } from '@outdial/policy/calling-window'
import { decideNext, retrySchema } from '@outdial/policy/retry'
import { hearOfTrunk, trunkFailingReason, trunkFailuresAllowed } from '@outdial/policy/trunk-faults'
import { eq, sql } from 'drizzle-orm'
import { stopForError } from '../campaigns/end-run.ts'
import { type Move, newsOf, refusalOf, type Settlement, type Written } from './write-move.ts'

/** So many calls in a row without an agent mean that there is no agent to call with. */
const agentFailuresAllowed = 3

/** What policy decides for contact and campaign when a campaign's call settles; null for every other move. */
export async function decideSettlement(db: Db | Tx, move: Move): Promise<Settlement | null> {
  const { before, after, now } = move
  const { id, campaignId, contactId } = before
  if (!newsOf(move).settled || before.origin !== 'campaign' || !campaignId || !contactId) return null
  const [campaign] = await db
    .select({
      timezone: campaigns.timezone,
      retry: campaigns.retry,
      maxAttemptsPerContact: campaigns.maxAttemptsPerContact,
      maxAttemptsPerDay: campaigns.maxAttemptsPerDay,
      // FILTER leaves the planner nothing but the contact's index. On a young table it took the campaign's, and read all
      // calls of the campaign for each one that was settled.
      earlier: sql<PastCall[]>`(select coalesce(jsonb_agg(jsonb_build_object('disposition', c.disposition,
          'outcome', c.outcome, 'burned', c.burned, 'dialDay', c.dial_day))
          filter (where c.campaign_id = ${campaignId} and c.id <> ${id}), '[]')
        from calls c where c.contact_id = ${contactId})`,
    })
    .from(campaigns)
    .where(eq(campaigns.id, campaignId))
  if (!campaign) throw new Error(`Call ${id} belongs to campaign ${campaignId}, which is not there.`)
  const past = [...campaign.earlier, after]
  const today = localDay(campaign.timezone, now)
  const next = decideNext({
    disposition: after.disposition ?? 'unknown',
    outcome: after.outcome,
    callbackAt: after.callbackAt,
    burnsAttempt: after.burned,
    attempts: past.filter(({ burned }) => burned).length,
    sameEndings: past.filter((call) => endsAlike(call, after)).length,
    attemptsToday: past.filter(({ burned, dialDay }) => burned && dialDay === today).length,
    maxAttemptsPerContact: campaign.maxAttemptsPerContact,
    maxAttemptsPerDay: campaign.maxAttemptsPerDay,
    retry: retrySchema.parse(campaign.retry),
    timezone: campaign.timezone,
    jitter: jitterOf(id),
    now,
  })
  return { next, trunk: hearOfTrunk({ ...after, refusal: refusalOf(move) }) }
}

type PastCall = Pick<Move['after'], 'disposition' | 'outcome' | 'burned' | 'dialDay'>

function endsAlike(one: PastCall, other: PastCall): boolean {
  return one.burned === other.burned && one.disposition === other.disposition && one.outcome === other.outcome
}

/** A number from 0 to 1 that is the same whenever the same call is settled. */
function jitterOf(callId: string): number {
  return Number.parseInt(callId.slice(-8), 16) / 0xffffffff
}

/** Stops a campaign of which no other call would fare better. Nothing where calls get through. */
export async function stopWhereNothingWorks(
  tx: Tx,
  { move, failures }: { move: Move; failures: Written },
): Promise<void> {
  const { campaignId: id, workspaceId } = move.before
  const why = id && newsOf(move).settled ? whyNothingWorks(move, failures) : null
  if (id && why) await stopForError(tx, { campaign: { id, workspaceId }, ...why, now: move.now })
}

function whyNothingWorks(
  move: Move,
  { agentFailures, trunkFailures }: Written,
): { code: string; reason: string } | null {
  const refusal = refusalOf(move)
  if (refusal?.effect === 'stop_campaign') return { code: 'trunk_misconfigured', reason: refusal.reason }
  if (agentFailures >= agentFailuresAllowed) {
    const reason = `No agent joined the last ${agentFailures} answered calls. Start a worker for the assistant's agent, then resume.`
    return { code: 'agent_missing', reason }
  }
  if (trunkFailures < trunkFailuresAllowed) return null
  return { code: 'trunk_failing', reason: trunkFailingReason(trunkFailures, move.after.endReason) }
}
