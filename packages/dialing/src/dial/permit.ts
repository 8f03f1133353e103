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
import { and, eq, sql } from 'drizzle-orm'
import { blockOfNumber } from '../calls/attempts-to-number.ts'
import { callData, subjectOf } from '../calls/call-data.ts'
import { callingHoursOf } from '../campaigns/campaign-settings.ts'
import type { Deps } from '../deps.ts'
import { logEvents } from '../event-log.ts'
import { writeNotices } from '../notices/write-notices.ts'
import { singleCallWindow } from './single-call-window.ts'

export type PermittedCall = {
  call: typeof calls.$inferSelect
  campaign: typeof campaigns.$inferSelect | null
  contact: typeof contacts.$inferSelect | null
  /** Null where a single call names its agent itself, or has none. */
  assistant: typeof assistants.$inferSelect | null
  trunk: typeof trunks.$inferSelect
  ringTimeoutMs: number
  maxCallMs: number
}

/** `until`: the contact is not due again before. */
type Objection = { reason: string; finish: FinishReason | null; until?: Date }

export type PermitAnswer =
  | { kind: 'permitted'; dial: PermittedCall }
  /** Not now or not ever: the claim is to be released. */
  | ({ kind: 'refused' } & Objection)
  /** The campaign's pre-dial address is to be asked first, and then for the permit again. */
  | { kind: 'ask'; dial: PermittedCall; url: string }
  /** Somebody else has it, or it is over. */
  | { kind: 'gone' }

export const singleCallRingMs = 30_000
const singleCallMaxMs = 30 * 60_000

/** Real time from the permit until a call that was not marked as dialed is taken for lost. Longer than any patience. */
const unmarkedMs = 20_000

/** Gives the permit to dial a call, at most once in the life of the call. `wasAsked`: the pre-dial address said yes. */
export async function permitCall(
  deps: Pick<Deps, 'db' | 'clockSpeed'>,
  input: { callId: string; now: Date; wasAsked?: boolean },
): Promise<PermitAnswer> {
  return deps.db.transaction(async (tx) => {
    const found = await gather(tx, input.callId)
    if (!found?.dial.call.startsAt) return { kind: 'gone' }
    const { dial } = found
    const { call } = dial
    if (dial.trunk.archivedAt) {
      const finish = call.origin === 'single' ? 'canceled' : null
      return { kind: 'refused', reason: 'The trunk was removed.', finish }
    }
    const objection = objectionTo({ ...found, now: input.now })
    if (objection) return { kind: 'refused', ...objection }
    const block = call.origin === 'campaign' ? await blockOfNumber(tx, { ...call, now: input.now }) : null
    if (block) return { kind: 'refused', finish: null, ...block }
    const url = call.origin === 'campaign' && !input.wasAsked ? dial.campaign?.predialUrl : null
    if (url) return { kind: 'ask', dial, url }
    const checkAt = new Date(input.now.getTime() + unmarkedMs * deps.clockSpeed)
    const [permitted] = await tx
      .update(calls)
      .set({ status: 'calling', permittedAt: input.now, checkAt })
      .where(and(eq(calls.id, call.id), eq(calls.status, 'pending')))
      .returning()
    if (!permitted) return { kind: 'gone' }
    await tellOfPermit(tx, { call: permitted, now: input.now })
    return { kind: 'permitted', dial: { ...dial, call: permitted } }
  })
}

async function tellOfPermit(tx: Tx, { call, now }: { call: PermittedCall['call']; now: Date }): Promise<void> {
  const { id: callId, workspaceId, campaignId, trunkId } = call
  await writeNotices(tx, [{ workspaceId, campaignId, callId, event: 'call.started', now, data: callData(call) }])
  await logEvents(tx, [{ kind: 'permitted', at: now, ...subjectOf(call), trunkId }])
}

type Found = { dial: PermittedCall; lane: typeof lanes.$inferSelect; isSuppressed: boolean }

/** The pending call with all that belongs to it; the call's row locked, the campaign's shared, so that a pause waits. */
async function gather(tx: Tx, callId: string): Promise<Found | null> {
  const [found] = await tx
    .select({
      call: calls,
      contact: contacts,
      assistant: assistants,
      trunk: trunks,
      lane: lanes,
      isSuppressed: sql<boolean>`exists (select from ${suppressions}
        where ${suppressions.workspaceId} = ${calls.workspaceId} and ${suppressions.phoneNumber} = ${calls.phoneNumber})`,
    })
    .from(calls)
    .leftJoin(assistants, eq(assistants.id, calls.assistantId))
    .innerJoin(trunks, eq(trunks.id, calls.trunkId))
    .innerJoin(lanes, eq(lanes.trunkId, calls.trunkId))
    .leftJoin(contacts, eq(contacts.id, calls.contactId))
    .where(and(eq(calls.id, callId), eq(calls.status, 'pending')))
    .for('update', { of: calls, skipLocked: true })
  if (!found) return null
  const { isSuppressed, lane, ...rest } = found
  const [campaign] = rest.call.campaignId
    ? await tx.select().from(campaigns).where(eq(campaigns.id, rest.call.campaignId)).for('share')
    : []
  const { options } = rest.call
  const ringTimeoutMs = options?.ringTimeoutMs ?? (campaign ? campaign.ringTimeoutSeconds * 1000 : singleCallRingMs)
  const maxCallMs = options?.maxCallMs ?? (campaign ? campaign.maxCallSeconds * 1000 : singleCallMaxMs)
  return { dial: { ...rest, campaign: campaign ?? null, ringTimeoutMs, maxCallMs }, lane, isSuppressed }
}

/** Why this call may not be dialed now; null where nothing speaks against it. */
function objectionTo(found: Found & { now: Date }): Objection | null {
  const { dial, lane, isSuppressed, now } = found
  const { call, campaign, contact } = dial
  const notNow = (reason: string) => ({ reason, finish: null })
  if (isSuppressed) return { reason: 'The number is suppressed.', finish: 'suppressed' }
  if (lane.slowedUntil && lane.slowedUntil > now) return notNow(lane.slowedReason ?? 'The trunk is slowed down.')
  if (call.origin !== 'campaign') return objectionToHour(call, { campaign, now })
  if (!campaign || !contact) return notNow('The campaign or the contact was removed.')
  if (campaign.executionStatus !== 'running') return notNow(`The campaign is ${campaign.executionStatus}.`)
  if (!isOpen(callingHoursOf(campaign), contact.zoneKey, now)) return notNow('The calling hours have ended.')
  if (call.dialDay !== localDay(campaign.timezone, now)) return notNow('The day ended before the call began.')
  return null
}

/** Nobody claims a single call anew: it is over when its window is. */
function objectionToHour(
  call: PermittedCall['call'],
  { campaign, now }: Pick<PermittedCall, 'campaign'> & { now: Date },
): Objection | null {
  const window = singleCallWindow(call, campaign)
  if (!window || isOpen(window.hours, window.zoneKey, now)) return null
  return { reason: 'The calling hours ended before it was dialed.', finish: 'canceled' }
}
