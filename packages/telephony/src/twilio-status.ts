import type { Signal } from '@outdial/policy/signal'
import type { Disposition } from '@outdial/policy/states'
import { z } from 'zod'
import { type ProviderEvent, plausibleTime } from './provider-event.ts'
import { verdictOfSipStatus } from './sip-status.ts'

/** What counts of a status callback. Twilio adds parameters without notice: they may all come along. */
export const twilioStatusForm = z.looseObject({
  CallSid: z.string().regex(/^\w{1,64}$/, 'must be a SID of Twilio’s'),
  /** Of a leg that TwiML dialed: the call that the TwiML runs on, which is the one LiveKit knows. */
  ParentCallSid: z
    .string()
    .regex(/^\w{0,64}$/, 'must be a SID of Twilio’s')
    .optional(),
  CallStatus: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be a status of Twilio’s')
    .meta({ description: '`ringing`, `in-progress`, `completed`, `busy`…' }),
  To: z.string().max(200).optional(),
  CallbackSource: z
    .string()
    .regex(/^[\w-]{0,64}$/, 'must be a source of Twilio’s')
    .optional(),
  SequenceNumber: z
    .string()
    .regex(/^\d{0,20}$/, 'must be a number')
    .optional(),
  Timestamp: z.string().max(64).optional().meta({ description: 'When it happened, as RFC 2822 writes it.' }),
  SipResponseCode: z.string().max(10).optional(),
})
export type TwilioStatusForm = z.infer<typeof twilioStatusForm>

/**
 * What a status callback of Twilio's means. `receivedAt` stands in where Twilio gives no time. They come in any order:
 * https://www.twilio.com/docs/voice/api/call-resource#statuscallback
 */
export function readTwilioStatus(form: TwilioStatusForm, receivedAt: Date): ProviderEvent {
  const { CallSid, ParentCallSid, CallStatus, CallbackSource = '', SequenceNumber } = form
  const at = plausibleTime(form.Timestamp ? Date.parse(form.Timestamp) : Number.NaN, receivedAt)
  return {
    eventId: [CallSid, CallbackSource, SequenceNumber || CallStatus].join('/'),
    event: CallStatus,
    providerCallIds: [CallSid, ...(ParentCallSid ? [ParentCallSid] : [])],
    signals: signalsOf(form, at),
  }
}

function signalsOf({ CallStatus, SipResponseCode }: TwilioStatusForm, at: Date): Signal[] {
  if (CallStatus === 'ringing') return [{ kind: 'ringing', at }]
  if (CallStatus === 'in-progress') return [{ kind: 'provider_answered', at }]
  const end = ends.get(CallStatus)
  if (!end) return []
  const sipStatusCode = /^[1-6]\d\d$/.test(SipResponseCode ?? '') ? Number(SipResponseCode) : undefined
  const verdict = sipStatusCode && CallStatus === 'failed' ? verdictOfSipStatus(sipStatusCode, { text: '' }) : null
  return [
    {
      kind: 'provider_ended',
      at,
      disposition: verdict?.disposition ?? end.disposition,
      reason: `Twilio: ${verdict?.reason ?? end.reason}`,
      ...(sipStatusCode && end.disposition !== 'completed' ? { sipStatusCode } : {}),
    },
  ]
}

const ends = new Map<string, { disposition: Disposition; reason: string }>([
  ['completed', { disposition: 'completed', reason: 'The call was answered and has ended.' }],
  ['busy', { disposition: 'busy', reason: 'The line was busy.' }],
  ['no-answer', { disposition: 'no_answer', reason: 'Nobody answered.' }],
  ['canceled', { disposition: 'canceled', reason: 'The call was canceled before anybody answered.' }],
  ['failed', { disposition: 'trunk_error', reason: 'The call could not be placed.' }],
])
