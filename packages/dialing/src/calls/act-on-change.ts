import type { Tx } from '@outdial/database/client'
import { suppressions } from '@outdial/database/schema/contacts'
import { type CallFacts, isTerminal } from '@outdial/policy/call-lifecycle'
import type { Signal } from '@outdial/policy/signal'
import { type NoticeEvent, writeNotices } from '../notices/write-notices.ts'
import { type Call, callData } from './call-data.ts'
import { settleContact } from './settle-contact.ts'

/** What a change of a call means for its lane, to be told after the commit. */
export type LaneNews = {
  trunkId: string | null
  /** A slot or a contact became free: the lane should look again. */
  slotFreed: boolean
  pace: 'none' | 'slow_down' | 'recover'
  reason: string
}

/** Does what follows from a call's change, in the transaction of the change: contact, campaign, suppression, notices. */
export async function actOnChange(
  tx: Tx,
  change: { call: Call; after: CallFacts; signals: Signal[]; now: Date },
): Promise<LaneNews> {
  const { call: before, after, now } = change
  const call: Call = { ...before, ...after }
  const about = { workspaceId: call.workspaceId, campaignId: call.campaignId, callId: call.id, now }
  const answeredNow = !before.answeredAt && after.answeredAt !== null
  const outcomeNow = after.outcome !== null && after.outcome !== before.outcome
  const settledNow = !before.settledAt && after.settledAt !== null
  const endedNow = !isTerminal(before.status) && isTerminal(after.status)

  if (outcomeNow && after.outcome === 'do_not_call') await suppress(tx, call)
  const events: NoticeEvent[] = [
    ...(answeredNow ? (['call.answered'] as const) : []),
    ...(outcomeNow ? (['call.outcome'] as const) : []),
    ...(settledNow ? (['call.ended'] as const) : []),
  ]
  const data = callData(call)
  await writeNotices(
    tx,
    events.map((event) => ({ ...about, event, data })),
  )
  const refusal = change.signals.find((signal) => signal.kind === 'dial_failed')
  const stopCampaign = refusal?.effect === 'stop_campaign' ? refusal.reason : null
  // Last, because it takes the campaign's runtime row, which every other transition of the campaign wants too.
  if (settledNow) await settleContact(tx, { call, stopCampaign, now })
  const slow = refusal?.effect === 'slow_lane' && endedNow
  return {
    trunkId: call.trunkId,
    slotFreed: endedNow || settledNow,
    pace: slow ? 'slow_down' : answeredNow ? 'recover' : 'none',
    reason: refusal?.reason ?? '',
  }
}

/** At once and everywhere in the workspace: claims and permits look here. */
async function suppress(tx: Tx, call: Call): Promise<void> {
  await tx
    .insert(suppressions)
    .values({
      workspaceId: call.workspaceId,
      phoneNumber: call.phoneNumber,
      reason: 'The person asked not to be called again.',
      source: 'call',
      callId: call.id,
    })
    .onConflictDoNothing()
}
