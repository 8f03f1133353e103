/**
 * The permit to dial: one conditional update, `pending` to `calling`. Whoever gets no row back does not dial.
 *
 * Everything that may have changed since the claim is looked at again in the same transaction, under shared locks, so
 * that a pause or an opt-out that was answered before is seen.
 */
import type { Tx } from '@outdial/database/client'
import { assistants, lanes, trunks } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts, suppressions } from '@outdial/database/schema/contacts'
import { isOpen, localDay } from '@outdial/policy/calling-window'
import type { FinishReason } from '@outdial/policy/states'
import { and, eq } from 'drizzle-orm'
import { callTimings } from '../calls/apply-signals.ts'
import { callData } from '../calls/call-data.ts'
import { callingHoursOf } from '../campaigns/campaign-settings.ts'
import type { Deps } from '../deps.ts'
import { writeNotice } from '../notices/write-notice.ts'

export type PermittedCall = {
  call: typeof calls.$inferSelect
  campaign: typeof campaigns.$inferSelect | null
  contact: typeof contacts.$inferSelect | null
  assistant: typeof assistants.$inferSelect
  trunk: typeof trunks.$inferSelect
  ringTimeoutMs: number
  maxCallMs: number
}

export type PermitAnswer =
  | { kind: 'permitted'; dial: PermittedCall }
  /** Not now or not ever: the claim is to be released. */
  | { kind: 'refused'; reason: string; finish: FinishReason | null }
  /** Somebody else has it, or it is over. */
  | { kind: 'gone' }

export const singleCallRingMs = 30_000
const singleCallMaxMs = 30 * 60_000

/** Gives the permit to dial a call, at most once in the life of the call. */
export async function permitCall(
  deps: Pick<Deps, 'db' | 'clockSpeed'>,
  input: { callId: string; now: Date },
): Promise<PermitAnswer> {
  return deps.db.transaction(async (tx) => {
    const [call] = await tx
      .select()
      .from(calls)
      .where(and(eq(calls.id, input.callId), eq(calls.status, 'pending')))
      .for('update', { skipLocked: true })
    if (!call?.startsAt) return { kind: 'gone' }
    const dial = await gather(tx, call)
    if (!dial) return { kind: 'refused', reason: 'The trunk or the assistant was removed.', finish: null }
    const objection = await objectionTo(tx, { dial, now: input.now })
    if (objection) return { kind: 'refused', ...objection }
    const waitMs = dial.ringTimeoutMs + callTimings(deps.clockSpeed).graceMs
    const [permitted] = await tx
      .update(calls)
      .set({ status: 'calling', permittedAt: input.now, checkAt: new Date(input.now.getTime() + waitMs) })
      .where(and(eq(calls.id, call.id), eq(calls.status, 'pending')))
      .returning()
    const { workspaceId, campaignId } = call
    const notice = { workspaceId, campaignId, callId: call.id, event: 'call.started', now: input.now } as const
    if (permitted) await writeNotice(tx, { ...notice, data: callData(permitted) })
    return permitted ? { kind: 'permitted', dial: { ...dial, call: permitted } } : { kind: 'gone' }
  })
}

async function gather(tx: Tx, call: PermittedCall['call']): Promise<PermittedCall | null> {
  if (!call.trunkId || !call.assistantId) return null
  const [campaign] = call.campaignId
    ? await tx.select().from(campaigns).where(eq(campaigns.id, call.campaignId)).for('share')
    : []
  const [contact] = call.contactId ? await tx.select().from(contacts).where(eq(contacts.id, call.contactId)) : []
  const [assistant] = await tx.select().from(assistants).where(eq(assistants.id, call.assistantId))
  const [trunk] = await tx.select().from(trunks).where(eq(trunks.id, call.trunkId))
  if (!assistant || !trunk || trunk.archivedAt) return null
  return {
    ...{ call, campaign: campaign ?? null, contact: contact ?? null, assistant, trunk },
    ringTimeoutMs: campaign ? campaign.ringTimeoutSeconds * 1000 : singleCallRingMs,
    maxCallMs: campaign ? campaign.maxCallSeconds * 1000 : singleCallMaxMs,
  }
}

/** Why this call may not be dialed now; null where nothing speaks against it. */
async function objectionTo(
  tx: Tx,
  input: { dial: PermittedCall; now: Date },
): Promise<{ reason: string; finish: FinishReason | null } | null> {
  const { call, campaign, contact } = input.dial
  const notNow = (reason: string) => ({ reason, finish: null })
  const [suppression] = await tx
    .select()
    .from(suppressions)
    .where(and(eq(suppressions.workspaceId, call.workspaceId), eq(suppressions.phoneNumber, call.phoneNumber)))
  if (suppression) return { reason: 'The number is suppressed.', finish: 'suppressed' }
  const [lane] = await tx
    .select()
    .from(lanes)
    .where(eq(lanes.trunkId, call.trunkId ?? ''))
  if (lane?.slowedUntil && lane.slowedUntil > input.now) return notNow(lane.slowedReason ?? 'The trunk is slowed down.')
  if (call.origin !== 'campaign') return null
  if (!campaign || !contact) return notNow('The campaign or the contact was removed.')
  if (campaign.executionStatus !== 'running') return notNow(`The campaign is ${campaign.executionStatus}.`)
  if (!isOpen(callingHoursOf(campaign), contact.zoneKey, input.now)) return notNow('The calling hours have ended.')
  if (call.dialDay !== localDay(campaign.timezone, input.now)) return notNow('The day ended before the call began.')
  return null
}
