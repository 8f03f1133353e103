import type { SimulatedClock } from '../clock.ts'
import type { Faults } from '../control/faults.ts'
import type { HttpSender } from '../http-sender.ts'
import { newTwilioSid } from '../ids.ts'
import { describeError, type Log } from '../log.ts'
import type { LedgerCall } from '../network/ledger.ts'
import { signTwilioForm } from './signature.ts'

export type TwilioOptions = {
  authToken: string
  accountSid?: string
  statusCallbackUrl: string
  recordingCallbackUrl?: string
}

type CallEvent = 'initiated' | 'ringing' | 'answered' | 'completed'
type Deps = { clock: SimulatedClock; http: HttpSender; faults: Faults; log: Log; accountSid: string }

const recordingReadyMs = 2_000

export type TwilioCallbacks = ReturnType<typeof createTwilioCallbacks>

/** Twilio's status and recording callbacks for calls over its trunks. Each is a request of its own, in no sure order. */
export function createTwilioCallbacks(options: TwilioOptions, { clock, http, faults, log, accountSid }: Deps) {
  const sequence = new WeakMap<LedgerCall, number>()

  async function post(url: string, parameters: Record<string, string>) {
    const signature = signTwilioForm(options.authToken, { url: url.replace(/#.*$/, ''), parameters })
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': signature,
      'i-twilio-idempotency-token': newTwilioSid(''),
    }
    const request = { url, headers, body: new URLSearchParams(parameters).toString(), timeoutMs: 15_000 }
    // Twilio tries once more when it cannot connect, and never for a bad answer
    await http
      .post(request)
      .catch(() =>
        http
          .post(request)
          .catch((error) => log('warn', 'Twilio callback not delivered', { url, error: describeError(error) })),
      )
  }

  function send(url: string, { event, parameters }: { event: string; parameters: Record<string, string> }) {
    const fault = faults.forDelivery('twilio', event)
    if (fault?.action === 'drop') return
    // held back in real time, like the other faults
    const delayMs = fault?.action === 'delay' || fault?.action === 'reorder' ? fault.delayMs * clock.speed : 0
    clock.after(delayMs, () => void post(url, parameters))
    if (fault?.action === 'double') void post(url, parameters)
  }

  function sendRecording(call: LedgerCall, url: string) {
    const recordingSid = newTwilioSid('RE')
    const parameters = {
      AccountSid: accountSid,
      CallSid: call.twilioCallSid ?? '',
      RecordingSid: recordingSid,
      RecordingUrl: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Recordings/${recordingSid}`,
      RecordingStatus: 'completed',
      RecordingDuration: String(talkSeconds(call)),
      RecordingChannels: '2',
      RecordingStartTime: toRfc2822(call.answered?.at),
      RecordingSource: 'Trunking',
      RecordingTrack: 'both',
    }
    clock.after(recordingReadyMs, () => send(url, { event: 'recording', parameters }))
  }

  return {
    callChanged(call: LedgerCall, event: CallEvent) {
      if (!call.twilioCallSid) return
      const number = sequence.get(call) ?? 0
      sequence.set(call, number + 1)
      const parameters = {
        CallSid: call.twilioCallSid,
        AccountSid: accountSid,
        From: call.from,
        To: call.to,
        Caller: call.from,
        Called: call.to,
        Direction: 'outbound-dial',
        ApiVersion: '2010-04-01',
        CallStatus: statusOf(call, event),
        CallbackSource: 'call-progress-events',
        SequenceNumber: String(number),
        Timestamp: toRfc2822(new Date(clock.now()).toISOString()),
        ...(event === 'completed' && finalParameters(call)),
      }
      send(options.statusCallbackUrl, { event, parameters })
      const isRecorded = event === 'completed' && call.answered && options.recordingCallbackUrl
      if (isRecorded) sendRecording(call, isRecorded)
    },
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

function finalParameters(call: LedgerCall): Record<string, string> {
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

function toRfc2822(at: string | undefined): string {
  return at ? new Date(at).toUTCString().replace('GMT', '+0000') : ''
}
