/**
 * The recording of a conversation begins when the callee has picked up. Its row is written first, with the id of the
 * call: so there is one at most, and whoever finds it unstarted can go on.
 */
import { isAbout, type RecordingFacts } from '@outdial/policy/recording'
import type { Signal } from '@outdial/policy/signal'
import { LiveKitError } from '@outdial/telephony/livekit-error'
import { type SQL, sql } from 'drizzle-orm'
import { hearSignal } from '../calls/record-signal.ts'
import type { Deps } from '../deps.ts'
import type { Recorder, RecordingSettings } from './recorder.ts'

export type RecordDeps = Pick<Deps, 'db' | 'queue' | 'clockSpeed' | 'log' | 'recorder'>

/** Real time until somebody looks what became of a try, and after which a start that failed is tried again. */
export const retryMs = 15_000

/** Records a call that was just answered, if that is wanted. Never throws: nobody is kept waiting for a recorder. */
export async function recordCall(deps: RecordDeps, { callId, now }: { callId: string; now: Date }): Promise<void> {
  const { recorder } = deps
  if (!recorder || recorder.when === 'never') return
  try {
    const place = { bucket: recorder.bucket.bucket, folder: recorder.keyPrefix }
    const tryAt = new Date(now.getTime() + retryMs * deps.clockSpeed)
    const [taken] = await deps.db.execute<{ room_name: string; file_key: string }>(sql`
      insert into recordings (id, workspace_id, call_id, source, status, bucket, file_key, created_at, tries, try_at)
      select c.id, c.workspace_id, c.id, 'livekit', 'wanted', ${place.bucket},
        ${place.folder} || c.workspace_id || '/' || to_char(c.answered_at at time zone 'UTC', 'YYYY/MM/DD') || '/' || c.id || '.ogg',
        ${now.toISOString()}::timestamptz, 1, ${tryAt.toISOString()}::timestamptz
      from calls c left join campaigns k on k.id = c.campaign_id
      where c.id = ${callId} and ${isToBeRecorded(recorder.when)}
      on conflict do nothing
      returning (select room_name from calls where id = ${callId}), file_key`)
    if (taken) {
      await startRecording(deps, {
        recorder,
        callId,
        roomName: taken.room_name,
        fileKey: taken.file_key,
        tries: 1,
        now,
      })
    }
  } catch (err) {
    deps.log.warn({ callId, err }, 'a recording was not started; it is tried again')
  }
}

/** Of `calls c left join campaigns k`: in conversation, and the call itself, its campaign or the installation wants it. */
export function isToBeRecorded(when: RecordingSettings['when']): SQL {
  return sql`c.status = 'answered' and c.leg_ended_at is null and case jsonb_typeof(c.metadata -> 'recording')
    when 'boolean' then (c.metadata ->> 'recording')::boolean else coalesce(k.recording, ${when === 'always'}) end`
}

export type Start = {
  recorder: Recorder
  callId: string
  roomName: string
  fileKey: string
  /** Counting this one. */
  tries: number
  now: Date
}

const triesMax = 4

/** Asks LiveKit to record, once, and puts down what it says. A start that can still work out is left for the next try. */
export async function startRecording(deps: RecordDeps, start: Start): Promise<void> {
  const { recorder, callId, roomName, fileKey, tries, now } = start
  try {
    const started = await recorder.egress.start({ roomName, fileKey, bucket: recorder.bucket, now })
    await hearRecordings(deps, { callId, event: `recording_started-${tries}`, told: [started], now })
  } catch (error) {
    if (!(error instanceof LiveKitError)) throw error
    deps.log.warn({ callId, tries, err: error }, 'LiveKit did not start a recording')
    const isHopeless = error.trouble === 'not_found' || (tries >= triesMax && error.trouble !== 'no_answer')
    if (isHopeless) await failRecording(deps, { ...start, why: `LiveKit did not start it (${error.trouble}).` })
  }
}

export async function failRecording(
  deps: RecordDeps,
  { callId, fileKey, now, why }: Pick<Start, 'callId' | 'fileKey' | 'now'> & { why: string },
): Promise<void> {
  const failed = { kind: 'recording', at: now, source: 'livekit', status: 'failed', fileKey, error: why } as const
  await hearRecordings(deps, { callId, event: 'recording_failed', told: [failed], now })
}

/** As signals like any other: what LiveKit answers may come before or after what it tells by itself. */
export async function hearRecordings(
  deps: RecordDeps,
  { callId, event, told, now }: { callId: string; event: string; told: (Signal & { kind: 'recording' })[]; now: Date },
): Promise<void> {
  const eventId = `${callId}-${event}`
  await hearSignal(deps, { source: 'dialer', eventId, event, about: { callId }, content: told, receivedAt: now })
}

/** Which of them is the recording in question. */
export function findTold(
  recording: RecordingFacts,
  told: (Signal & { kind: 'recording' })[],
): (Signal & { kind: 'recording' }) | undefined {
  return told.find((news) => isAbout(recording, news))
}
