import type { Db, Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { type CallFacts, isTerminal } from '@outdial/policy/call-lifecycle'
import type { Next } from '@outdial/policy/retry'
import type { Signal } from '@outdial/policy/signal'
import type { TrunkNews } from '@outdial/policy/trunk-faults'
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { logEach, type RowEntry } from '../event-log.ts'
import { type NoticeEvent, noticeEach } from '../notices/write-notices.ts'
import { noteWake } from '../wake-lane.ts'
import { type Call, callData, subjectOf } from './call-data.ts'

/** A call as it was read, and what it is once it has heard `signals`. */
export type Move = {
  before: Call
  /** The row's version that was read: the move is written over no other. */
  version: string
  after: CallFacts
  heard: { id: string }[]
  signals: Signal[]
  now: Date
}

/** What a settled call means for its contact and its campaign. */
export type Settlement = { next: Next; trunk: TrunkNews }

/** What was found while writing: counts of calls in a row are 0 where nothing was settled. */
export type Written = {
  /** Calls in a row for which no agent came. */
  agentFailures: number
  /** Calls in a row that the trunk failed to place. */
  trunkFailures: number
  /** The lane should look again: it can do something now that it would not do in time by itself. */
  wakesLane: boolean
}

/** What is new with the move, read off by comparing before and after. */
export function newsOf({ before, after }: Pick<Move, 'before' | 'after'>) {
  return {
    answered: !before.answeredAt && after.answeredAt !== null,
    outcome: after.outcome !== null && after.outcome !== before.outcome,
    settled: !before.settledAt && after.settledAt !== null,
    ended: !isTerminal(before.status) && isTerminal(after.status),
  }
}

/** The final answer to our request to dial, where that is what was heard. */
export function refusalOf({ signals }: Pick<Move, 'signals'>): (Signal & { kind: 'dial_failed' }) | null {
  return signals.find((signal) => signal.kind === 'dial_failed') ?? null
}

/**
 * Writes a move with everything that follows from it: log, notices, the contact's next step, the campaign's counters.
 * One statement: the campaign's row, which every other call of the campaign wants too, is locked only while it runs.
 * Null when the call has changed since it was read: nothing is written then.
 */
export async function writeMove(db: Db | Tx, move: Move, settlement: Settlement | null): Promise<Written | null> {
  const { before, after, now } = move
  const call: Call = { ...before, ...after }
  const { ended, settled } = newsOf(move)
  const parts: SQL[] = [
    sql`moved as ${changeCall(db, move)}`,
    sql`applied as (
      update signals s set applied_at = ${now.toISOString()}::timestamptz, problem = null
      from moved where s.id in (${sql.join(
        move.heard.map(({ id }) => sql`${id}`),
        sql`, `,
      )}))`,
    sql`logged as (${logEach(sql`moved`, appliedEntry(call, move))} returning id)`,
  ]
  const isSuppressed = asksForPeace(move)
  if (isSuppressed) parts.push(...suppressCallee(call, now))
  const notices = noticesOf(call, move)
  if (notices.length > 0) parts.push(sql`told as (${noticeEach(sql`moved`, notices)})`)
  if (settlement) parts.push(...settleContact({ call, settlement, isSuppressed, now }))
  const wakes = (ended || settled) && call.trunkId !== null
  if (wakes) parts.push(sql`wake as (${reasonsToWake(call, settlement)})`, sql`woken as (${noteWake(sql`wake`, call)})`)
  const failures = settlement
    ? sql`runtime.agent_failures, runtime.trunk_failures`
    : sql`0 agent_failures, 0 trunk_failures`
  const [written] = await db.execute<{ agent_failures: number; trunk_failures: number; wakes_lane: boolean }>(sql`
    with ${sql.join(parts, sql`, `)}
    select ${failures}, ${wakes ? sql`exists (select from wake)` : sql`false`} as wakes_lane
    from moved ${settlement ? sql`left join runtime on true` : sql``}`)
  if (!written) return null
  const { agent_failures, trunk_failures, wakes_lane: wakesLane } = written
  return { agentFailures: agent_failures ?? 0, trunkFailures: trunk_failures ?? 0, wakesLane }
}

/**
 * A row where the lane has to hear of it: it waits for slots, or would sleep past the contact's next call or the
 * campaign's end. A look that is under way while this runs may miss it, and looks again soon (claim-for-lane.ts).
 */
function reasonsToWake(call: Call, settlement: Settlement | null): SQL {
  const dueAt = settlement?.next.kind === 'again' ? settlement.next.at.toISOString() : null
  const isDrained = settlement
    ? sql`exists (select from runtime where contacts_waiting + contacts_claimed = 0)`
    : sql`false`
  return sql`
    select from moved, lanes l where l.trunk_id = ${call.trunkId} and (l.is_nearly_full or l.next_wake_at is null
      or l.next_wake_at > ${dueAt}::timestamptz or ${isDrained})`
}

/** Only what is new is set. Where that is nothing, the row is locked all the same, so that nobody changes it meanwhile. */
function changeCall(db: Db | Tx, { before, version, after }: Move): SQL {
  const changes = Object.entries(after).filter(([key, value]) => !isSame(before[key as keyof CallFacts], value))
  const asRead = and(eq(calls.id, before.id), sql`${calls}.xmin = ${version}::xid`)
  if (changes.length === 0) return sql`(select ${calls.id} from ${calls} where ${asRead} for no key update)`
  return sql`${db.update(calls).set(Object.fromEntries(changes)).where(asRead).returning({ id: calls.id })}`
}

function isSame(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b
}

function appliedEntry(call: Call, { signals, now }: Move): RowEntry {
  const { status, disposition, outcome, burned, endReason } = call
  const kinds = signals.map((signal) => signal.kind)
  const details = { signals: kinds, status, disposition, outcome, burned, reason: endReason }
  return { kind: 'applied', at: now, ...subjectOf(call), details }
}

function noticesOf(call: Call, move: Move) {
  const { answered, outcome, settled } = newsOf(move)
  const events: NoticeEvent[] = [
    ...(answered ? (['call.answered'] as const) : []),
    ...(outcome ? (['call.outcome'] as const) : []),
    ...(settled ? (['call.ended'] as const) : []),
  ]
  const { workspaceId, campaignId, id: callId } = call
  const data = events.length > 0 ? callData(call) : {}
  return events.map((event) => ({ workspaceId, campaignId, callId, event, data, now: move.now }))
}

/** Whoever called and hid its number cannot be called anyway. */
function asksForPeace(move: Move): boolean {
  return newsOf(move).outcome && move.after.outcome === 'do_not_call' && move.before.phoneNumber.startsWith('+')
}

/** At once and everywhere in the workspace: claims, permits and marks look there. */
function suppressCallee(call: Call, now: Date): SQL[] {
  const { workspaceId, phoneNumber, id } = call
  const details = { phoneNumber, source: 'call' }
  return [
    sql`suppressed as (
      insert into suppressions (workspace_id, phone_number, reason, source, call_id)
      select ${workspaceId}::uuid, ${phoneNumber}, 'The person asked not to be called again.', 'call', ${id}::uuid
      from moved on conflict do nothing returning id)`,
    sql`suppression_logged as (
      ${logEach(sql`suppressed, logged`, { kind: 'number_suppressed', at: now, workspaceId, details })} returning id)`,
  ]
}

type Settling = { call: Call; settlement: Settlement; isSuppressed: boolean; now: Date }

/** A contact that this call does not hold any more is left alone. The runtime row last: everybody wants it. */
function settleContact({ call, settlement, isSuppressed, now }: Settling): SQL[] {
  const { next, trunk } = settlement
  const before = isSuppressed ? sql`returned, logged left join suppression_logged on true` : sql`returned, logged`
  const again = next.kind === 'again'
  const agentFailures =
    call.disposition === 'agent_error' ? sql`agent_failures + 1` : call.agentJoinedAt ? sql`0` : sql`agent_failures`
  const trunkFailures = { failed: sql`trunk_failures + 1`, worked: sql`0`, nothing: sql`trunk_failures` }[trunk]
  const returned = sql`(select count(*) from returned)`
  return [
    sql`returned as (
      update campaign_contacts cc set call_id = null, attempts = attempts + ${call.burned ? 1 : 0},
        state = ${again ? 'waiting' : 'finished'},
        due_at = coalesce(${again ? next.at.toISOString() : null}::timestamptz, due_at),
        finish_reason = ${again ? null : next.reason}
      from moved where cc.campaign_id = ${call.campaignId} and cc.contact_id = ${call.contactId} and cc.call_id = moved.id
      returning 1)`,
    // After the entries it follows from.
    sql`decided as (${logEach(before, decidedEntry({ call, next, now }))})`,
    sql`runtime as (
      update campaign_runtime set agent_failures = ${agentFailures}, trunk_failures = ${trunkFailures},
        contacts_claimed = contacts_claimed - ${returned},
        contacts_waiting = contacts_waiting + ${again ? returned : sql`0`},
        contacts_finished = contacts_finished + ${again ? sql`0` : returned}
      from moved where campaign_id = ${call.campaignId}
      returning agent_failures, trunk_failures, contacts_waiting, contacts_claimed)`,
  ]
}

function decidedEntry({ call, next, now }: { call: Call; next: Next; now: Date }): RowEntry {
  const { workspaceId, campaignId, contactId, disposition, outcome, burned } = call
  const about = { at: now, workspaceId, campaignId, contactId, callId: call.id }
  return next.kind === 'again'
    ? { kind: 'retried', ...about, details: { dueAt: next.at, disposition, outcome, burned } }
    : { kind: 'finished', ...about, details: { reason: next.reason, disposition, outcome } }
}
