import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import type { Recorder } from './recorder.ts'

const batchSize = 50

/** Real time until a file that could not be deleted is tried again; doubled with every try. */
const firstRetryMs = 10_000
const longestRetryMs = 3_600_000

type Doomed = { id: string; bucket: string | null; file_key: string | null; tries: number }

/**
 * Deletes the files of recordings that somebody, or their age, wants gone. Files that others keep are let go of only:
 * where they are is forgotten. Never throws for the sake of one.
 */
export async function removeFiles(
  deps: Pick<Deps, 'db' | 'log' | 'clockSpeed'>,
  { recorder, now }: { recorder: Recorder; now: Date },
): Promise<void> {
  const doomed = await deps.db.execute<Doomed>(sql`
    update recordings set tries = least(tries + 1, 1000), try_at = ${now.toISOString()}::timestamptz
        + least(${firstRetryMs} * power(2, least(tries, 20)), ${longestRetryMs}) * ${deps.clockSpeed} * interval '1 millisecond'
    where id in (select id from recordings
      where try_at <= ${now.toISOString()}::timestamptz and delete_requested_at is not null and status <> 'deleted'
      order by try_at limit ${batchSize} for update skip locked)
    returning id, bucket, file_key, tries`)
  for (const recording of doomed) {
    await remove(deps, { recording, recorder, now }).catch((err: unknown) =>
      deps.log.warn({ recordingId: recording.id, err }, 'a recording could not be deleted; it is tried again'),
    )
  }
}

async function remove(
  deps: Pick<Deps, 'db'>,
  { recording, recorder, now }: { recording: Doomed; recorder: Recorder; now: Date },
): Promise<void> {
  const { id, bucket, file_key: fileKey } = recording
  if (bucket && fileKey) await recorder.files.remove({ bucket, fileKey })
  await deps.db.execute(sql`
    update recordings set status = 'deleted', deleted_at = ${now.toISOString()}::timestamptz, location = null, try_at = null
    where id = ${id} and status <> 'deleted'`)
}
