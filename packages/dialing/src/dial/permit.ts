/**
 * The permit to dial: one conditional update, `pending` to `calling`. Whoever gets no row back does not dial.
 *
 * Everything that may have changed since the claim is looked at again right before. What changes afterwards, such as a
 * pause, is seen by the mark (mark-dialed.ts), the last look before the request leaves.
 */
import { builtOnce, type Db } from '@outdial/database/client'
import { assistants, lanes, trunks } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts, suppressions } from '@outdial/database/schema/contacts'
import { isOpen, localDay } from '@outdial/policy/calling-window'
import type { FinishReason } from '@outdial/policy/states'
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { attemptsToNumber, inAnotherCall, type NumberAttempts, toBlock } from '../calls/attempts-to-number.ts'
import { callData, subjectOf } from '../calls/call-data.ts'
import { callingHoursOf } from '../campaigns/campaign-settings.ts'
import type { Deps } from '../deps.ts'
import { logEach } from '../event-log.ts'
import { noticeEach } from '../notices/write-notices.ts'
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
export const singleCallMaxMs = 30 * 60_000

/** Real time from the permit until a call that was not marked as dialed is taken for lost. Longer than any patience. */
const unmarkedMs = 20_000

/** Gives the permit to dial a call, at most once in the life of the call. `wasAsked`: the pre-dial address said yes. */
export async function permitCall(
  deps: Pick<Deps, 'db' | 'clockSpeed'>,
  input: { callId: string; now: Date; wasAsked?: boolean },
): Promise<PermitAnswer> {
  const { now } = input
  const found = await gather(deps.db, input.callId)
  if (!found?.dial.call.startsAt) return { kind: 'gone' }
  const { dial } = found
  const { call } = dial
  if (dial.trunk.archivedAt) {
    const finish = call.origin === 'single' ? 'canceled' : null
    return { kind: 'refused', reason: 'The trunk was removed.', finish }
  }
  const objection = objectionTo({ ...found, now })
  if (objection) return { kind: 'refused', ...objection }
  const url = call.origin === 'campaign' && !input.wasAsked ? dial.campaign?.predialUrl : null
  if (url) return { kind: 'ask', dial, url }
  const checkAt = new Date(now.getTime() + unmarkedMs * deps.clockSpeed)
  const permitted: PermittedCall['call'] = { ...call, status: 'calling', permittedAt: now, checkAt }
  const answer = call.origin === 'campaign' ? await give(deps.db, permitted) : await giveFreely(deps.db, permitted)
  return answer === 'given' ? { kind: 'permitted', dial: { ...dial, call: permitted } } : answer
}

/** A permit that a crashing server forgets would be given again, while whoever had it goes on. */
const onDisk = sql`set_config('synchronous_commit', 'on', true)`

type Given = 'given' | Extract<PermitAnswer, { kind: 'refused' | 'gone' }>

/** Where campaigns of two trunks want the number at the same moment, a unique index lets one of them have it. */
async function give(db: Db, permitted: PermittedCall['call']): Promise<Given> {
  const { workspaceId, phoneNumber } = permitted
  const now = permitted.permittedAt ?? permitted.createdAt
  const attempts = attemptsToNumber({ workspace: sql`w`, phoneNumber: sql`${phoneNumber}`, now })
  try {
    const [found] = await db.execute<NumberAttempts & { given: boolean }>(sql`
      with recent as (
        select w.attempt_limit_calls as limit_calls, w.attempt_limit_hours as limit_hours, recent.*
        from workspaces w, lateral (${attempts}) recent where w.id = ${workspaceId}),
      ${permission(permitted, sql`(select from recent where nth_at is null and in_call is not true)`)}
      select recent.*, exists (select from permitted) as given, ${onDisk} from recent`)
    if (found?.given) return 'given'
    const block = found ? toBlock(found, now) : null
    return block ? { kind: 'refused', finish: null, ...block } : { kind: 'gone' }
  } catch (error) {
    if (!breaks(error, 'calls_one_per_number')) throw error
    return { kind: 'refused', finish: null, ...inAnotherCall(now) }
  }
}

function breaks(error: unknown, constraint: string): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('constraint_name' in at && at.constraint_name === constraint) return true
  }
  return false
}

/** What a person asked for is not counted against the attempts of campaigns. */
async function giveFreely(db: Db, permitted: PermittedCall['call']): Promise<Given> {
  const [row] = await db.execute(sql`
    with ${permission(permitted, sql`(select)`)} select ${onDisk} from permitted`)
  return row ? 'given' : { kind: 'gone' }
}

/**
 * The update, with what is told of it, as parts of a statement: where `allowing` has a row, and the call is pending and
 * has the start that was read. A single call that was given back is pending still, and waits for another one.
 */
function permission(permitted: PermittedCall['call'], allowing: SQL): SQL {
  const { id: callId, workspaceId, campaignId, trunkId, startsAt, permittedAt, checkAt } = permitted
  const now = permittedAt ?? permitted.createdAt
  const notice = { workspaceId, campaignId, callId, event: 'call.started', now, data: callData(permitted) } as const
  return sql`permitted as (
      update calls c set status = 'calling', permitted_at = ${now.toISOString()}::timestamptz,
        check_at = ${checkAt?.toISOString()}::timestamptz
      where c.id = ${callId} and c.status = 'pending' and c.starts_at = ${startsAt?.toISOString() ?? null}::timestamptz
        and exists ${allowing} returning c.id),
    told as (${noticeEach(sql`permitted`, [notice])}),
    logged as (${logEach(sql`permitted`, { kind: 'permitted', at: now, ...subjectOf(permitted), trunkId })})`
}

type Found = { dial: PermittedCall; lane: typeof lanes.$inferSelect; isSuppressed: boolean }

/** The pending call with all that belongs to it. */
const readPending = builtOnce((db) =>
  db
    .select({
      call: calls,
      campaign: campaigns,
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
    .leftJoin(campaigns, eq(campaigns.id, calls.campaignId))
    .leftJoin(contacts, eq(contacts.id, calls.contactId))
    .where(and(eq(calls.id, sql.placeholder('callId')), eq(calls.status, 'pending')))
    .prepare('read_pending'),
)

async function gather(db: Db, callId: string): Promise<Found | null> {
  const [found] = await readPending(db).execute({ callId })
  if (!found) return null
  const { isSuppressed, lane, ...rest } = found
  const { campaign } = rest
  const { options } = rest.call
  const ringTimeoutMs = options?.ringTimeoutMs ?? (campaign ? campaign.ringTimeoutSeconds * 1000 : singleCallRingMs)
  const maxCallMs = options?.maxCallMs ?? (campaign ? campaign.maxCallSeconds * 1000 : singleCallMaxMs)
  return { dial: { ...rest, ringTimeoutMs, maxCallMs }, lane, isSuppressed }
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
