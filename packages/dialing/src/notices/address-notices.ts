import type { Tx } from '@outdial/database/client'
import { calls, notices } from '@outdial/database/schema/calls'
import { noticeDeliveries, noticeEndpoints } from '@outdial/database/schema/notices'
import { recordings } from '@outdial/database/schema/recordings'
import { isRecordingOver } from '@outdial/policy/recording'
import { and, asc, eq, inArray, isNull, lte, type SQL, sql } from 'drizzle-orm'
import type { Call } from '../calls/call-data.ts'
import type { Deps } from '../deps.ts'
import type { NoticeRow } from './notice-payload.ts'

const batchSize = 100
const discardedAtOnce = 2_000

/** Real time that the end of a call waits for what belongs to it, counted from the end. */
const transcriptWaitMs = 30_000
const recordingWaitMs = 120_000
/** Real time between two looks whether it is there. */
const lookAgainMs = 2_000

type Endpoint = Pick<typeof noticeEndpoints.$inferSelect, 'id' | 'workspaceId' | 'assistantId' | 'events'>

/**
 * Hands notices that are due over to the endpoints that want them: from here on each has a delivery of its own. The end
 * of a call is held back until recording and transcript are there, or until they are late. Returns how many it looked at.
 */
export async function addressNotices(deps: Pick<Deps, 'db' | 'clockSpeed'>, now: Date): Promise<number> {
  return deps.db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(notices)
      .where(and(eq(notices.status, 'waiting'), lte(notices.dueAt, now)))
      .orderBy(asc(notices.dueAt))
      .limit(batchSize)
      .for('update', { skipLocked: true })
    if (due.length === 0) return 0
    const endpoints = await findEndpoints(tx, due)
    const about = await findCalls(tx, due)
    const incomplete = await findIncomplete(tx, { calls: about, now, clockSpeed: deps.clockSpeed })
    const later = due.filter(({ event, callId }) => event === 'call.ended' && callId && incomplete.has(callId))
    const ready = due.filter((notice) => !later.includes(notice))
    await postpone(tx, { told: later, until: new Date(now.getTime() + lookAgainMs * deps.clockSpeed) })
    const wishes = ready.flatMap((notice) =>
      endpoints.filter((endpoint) => wants(endpoint, notice, about)).map((endpoint) => ({ notice, endpoint })),
    )
    await handOver(tx, { wishes, now })
    await discard(
      tx,
      ready.filter((notice) => !wishes.some((wish) => wish.notice === notice)),
    )
    return due.length
  })
}

/** Throws away what nobody wants to hear. Most installations have no endpoint, so this costs one statement. */
export async function discardUnwanted(deps: Pick<Deps, 'db'>, now: Date): Promise<void> {
  await deps.db.execute(sql`
    with unwanted as (
      select n.id from notices n where n.status = 'waiting' and n.due_at <= ${now.toISOString()}::timestamptz
        and not exists (select from notice_endpoints e where e.workspace_id = n.workspace_id and ${isOn}
          and (e.events is null or n.event = any(e.events))
          and (e.assistant_id is null or e.assistant_id = (select c.assistant_id from calls c where c.id = n.call_id)))
      limit ${discardedAtOnce} for update of n skip locked)
    delete from notices n using unwanted where n.id = unwanted.id`)
}

/** Of an endpoint called `e`. */
const isOn: SQL = sql`e.archived_at is null and e.switched_off_at is null`

function findEndpoints(tx: Tx, due: NoticeRow[]): Promise<Endpoint[]> {
  const { id, workspaceId, assistantId, events } = noticeEndpoints
  const workspaceIds = [...new Set(due.map((notice) => notice.workspaceId))]
  return tx
    .select({ id, workspaceId, assistantId, events })
    .from(noticeEndpoints)
    .where(
      and(
        inArray(workspaceId, workspaceIds),
        isNull(noticeEndpoints.archivedAt),
        isNull(noticeEndpoints.switchedOffAt),
      ),
    )
}

async function findCalls(tx: Tx, due: NoticeRow[]): Promise<Map<string, Call>> {
  const ids = due.flatMap(({ callId }) => callId ?? [])
  const rows = ids.length > 0 ? await tx.select().from(calls).where(inArray(calls.id, ids)) : []
  return new Map(rows.map((call) => [call.id, call]))
}

function wants(endpoint: Endpoint, notice: NoticeRow, about: Map<string, Call>): boolean {
  if (endpoint.workspaceId !== notice.workspaceId) return false
  if (endpoint.events && !endpoint.events.includes(notice.event)) return false
  if (endpoint.assistantId === null) return true
  return notice.callId !== null && about.get(notice.callId)?.assistantId === endpoint.assistantId
}

/** Calls that have ended, and whose recording or transcript may still come. */
async function findIncomplete(
  tx: Tx,
  { calls: about, now, clockSpeed }: { calls: Map<string, Call>; now: Date; clockSpeed: number },
): Promise<Set<string>> {
  const isYoung = (call: Call, waitMs: number) =>
    call.endedAt !== null && now.getTime() - call.endedAt.getTime() < waitMs * clockSpeed
  const talked = [...about.values()].filter((call) => call.answeredAt !== null && isYoung(call, recordingWaitMs))
  if (talked.length === 0) return new Set()
  const made = await tx
    .select({ callId: recordings.callId, status: recordings.status })
    .from(recordings)
    .where(
      inArray(
        recordings.callId,
        talked.map((call) => call.id),
      ),
    )
  const unfinished = made.filter(({ status }) => !isRecordingOver(status)).map(({ callId }) => callId)
  const unheard = talked.filter((call) => isYoung(call, transcriptWaitMs) && lacksTranscript(call))
  return new Set([...unfinished, ...unheard.map((call) => call.id)])
}

/** An agent talked, and its words are not there, or not in their last wording. */
function lacksTranscript({ agentJoinedAt, transcript, liveTranscript, transcriptDeletedAt }: Call): boolean {
  if (agentJoinedAt === null || transcript !== null || transcriptDeletedAt !== null) return false
  return liveTranscript === null || liveTranscript.some((line) => !line.isFinal)
}

async function postpone(tx: Tx, { told, until }: { told: NoticeRow[]; until: Date }): Promise<void> {
  if (told.length > 0) await tx.update(notices).set({ dueAt: until }).where(inIds(told))
}

/** What a call said is read from the call when it is sent: no copy stays here, so that deleting it there is enough. */
async function handOver(
  tx: Tx,
  { wishes, now }: { wishes: { notice: NoticeRow; endpoint: Endpoint }[]; now: Date },
): Promise<void> {
  if (wishes.length === 0) return
  const rows = wishes.map(({ notice, endpoint }) => ({
    workspaceId: notice.workspaceId,
    noticeId: notice.id,
    endpointId: endpoint.id,
    nextTryAt: now,
  }))
  await tx.insert(noticeDeliveries).values(rows).onConflictDoNothing()
  const told = [...new Set(wishes.map(({ notice }) => notice))]
  await tx
    .update(notices)
    .set({ status: 'sending', data: sql`${notices.data} - 'transcripts'` })
    .where(inIds(told))
}

async function discard(tx: Tx, told: NoticeRow[]): Promise<void> {
  if (told.length > 0) await tx.delete(notices).where(inIds(told))
}

function inIds(told: NoticeRow[]): SQL {
  return inArray(
    notices.id,
    told.map(({ id }) => id),
  )
}
