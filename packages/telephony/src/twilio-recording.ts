import type { Signal } from '@outdial/policy/signal'
import { z } from 'zod'
import { type ProviderEvent, plausibleTime } from './provider-event.ts'

/** What counts of a recording callback. It names neither numbers nor the status of the call. */
export const twilioRecordingForm = z.looseObject({
  CallSid: z.string().regex(/^\w{1,64}$/, 'must be a SID of Twilio’s'),
  RecordingSid: z.string().regex(/^\w{1,64}$/, 'must be a SID of Twilio’s'),
  RecordingStatus: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be a status of Twilio’s')
    .meta({ description: '`in-progress`, `completed`, `absent` or `failed`.' }),
  RecordingUrl: z.string().max(2_000).optional().meta({ description: 'Where the file is; Twilio asks for a login.' }),
  RecordingDuration: z.string().max(20).optional().meta({ description: 'In seconds.' }),
  RecordingStartTime: z.string().max(64).optional(),
  ErrorCode: z.string().max(20).optional(),
})
export type TwilioRecordingForm = z.infer<typeof twilioRecordingForm>

/**
 * What a recording callback of Twilio's means.
 * https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback
 */
export function readTwilioRecording(form: TwilioRecordingForm, receivedAt: Date): ProviderEvent {
  const { CallSid, RecordingSid, RecordingStatus } = form
  const status = statuses.get(RecordingStatus)
  return {
    eventId: [RecordingSid, RecordingStatus].join('/'),
    event: `recording_${RecordingStatus}`,
    providerCallIds: [CallSid],
    signals: status ? [recordingSignal(form, { status, receivedAt })] : [],
  }
}

type Recording = Signal & { kind: 'recording' }

function recordingSignal(
  form: TwilioRecordingForm,
  { status, receivedAt }: { status: Recording['status']; receivedAt: Date },
): Recording {
  const { RecordingSid: externalId, RecordingUrl = '', RecordingDuration = '', RecordingStartTime } = form
  const startMs = RecordingStartTime ? Date.parse(RecordingStartTime) : Number.NaN
  const startedAt = Number.isNaN(startMs) ? undefined : plausibleTime(startMs, receivedAt)
  const durationMs = /^\d{1,6}$/.test(RecordingDuration) ? Number(RecordingDuration) * 1_000 : undefined
  const isOver = status === 'complete'
  return {
    ...{ kind: 'recording', at: receivedAt, source: 'twilio', externalId, status },
    ...(/^https?:\/\//.test(RecordingUrl) && isOver ? { location: RecordingUrl } : {}),
    ...(startedAt ? { startedAt } : {}),
    ...(startedAt && durationMs !== undefined && isOver ? { endedAt: new Date(startedAt.getTime() + durationMs) } : {}),
    ...(durationMs !== undefined && isOver ? { durationMs } : {}),
    ...(status === 'failed' ? { error: whyNone(form) } : {}),
  }
}

function whyNone({ RecordingStatus, ErrorCode }: TwilioRecordingForm): string {
  const why = errors.get(ErrorCode ?? '') ?? (ErrorCode ? `error ${ErrorCode}` : 'it gave no reason')
  return `Twilio kept no recording (${RecordingStatus}): ${why}.`
}

const statuses = new Map<string, Recording['status']>([
  ['in-progress', 'recording'],
  ['completed', 'complete'],
  ['absent', 'failed'],
  ['failed', 'failed'],
])

const errors = new Map([
  ['16101', 'it was too short (16101)'],
  ['16102', 'nobody was to be heard (16102)'],
])
