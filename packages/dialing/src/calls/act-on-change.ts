import type { Tx } from '@outdial/database/client'
import { suppressions } from '@outdial/database/schema/contacts'
import { type CallFacts, isTerminal } from '@outdial/policy/call-lifecycle'
import type { Signal } from '@outdial/policy/signal'
import { type EventEntry, logEvents, type RowEntry } from '../event-log.ts'
import { type NoticeEvent, writeNotices } from '../notices/write-notices.ts'
import { keepRecordings } from '../recordings/keep-recordings.ts'
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

  const suppressed = outcomeNow && after.outcome === 'do_not_call' ? await suppress(tx, { call, now }) : []
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
  await logEvents(tx, suppressed)
  const recorded = change.signals.filter((signal) => signal.kind === 'recording')
  if (recorded.length > 0) await keepRecordings(tx, { call, told: recorded, now })
  const refusal = change.signals.find((signal) => signal.kind === 'dial_failed') ?? null
  // Last, because it takes the campaign's runtime row, which every other transition of the campaign wants too.
  if (settledNow) await settleContact(tx, { call, refusal, now })
  const slow = refusal?.effect === 'slow_lane' && endedNow
  return {
    trunkId: call.trunkId,
    slotFreed: endedNow || settledNow,
    pace: slow ? 'slow_down' : answeredNow ? 'recover' : 'none',
    reason: refusal?.reason ?? '',
  }
}

/** Whose call it is: a campaign's contact, or somebody's who asked for a single call. */
export function subjectOf(call: Call): Pick<EventEntry, 'workspaceId' | 'campaignId' | 'contactId' | 'callId'> {
  const { workspaceId, contactId, id: callId } = call
  return { workspaceId, campaignId: call.origin === 'campaign' ? call.campaignId : null, contactId, callId }
}

/** `call` as it is once the signals are applied. */
export function appliedEntry(call: Call, { signals, now }: { signals: Signal[]; now: Date }): RowEntry {
  const { status, disposition, outcome, endReason } = call
  const kinds = signals.map((signal) => signal.kind)
  const details = { signals: kinds, status, disposition, outcome, reason: endReason }
  return { kind: 'applied', at: now, ...subjectOf(call), details }
}

/** At once and everywhere in the workspace: claims and permits look here. Returns what to log, if that was news. */
async function suppress(tx: Tx, { call, now }: { call: Call; now: Date }): Promise<EventEntry[]> {
  const { workspaceId, phoneNumber } = call
  const added = await tx
    .insert(suppressions)
    .values({
      workspaceId,
      phoneNumber,
      reason: 'The person asked not to be called again.',
      source: 'call',
      callId: call.id,
    })
    .onConflictDoNothing()
    .returning({ id: suppressions.id })
  return added.map(() => ({
    kind: 'number_suppressed',
    at: now,
    workspaceId,
    details: { phoneNumber, source: 'call' },
  }))
}
