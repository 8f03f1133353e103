import { recordingSources, recordingStatuses } from '@outdial/policy/recording'
import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgEnum, pgTable, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { calls } from './calls.ts'
import { createdAt, id, instant } from './columns.ts'
import { workspaces } from './workspaces.ts'

export const recordingStatus = pgEnum('recording_status', recordingStatuses)
export const recordingSource = pgEnum('recording_source', recordingSources)

/** Sound of calls: which are wanted, are being made, and lie where. The row outlives the file. */
export const recordings = pgTable(
  'recordings',
  {
    id: id(),
    workspaceId: uuid()
      .notNull()
      .references(() => workspaces.id),
    callId: uuid()
      .notNull()
      .references(() => calls.id),
    source: recordingSource().notNull(),
    /** The maker's id, such as LiveKit's `EG_…`; null until it is told. */
    externalId: text(),
    status: recordingStatus().notNull(),
    /** Ours to keep: the bucket of this installation at the time. Null for files that others keep. */
    bucket: text(),
    /** The name of the file in its bucket. */
    fileKey: text(),
    /** Where its maker says it is. */
    location: text(),
    startedAt: instant(),
    endedAt: instant(),
    durationMs: integer(),
    sizeBytes: bigint({ mode: 'number' }),
    error: text(),
    createdAt: createdAt(),
    /** How often somebody tried to start it, and not before when the next may; or to delete its file. */
    tries: smallint().notNull().default(0),
    tryAt: instant(),
    /** No link is given any more from here on; the file goes as soon as its storage answers. */
    deleteRequestedAt: instant(),
    deletedAt: instant(),
  },
  (t) => [
    uniqueIndex('recordings_external').on(t.source, t.externalId),
    index('recordings_call').on(t.callId),
    index('recordings_workspace').on(t.workspaceId, t.id),
    index('recordings_to_do').on(t.tryAt).where(sql`try_at is not null`),
    index('recordings_age')
      .on(t.workspaceId, t.endedAt)
      .where(sql`ended_at is not null and delete_requested_at is null`),
    check('recordings_deleted', sql`(${t.status} = 'deleted') = (${t.deletedAt} is not null)`),
    check('recordings_delete_requested', sql`${t.deletedAt} is null or ${t.deleteRequestedAt} is not null`),
  ],
)
