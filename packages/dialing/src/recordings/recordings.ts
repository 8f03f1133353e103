import { inWorkspace, type Tx } from '@outdial/database/client'
import { recordings } from '@outdial/database/schema/recordings'
import { isRecordingOver, recordingStatuses } from '@outdial/policy/recording'
import { and, asc, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { dayOrMoment, uuid } from '../fields.ts'
import { type Page, pageInput, toPage } from '../page.ts'
import { Conflict, NotFound } from '../refusals.ts'

type Row = typeof recordings.$inferSelect

/** A recording as people see it. */
export type Recording = Omit<Row, 'workspaceId' | 'bucket' | 'durationMs' | 'tries' | 'tryAt'> & {
  durationSeconds: number | null
  /** There is a file in the storage of this installation. */
  isAvailable: boolean
}

export const listRecordingsInput = pageInput.extend({
  callId: uuid.optional(),
  status: z.enum(recordingStatuses).optional(),
  from: dayOrMoment.optional().meta({ description: 'Created at or after this date or moment.' }),
  to: dayOrMoment.optional().meta({ description: 'Created before this date or moment.' }),
})

/** Newest first. */
export async function listRecordings(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor, callId, status, from, to }: z.infer<typeof listRecordingsInput>,
): Promise<Page<Recording>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(recordings)
      .where(
        and(
          eq(recordings.workspaceId, who.workspaceId),
          callId ? eq(recordings.callId, callId) : undefined,
          status ? eq(recordings.status, status) : undefined,
          from ? gte(recordings.createdAt, from) : undefined,
          to ? lt(recordings.createdAt, to) : undefined,
          cursor ? lt(recordings.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(recordings.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toRecording), limit)
}

/** Throws NotFound. */
export async function readRecording(deps: Pick<Deps, 'db'>, who: Who, { recordingId }: Id): Promise<Recording> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => toRecording(await findRecording(tx, recordingId)))
}

/** All recordings of one call, in the caller's transaction. */
export async function recordingsOfCall(tx: Tx, callId: string): Promise<Recording[]> {
  const rows = await tx.select().from(recordings).where(eq(recordings.callId, callId)).orderBy(asc(recordings.id))
  return rows.map(toRecording)
}

export const linkInput = z.object({
  expiresInSeconds: z.coerce
    .number()
    .int()
    .min(60)
    .max(7 * 86_400)
    .default(900)
    .meta({ description: 'From 60 to 604800, seven days.' }),
})

export type RecordingLink = { url: string; expiresAt: Date }

/**
 * An address under which anybody can listen until it expires; `expiresAt` is real time. Who asked for it is written to
 * the audit log. @throws NotFound; Conflict where there is nothing to listen to
 */
export async function linkRecording(
  deps: Pick<Deps, 'db' | 'recorder'>,
  who: Who,
  { recordingId, expiresInSeconds }: Id & z.infer<typeof linkInput>,
): Promise<RecordingLink> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const recording = await findRecording(tx, recordingId)
    const file = fileOf(recording)
    if (!deps.recorder) {
      const message =
        'This installation has no storage set. Ask its operator to set LIVEKIT_EGRESS_S3_BUCKET and its key.'
      throw new Conflict('recording_storage_missing', message)
    }
    const details = { callId: recording.callId, expiresInSeconds }
    await writeAudit(tx, who, { action: 'recording.linked', entity: 'recording', entityId: recordingId, details })
    return deps.recorder.files.linkTo(file, { expiresInSeconds, fileName: `call-${recording.callId}.ogg` })
  })
}

/**
 * Has a recording deleted: nobody gets a link to it from now on, and its file goes as soon as the storage answers.
 * Asking again is fine. @throws NotFound; Conflict while it is being made
 */
