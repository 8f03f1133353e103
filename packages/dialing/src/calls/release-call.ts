import type { Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import type { FinishReason } from '@outdial/policy/states'
import { and, eq, sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { logEach, logEvents } from '../event-log.ts'
import { writeNotices } from '../notices/write-notices.ts'
import { wakeLane } from '../wake-lane.ts'
import { type Call, callData, subjectOf } from './call-data.ts'

export type Release = {
  callId: string
  reason: string
  /** Why the contact needs no other call; null where it waits for one, as a single call does for another start. */
  finish: FinishReason | null
  /** When the contact may be claimed again; at once where it is left out. */
  until?: Date
  now: Date
}

/**
 * Takes back a call that was claimed and never dialed: it ends as `canceled`, and its contact keeps the attempt.
 * Does nothing once a permit was given.
 */
export async function releaseCall(deps: Pick<Deps, 'db' | 'queue'>, release: Release): Promise<void> {
  const trunkId = await deps.db.transaction((tx) => releasePending(tx, release))
  if (trunkId) await deps.queue.tick(trunkId)
}

/** The same within the caller's transaction. Returns the trunk to tick after the commit; null when nothing was released. */
export async function releasePending(tx: Tx, release: Release): Promise<string | null> {
  const { callId, reason, finish, now } = release
  if (finish === null) {
    const [single] = await tx
      .update(calls)
      .set({ startsAt: null })
      .where(and(eq(calls.id, callId), eq(calls.status, 'pending'), eq(calls.origin, 'single')))
      .returning()
    if (single) {
      await logEvents(tx, [releasedEntry(single, release)])
      await wakeLane(tx, single)
      return single.trunkId
    }
  }
  const over = { status: 'failed', disposition: 'canceled', endReason: reason, burned: false, dialDay: null } as const
  const [call] = await tx
    .update(calls)
    .set({ ...over, endedAt: now, settledAt: now })
    .where(and(eq(calls.id, callId), eq(calls.status, 'pending')))
    .returning()
  if (!call) return null
  const { workspaceId, campaignId } = call
  if (call.origin === 'campaign' && campaignId) {
    await returnContact(tx, { call, release })
  } else {
    await logEvents(tx, [releasedEntry(call, release)])
    await writeNotices(tx, [{ workspaceId, event: 'call.ended', campaignId, callId, data: callData(call), now }])
  }
  await wakeLane(tx, call)
  return call.trunkId
}

async function returnContact(tx: Tx, { call, release }: { call: Call; release: Release }): Promise<void> {
  const { finish, until } = release
  const { campaignId, contactId, id: callId } = call
  const returned = sql`(select count(*) from moved)`
  const over = { disposition: call.disposition, outcome: call.outcome }
  const finished = {
    kind: 'finished',
    at: release.now,
    ...subjectOf(call),
    details: { reason: finish, ...over },
  } as const
  await tx.execute(sql`
    with moved as (
      update campaign_contacts set call_id = null, state = ${finish ? 'finished' : 'waiting'}, finish_reason = ${finish},
        due_at = coalesce(${until?.toISOString() ?? null}::timestamptz, due_at)
      where campaign_id = ${campaignId} and call_id = ${callId} and contact_id = ${contactId} returning 1),
    released as (${logEach(sql`(select) once`, releasedEntry(call, release))} returning id),
    finished as (${logEach(sql`moved, released where ${finish !== null}`, finished)})
    update campaign_runtime set contacts_claimed = contacts_claimed - ${returned},
      contacts_waiting = contacts_waiting + ${finish ? sql`0` : returned},
      contacts_finished = contacts_finished + ${finish ? returned : sql`0`}
    where campaign_id = ${campaignId}`)
}

function releasedEntry(call: Call, { reason, until, now }: Release) {
  return { kind: 'released', at: now, ...subjectOf(call), details: { reason, ...(until && { until }) } } as const
}
