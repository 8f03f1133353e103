import type { Tx } from '@outdial/database/client'
import { notices } from '@outdial/database/schema/calls'
import { type DeliveryTry, noticeDeliveries, noticeEndpoints } from '@outdial/database/schema/notices'
import { afterFailure, isTakenForDown, nextDelivery, nobodyThereStatuses } from '@outdial/policy/notice-retry'
import { and, asc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import { uuids } from '../campaigns/feed-contacts.ts'
import type { Deps } from '../deps.ts'
import type { SendResult } from './send-notice.ts'
import { writeNotices } from './write-notices.ts'

/** Tries that a delivery keeps; redelivery may make more of them than the schedule has. */
const triesKept = 30

const gone = 410

export type TriedDelivery = {
  id: string
  noticeId: string
  endpointId: string
  workspaceId: string
  /** Of the endpoint, when the delivery was claimed. */
  endpointFailures: number
}

/**
 * Puts down what became of one try, and what it means for the notice and for all else that waits for the endpoint.
 * Locks the endpoint, then the notice: two that end at once take turns.
 */
export async function recordTry(
  deps: Pick<Deps, 'db' | 'clockSpeed' | 'log'>,
  { delivery, result, now }: { delivery: TriedDelivery; result: SendResult; now: Date },
): Promise<void> {
  const { id: deliveryId, endpointId } = delivery
  if (await recordUsual(deps, { delivery, result, now })) return
  await deps.db.transaction(async (tx) => {
    const [endpoint] = await tx
      .select()
      .from(noticeEndpoints)
      .where(eq(noticeEndpoints.id, endpointId))
      .for('no key update')
    await tx.select({ id: notices.id }).from(notices).where(eq(notices.id, delivery.noticeId)).for('no key update')
    const [row] = await tx.select().from(noticeDeliveries).where(eq(noticeDeliveries.id, deliveryId))
    // Somebody else, who took it over, has delivered it; or it is as old as to be forgotten.
    if (!endpoint || row?.status !== 'pending') return
    const { status, error } = result
    const log = [...row.log, entryOf(result, now)].slice(-triesKept)
    const told = { log, lastStatus: status, lastError: error, claimedUntil: null }
    const own = eq(noticeDeliveries.id, deliveryId)
    if (error === null) {
      const delivered = { ...told, status: 'delivered', deliveredAt: now, failures: 0 } as const
      await tx.update(noticeDeliveries).set(delivered).where(own)
      if (endpoint.failures > 0) await welcomeBack(tx, { endpoint, now })
    } else {
      const failures = row.failures + 1
      const next = nextDelivery({ failures, jitter: Math.random() })
      const scheduled =
        next === 'give_up'
          ? ({ status: 'failed' } as const)
          : { nextTryAt: new Date(now.getTime() + next.delayMs * deps.clockSpeed) }
      await tx
        .update(noticeDeliveries)
        .set({ ...told, ...scheduled, failures })
        .where(own)
      await takeFailure(tx, { deps, endpoint, result, now })
    }
    await rollUp(tx, [delivery.noticeId])
  })
}

/**
 * In one statement what is the rule: an endpoint in good health has taken a notice that goes to no other. Two that end
 * at once cannot be about the same notice then, and nobody has to take turns.
 */
async function recordUsual(
  deps: Pick<Deps, 'db'>,
  { delivery, result, now }: { delivery: TriedDelivery; result: SendResult; now: Date },
): Promise<boolean> {
  if (result.error !== null || delivery.endpointFailures > 0) return false
  const at = sql`${now.toISOString()}::timestamptz`
  const recorded = await deps.db.execute(sql`
    with done as (
      update notice_deliveries d set status = 'delivered', delivered_at = ${at}, failures = 0, claimed_until = null,
        last_status = ${result.status}, last_error = null,
        log = (case when jsonb_array_length(d.log) >= ${triesKept} then d.log - 0 else d.log end)
          || ${JSON.stringify([entryOf(result, now)])}::jsonb
      where d.id = ${delivery.id} and d.status = 'pending' and not exists (
        select from notice_deliveries other where other.notice_id = d.notice_id and other.id <> d.id)
      returning d.notice_id, d.tries)
    update notices n set status = 'delivered', delivered_at = ${at}, tries = done.tries, last_error = null
    from done where n.id = done.notice_id returning n.id`)
  return recorded.length > 0
}

function entryOf({ status, error, durationMs }: SendResult, now: Date): DeliveryTry {
  return { at: now.toISOString(), status, error, durationMs }
}

/**
 * It takes something again: what found nobody there may come at once. A notice that was looked at and refused keeps its own
 * delays, else each success of another would cost it a try.
 */
async function welcomeBack(tx: Tx, { endpoint, now }: { endpoint: Endpoint; now: Date }): Promise<void> {
  await tx
    .update(noticeEndpoints)
    .set({ failures: 0, failingSince: null, heldUntil: null })
    .where(eq(noticeEndpoints.id, endpoint.id))
  if (!isTakenForDown(endpoint.failures)) return
  const { endpointId, status, nextTryAt, lastStatus } = noticeDeliveries
  const foundNobody = or(isNull(lastStatus), inArray(lastStatus, [...nobodyThereStatuses]))
  await tx
    .update(noticeDeliveries)
    .set({ nextTryAt: now })
    .where(and(eq(endpointId, endpoint.id), eq(status, 'pending'), gt(nextTryAt, now), foundNobody))
}

type Endpoint = typeof noticeEndpoints.$inferSelect

async function takeFailure(
  tx: Tx,
  failure: { deps: Pick<Deps, 'clockSpeed' | 'log'>; endpoint: Endpoint; result: SendResult; now: Date },
): Promise<void> {
  const { deps, endpoint, result, now } = failure
  // Of several tries that fail together one counts: a moment's outage is no reason to hold everything for minutes.
  const isHeld = endpoint.heldUntil !== null && endpoint.heldUntil > now
  const failures = isHeld ? endpoint.failures : endpoint.failures + 1
  const failingSince = endpoint.failingSince ?? now
  const failingForMs = (now.getTime() - failingSince.getTime()) / deps.clockSpeed
  const verdict = afterFailure({ failures, failingForMs, askedForMs: result.askedForMs })
  const isOff = result.status === gone || verdict === 'switch_off'
  const holdMs = verdict === 'switch_off' ? 0 : verdict.holdMs
  const heldUntil = isHeld ? endpoint.heldUntil : new Date(now.getTime() + holdMs * deps.clockSpeed)
  await tx.update(noticeEndpoints).set({ failures, failingSince, heldUntil }).where(eq(noticeEndpoints.id, endpoint.id))
  if (!isOff || endpoint.switchedOffAt) return
  await switchOff(tx, { endpoint, reason: result.status === gone ? 'gone' : 'failing', lastError: result.error, now })
  deps.log.warn({ endpointId: endpoint.id, workspaceId: endpoint.workspaceId }, 'a notice endpoint was switched off')
}

/** Its owner is told where it can be seen: in the audit log, with the endpoint, and at the other endpoints. */
async function switchOff(
  tx: Tx,
  off: { endpoint: Endpoint; reason: 'failing' | 'gone'; lastError: string | null; now: Date },
): Promise<void> {
  const { endpoint, reason, lastError, now } = off
  const { id, workspaceId, assistantId, url } = endpoint
  await tx
    .update(noticeEndpoints)
    .set({ switchedOffAt: now, switchedOffReason: reason, updatedAt: now })
    .where(eq(noticeEndpoints.id, id))
  const who = { workspaceId, actor: 'notices', now }
  const details = { reason, lastError }
  await writeAudit(tx, who, {
    action: 'notice_endpoint.switched_off',
    entity: 'notice_endpoint',
    entityId: id,
    details,
  })
  const data = { endpoint_id: id, assistant_id: assistantId, url, reason, last_error: lastError }
  await writeNotices(tx, [{ workspaceId, event: 'endpoint.switched_off', data, now }])
}

/** What of a notice is still to be done, read off its deliveries. The caller holds nothing that comes before notices. */
export async function rollUp(tx: Tx, noticeIds: string[]): Promise<void> {
  if (noticeIds.length === 0) return
  const ids = [...new Set(noticeIds)]
  await tx
    .select({ id: notices.id })
    .from(notices)
    .where(inArray(notices.id, ids))
    .orderBy(asc(notices.id))
    .for('no key update')
  await tx.execute(sql`
    update notices n set
      status = (case when d.open then 'sending' when d.failed then 'failed' else 'delivered' end)::notice_status,
      delivered_at = case when d.open or d.failed then null else d.delivered_at end,
      tries = d.tries, last_error = d.last_error
    from (
      select notice_id, bool_or(status = 'pending') as open, bool_or(status = 'failed') as failed,
        max(delivered_at) as delivered_at, sum(tries)::int as tries, max(last_error) as last_error
      from notice_deliveries where notice_id = any(${uuids(ids)}) group by notice_id) d
    where n.id = d.notice_id`)
}
