import type { Signal } from '@outdial/policy/signal'
import type { Disposition } from '@outdial/policy/states'
import { z } from 'zod'
import { type ProviderEvent, plausibleTime } from './provider-event.ts'

const text = z.string().max(200).optional()

/** What counts of a status callback of Exotel's Calls API; whatever else it sends may come along. */
export const exotelStatusForm = z.looseObject({
  CallSid: z.string().regex(/^\w{1,64}$/, 'must be an id of Exotel’s'),
  Status: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be a status of Exotel’s')
    .meta({ description: '`in-progress`, `completed`, `busy`, `no-answer`, `failed` or `canceled`.' }),
  EventType: z
    .string()
    .regex(/^[\w-]{0,64}$/, 'must be an event of Exotel’s')
    .optional()
    .meta({ description: '`answered` or `terminal`.' }),
  CustomField: text.meta({ description: 'The id of the call, or the name of its room, as given with the request.' }),
  DateUpdated: text.meta({ description: '`YYYY-MM-DD HH:mm:ss` in Indian time.' }),
  EndTime: text,
})
export type ExotelStatusForm = z.infer<typeof exotelStatusForm>

/** `callName` is what the callback itself calls our call by: an id or a room name. */
export type ExotelEvent = ProviderEvent & { callName?: string }

/**
 * What a status callback of Exotel's means. Exotel signs nothing and writes times without a zone, which is taken for that
 * of India; `receivedAt` stands in where that cannot be.
 */
export function readExotelStatus(form: ExotelStatusForm, receivedAt: Date): ExotelEvent {
  const { CallSid, Status, EventType = '', CustomField } = form
  return {
    eventId: [CallSid, EventType, Status].join('/'),
    event: EventType || Status,
    providerCallIds: [CallSid],
    ...(CustomField ? { callName: CustomField } : {}),
    signals: signalsOf(form, receivedAt),
  }
}

function signalsOf({ Status, DateUpdated, EndTime }: ExotelStatusForm, receivedAt: Date): Signal[] {
  if (Status === 'in-progress') {
    return [{ kind: 'provider_answered', at: plausibleTime(indianMs(DateUpdated), receivedAt) }]
  }
  const end = ends.get(Status)
  if (!end) return []
  const at = plausibleTime(indianMs(EndTime || DateUpdated), receivedAt)
  return [{ kind: 'provider_ended', at, disposition: end.disposition, reason: `Exotel: ${end.reason}` }]
}

/** Milliseconds since 1970 of a time on clocks in India; NaN for what is none. */
function indianMs(time = ''): number {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)$/.exec(time.trim()) ?? []
  return Date.parse(`${day}T${clock}+05:30`)
}

const ends = new Map<string, { disposition: Disposition; reason: string }>([
  ['completed', { disposition: 'completed', reason: 'The call was answered and has ended.' }],
  ['busy', { disposition: 'busy', reason: 'The line was busy.' }],
  ['no-answer', { disposition: 'no_answer', reason: 'Nobody answered.' }],
  ['canceled', { disposition: 'canceled', reason: 'The call was canceled before anybody answered.' }],
  ['failed', { disposition: 'trunk_error', reason: 'The call could not be placed.' }],
])
