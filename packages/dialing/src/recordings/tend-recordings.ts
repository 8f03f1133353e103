/**
 * Looks after recordings: begins those that a killed worker left out, tries again what did not start, and asks LiveKit
 * about those of which it never told the end. Any number of processes may, at once.
 */

import { calls } from '@outdial/database/schema/calls'
import { recordings } from '@outdial/database/schema/recordings'
import { eq, inArray, sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import {
  failRecording,
  findTold,
  hearRecordings,
  isToBeRecorded,
  type RecordDeps,
  recordCall,
  retryMs,
  startRecording,
} from './record-call.ts'
import type { Recorder } from './recorder.ts'
import { removeFiles } from './remove-files.ts'

const batchSize = 50

/** Real time between two questions about a recording that is under way. */
const recheckMs = 5 * 60_000

/** Does nothing where there is no storage for recordings. */
export async function tendRecordings(deps: Deps, now: Date): Promise<void> {
  if (!deps.recorder) return
  const unrecorded = await findUnrecorded(deps, deps.recorder)
  await Promise.all(unrecorded.map((callId) => recordCall(deps, { callId, now })))
  await checkRecordings(deps, { recorder: deps.recorder, now })
  await removeFiles(deps, { recorder: deps.recorder, now })
}

/** Conversations that should be recorded and of which nobody wrote so. The index holds what is in hand only. */
async function findUnrecorded(deps: RecordDeps, recorder: Recorder): Promise<string[]> {
  if (recorder.when === 'never') return []
  const found = await deps.db.execute<{ id: string }>(sql`
    select c.id from calls c left join campaigns k on k.id = c.campaign_id
    where c.check_at is not null and ${isToBeRecorded(recorder.when)}
      and not exists (select from recordings r where r.id = c.id)
    limit ${batchSize}`)
  return found.map((row) => row.id)
}

type Due = { recording: typeof recordings.$inferSelect; call: Pick<typeof calls.$inferSelect, 'roomName' | 'endedAt'> }

async function checkRecordings(deps: RecordDeps, { recorder, now }: { recorder: Recorder; now: Date }): Promise<void> {
  for (const due of await takeDue(deps, now)) {
    await check(deps, { ...due, recorder, now }).catch((err: unknown) =>
      deps.log.warn({ callId: due.recording.callId, err }, 'could not check a recording; it is looked at again'),
    )
  }
}

/** Moves the next look on while taking it, so that nobody else does the same and one who dies is followed. */
async function takeDue(deps: RecordDeps, now: Date): Promise<Due[]> {
  const soon = (ms: number) => new Date(now.getTime() + ms * deps.clockSpeed).toISOString()
  const taken = await deps.db.execute<{ id: string }>(sql`
    update recordings set tries = least(tries + 1, 1000),
      try_at = case status when 'wanted' then ${soon(retryMs)}::timestamptz else ${soon(recheckMs)}::timestamptz end
    where id in (select id from recordings
      where try_at <= ${now.toISOString()}::timestamptz and status in ('wanted', 'starting', 'recording')
      order by try_at limit ${batchSize} for update skip locked)
    returning id`)
  if (taken.length === 0) return []
  return deps.db
    .select({ recording: recordings, call: { roomName: calls.roomName, endedAt: calls.endedAt } })
    .from(recordings)
    .innerJoin(calls, eq(calls.id, recordings.callId))
    .where(
      inArray(
        recordings.id,
        taken.map((row) => row.id),
      ),
    )
}

async function check(deps: RecordDeps, { recording, call, recorder, now }: Due & { recorder: Recorder; now: Date }) {
  const { callId, fileKey, tries } = recording
  if (!fileKey) return
  const told = findTold(recording, await recorder.egress.find({ roomName: call.roomName, now }))
  if (told) return hearRecordings(deps, { callId, event: `recording_checked-${tries}`, told: [told], now })
  if (recording.status === 'wanted' && !call.endedAt) {
    return startRecording(deps, { recorder, callId, roomName: call.roomName, fileKey, tries, now })
  }
  if (!call.endedAt) return
  const why =
    recording.status === 'wanted'
      ? 'The call ended before its recording could be started.'
      : 'LiveKit no longer knows of it, and did not say what became of it.'
  await failRecording(deps, { callId, fileKey, now, why })
}
