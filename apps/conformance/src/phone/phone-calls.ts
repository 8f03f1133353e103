import type { Moment } from '@outdial/judge/evidence'
import { behaviourOf, type PhoneBehaviour } from './behaviours.ts'
import type { SipMessage } from './message-log.ts'

/** One call as the telephone saw it. */
export type PhoneCall = {
  /** The header Call-ID. */
  callId: string
  /** LiveKit's id of the call, `SCL_…`: livekit-sip uses it as the tag of From. */
  sipCallId: string
  to: string
  from: string
  displayName?: string
  /** Those that begin with X-, by their name in lower case. */
  headers: Record<string, string>
  behaviour: PhoneBehaviour
  /** How many INVITEs there were, without repetitions: more than one where credentials were asked for. */
  invites: number
  invited: Moment
  ringing?: Moment
  answered?: Moment
  ended?: Moment
  ending?: 'refused' | 'canceled' | 'hung_up'
  /** `livekit`: a BYE or CANCEL came. `carrier`: nobody ever answered the INVITE. */
  hungUpBy?: 'callee' | 'livekit' | 'carrier'
  /** The final response to the INVITE, unless it was 200. */
  sipStatus?: number
  sipReason?: string
  /** The answer was acknowledged. */
  acknowledged?: Moment
  /** The caller's answer to a re-INVITE of the telephone. */
  reinviteStatus?: number
  transfer?: { to: string; sipStatus: number }
  /** Where the caller takes RTP: the port of its SDP. */
  mediaPort?: number
}

/** How long a caller repeats an INVITE that nobody answers (RFC 3261, timer B). */
const timerBMs = 32_000

/** Puts messages together to calls, as they come. */
export class CallBook {
  readonly #calls = new Map<string, PhoneCall>()

  add(messages: SipMessage[]): void {
    for (const message of messages) {
      const callId = message.headers.get('call-id') ?? ''
      const call = this.#calls.get(callId)
      if (call) follow(call, message)
      else if (message.method === 'INVITE' && message.direction === 'received') {
        this.#calls.set(callId, begin(callId, message))
      }
    }
  }

  /** In the order of their INVITEs. */
  calls(nowMs: number): PhoneCall[] {
    return [...this.#calls.values()].map((call) => giveUp(call, nowMs))
  }
}

function begin(callId: string, { headers, body, atMs }: SipMessage): PhoneCall {
  const [from, to] = [headers.get('from') ?? '', headers.get('to') ?? '']
  const displayName = /^"?([^"<]*?)"?\s*</.exec(from)?.[1]
  const mediaPort = /^m=audio (\d+)/m.exec(body)?.[1]
  return {
    callId,
    sipCallId: /;tag=([^;]+)/.exec(from)?.[1] ?? '',
    to: userOf(to),
    from: userOf(from),
    ...(displayName && { displayName }),
    headers: Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-'))),
    behaviour: behaviourOf(userOf(to)),
    invites: 1,
    invited: toMoment(atMs),
    ...(mediaPort && { mediaPort: Number(mediaPort) }),
  }
}

function follow(call: PhoneCall, message: SipMessage): void {
  const [number = '', method = ''] = (message.headers.get('cseq') ?? '').split(' ')
  const at = toMoment(message.atMs)
  if (message.method) followRequest(call, { ...message, method: message.method }, { at, number })
  const { status = 0, reason = '', direction } = message
  if (message.status === undefined) return
  if (direction === 'sent') {
    if (method === 'INVITE') respond(call, { status, reason, at })
    if (method === 'REFER' && call.transfer && status >= 300) call.transfer.sipStatus = status
  } else if (method === 'INVITE' && status >= 200) call.reinviteStatus = status
}

function respond(call: PhoneCall, { status, reason, at }: { status: number; reason: string; at: Moment }): void {
  if (status >= 180 && status < 200) call.ringing ??= at
  if (status === 200) {
    call.answered ??= at
    // Whoever answered although it was canceled is on the phone.
    if (call.ending === 'canceled') unset(call)
  }
  if (status < 300 || (call.sipStatus !== undefined && call.invites === 1)) return
  Object.assign(call, { sipStatus: status, sipReason: reason })
  if (call.ending !== 'canceled') Object.assign(call, { ended: at, ending: 'refused' })
}

function followRequest(
  call: PhoneCall,
  { method, direction, headers, body }: SipMessage & { method: string },
  { at, number }: { at: Moment; number: string },
): void {
  const isOurs = direction === 'sent'
  if (method === 'INVITE' && !isOurs && Number(number) > call.invites) call.invites += 1
  if (method === 'ACK' && !isOurs && call.answered) call.acknowledged ??= at
  if (method === 'CANCEL' && !call.answered) end(call, { at, ending: 'canceled', hungUpBy: 'livekit' })
  if (method === 'BYE') end(call, { at, ending: 'hung_up', hungUpBy: isOurs ? 'callee' : 'livekit' })
  if (method === 'REFER') call.transfer = { to: userOf(headers.get('refer-to') ?? ''), sipStatus: 202 }
  const result = method === 'NOTIFY' && isOurs ? /^SIP\/2\.0 (\d+)/.exec(body)?.[1] : undefined
  if (call.transfer && result && Number(result) >= 200) call.transfer.sipStatus = Number(result)
}

function end(
  call: PhoneCall,
  { at, ending, hungUpBy }: Required<Pick<PhoneCall, 'ending' | 'hungUpBy'>> & { at: Moment },
) {
  if (!call.ended) Object.assign(call, { ended: at, ending, hungUpBy })
}

function unset(call: PhoneCall): void {
  delete call.ended
  delete call.ending
  delete call.hungUpBy
}

/** Nobody tells a telephone that does not respond that the caller has given up. */
function giveUp(call: PhoneCall, nowMs: number): PhoneCall {
  const isUnheard = !call.ringing && !call.answered && !call.ended
  const endMs = call.invited.realMs + timerBMs
  if (!isUnheard || nowMs < endMs) return { ...call }
  return { ...call, ended: toMoment(endMs), ending: 'canceled', hungUpBy: 'carrier' }
}

function toMoment(atMs: number): Moment {
  return { at: new Date(atMs).toISOString(), realMs: Math.floor(atMs) }
}

/** The user part of an address: a number, mostly. */
function userOf(address: string): string {
  return /(?:sips?:|tel:)([^@;>]*)/.exec(address)?.[1] ?? ''
}
