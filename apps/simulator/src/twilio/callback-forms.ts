import { newTwilioSid } from '../ids.ts'
import type { LedgerCall } from '../network/ledger.ts'

export type CallEvent = 'initiated' | 'ringing' | 'answered' | 'completed'
export type Form = Record<string, string>

type Ids = { AccountSid: string; CallSid: string }

/** The fields of a status callback. `atMs` is when the event was. */
export function statusForm(
  call: LedgerCall,
  { ids, event, sequenceNumber, atMs }: { ids: Ids; event: CallEvent; sequenceNumber: number; atMs: number },
): Form {
  return {
    ...ids,
    From: call.from,
    To: call.to,
    Caller: call.from,
    Called: call.to,
    Direction: 'outbound-dial',
    ApiVersion: '2010-04-01',
    CallStatus: statusOf(call, event),
    CallbackSource: 'call-progress-events',
    SequenceNumber: String(sequenceNumber),
    Timestamp: toRfc2822(atMs),
    ...(event === 'completed' && finalFields(call)),
  }
}

/** The fields of the callback that tells of a finished recording. */
export function recordingForm(call: LedgerCall, ids: Ids): Form {
  const recordingSid = newTwilioSid('RE')
  return {
    ...ids,
    RecordingSid: recordingSid,
    RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${ids.AccountSid}/Recordings/${recordingSid}`,
    RecordingStatus: 'completed',
    RecordingDuration: String(talkSeconds(call)),
    RecordingChannels: '2',
    RecordingStartTime: call.answered ? toRfc2822(Date.parse(call.answered.at)) : '',
    RecordingSource: 'Trunking',
    RecordingTrack: 'both',
  }
}

function statusOf(call: LedgerCall, event: CallEvent): string {
  if (event === 'answered') return 'in-progress'
  if (event !== 'completed') return event
  if (call.ending === 'hung_up') return 'completed'
  if (call.hungUpBy === 'ringing_timeout') return 'no-answer'
  if (call.ending === 'canceled') return 'canceled'
  if (call.sipStatus === 486 || call.sipStatus === 600) return 'busy'
  if (call.sipStatus === 480 || call.sipStatus === 408) return 'no-answer'
  return 'failed'
}

function finalFields(call: LedgerCall): Form {
  const seconds = talkSeconds(call)
  return {
    CallDuration: String(seconds),
    Duration: String(Math.ceil(seconds / 60)),
    SipResponseCode: String(call.sipStatus ?? 487),
  }
}

function talkSeconds({ answered, ended }: LedgerCall): number {
  if (!answered || !ended) return 0
  return Math.round((Date.parse(ended.at) - Date.parse(answered.at)) / 1000)
}

function toRfc2822(atMs: number): string {
  return new Date(atMs).toUTCString().replace('GMT', '+0000')
}