export async function deleteRecording(deps: Pick<Deps, 'db'>, who: Who, { recordingId }: Id): Promise<Recording> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const before = await findRecording(tx, recordingId)
    if (before.deleteRequestedAt) return toRecording(before)
    if (!isRecordingOver(before.status)) {
      const message = 'The recording is being made. Hang the call up or wait for its end, then delete it.'
      throw new Conflict('recording_under_way', message, { status: before.status })
    }
    const [after] = await tx.update(recordings).set(deletion(who.now)).where(eq(recordings.id, recordingId)).returning()
    const details = { callId: before.callId }
    await writeAudit(tx, who, { action: 'recording.deleted', entity: 'recording', entityId: recordingId, details })
    return toRecording(after ?? before)
  })
}

/** What is written of a recording that is to go. Of a file that others keep, only where it is can be forgotten. */
function deletion(
  now: Date,
): Record<'deleteRequestedAt' | 'tries' | 'tryAt' | 'status' | 'deletedAt' | 'location', SQL> {
  const at = sql`${now.toISOString()}::timestamptz`
  const isOurs = sql`bucket is not null and file_key is not null`
  return {
    deleteRequestedAt: at,
    tries: sql`0`,
    tryAt: sql`case when ${isOurs} then ${at} end`,
    status: sql`case when ${isOurs} then status else 'deleted'::recording_status end`,
    deletedAt: sql`case when ${isOurs} then null else ${at} end`,
    location: sql`case when ${isOurs} then location end`,
  }
}

const batchSize = 500

/** Has the recordings deleted that are older than their workspace keeps them. Returns how many, at most a batch each. */
export async function expireRecordings(deps: Pick<Deps, 'db'>, now: Date): Promise<number> {
  const keeping = await deps.db.execute<{ id: string; days: number }>(sql`
    select id, recording_retention_days as days from workspaces where recording_retention_days is not null`)
  let count = 0
  for (const { id: workspaceId, days } of keeping) {
    const before = new Date(now.getTime() - days * 86_400_000).toISOString()
    count += await deps.db.transaction(async (tx) => {
      const gone = await tx
        .update(recordings)
        .set(deletion(now))
        .where(
          sql`${recordings.id} in (select id from recordings
            where workspace_id = ${workspaceId} and ended_at < ${before}::timestamptz and delete_requested_at is null
              and status in ('complete', 'failed')
            order by ended_at limit ${batchSize} for update skip locked)`,
        )
        .returning({ id: recordings.id })
      const by = { workspaceId, actor: 'retention', now }
      const details = { count: gone.length, days }
      if (gone.length > 0)
        await writeAudit(tx, by, { action: 'recordings.expired', entity: 'recording', entityId: null, details })
      return gone.length
    })
  }
  return count
}

type Id = { recordingId: string }

async function findRecording(tx: Tx, recordingId: string): Promise<Row> {
  const [row] = await tx.select().from(recordings).where(eq(recordings.id, recordingId))
  if (!row) throw new NotFound('recording', recordingId)
  return row
}

function fileOf(row: Row): { bucket: string; fileKey: string } {
  const { status, bucket, fileKey, location } = row
  if (row.deleteRequestedAt) throw new Conflict('recording_deleted', 'The recording was deleted.')
  if (status === 'failed') {
    throw new Conflict('recording_failed', `There is no file: ${row.error ?? 'the recorder did not say why.'}`)
  }
  if (status !== 'complete') {
    throw new Conflict(
      'recording_not_ready',
      'The recording is not there yet. Ask again when its status is complete.',
      {
        status,
      },
    )
  }
  if (bucket && fileKey) return { bucket, fileKey }
  const message = 'The file is kept by whoever recorded it, not here. Its location says where it is.'
  throw new Conflict('recording_elsewhere', message, { location })
}

function toRecording(row: Row): Recording {
  const { workspaceId: _, bucket, durationMs, tries: __, tryAt: ___, ...recording } = row
  return {
    ...recording,
    durationSeconds: durationMs === null ? null : Math.round(durationMs / 1_000),
    isAvailable: row.status === 'complete' && bucket !== null && row.deleteRequestedAt === null,
  }
}
