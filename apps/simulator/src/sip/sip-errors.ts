import { DisconnectReason } from '@livekit/protocol'
import type { Refusal } from '../network/call-plan.ts'
import { fromNode, type TwirpCode, TwirpError } from '../twirp-error.ts'

// livekit/protocol maps SIP statuses to these codes (livekit/sip.go)
const codes: Record<number, TwirpCode> = {
  301: 'not_found',
  302: 'not_found',
  400: 'invalid_argument',
  402: 'permission_denied',
  403: 'permission_denied',
  404: 'not_found',
  408: 'deadline_exceeded',
  410: 'not_found',
  480: 'resource_exhausted',
  484: 'invalid_argument',
  486: 'resource_exhausted',
  487: 'aborted',
  488: 'invalid_argument',
  491: 'aborted',
  500: 'failed_precondition',
  501: 'failed_precondition',
  502: 'failed_precondition',
  503: 'failed_precondition',
  504: 'deadline_exceeded',
  600: 'resource_exhausted',
  603: 'permission_denied',
  604: 'not_found',
  606: 'invalid_argument',
  607: 'permission_denied',
  608: 'permission_denied',
}

// livekit-sip expects these; all others surprise it
const namedFailures = [400, 404, 480, 486, 488]

/** The error of CreateSIPParticipant for a final SIP failure. */
export function refusalError(refusal: Refusal): TwirpError {
  const isNamed = namedFailures.includes(refusal.sipStatus)
  return sipError(isNamed ? 'INVITE failed' : 'unexpected status from INVITE response', refusal)
}

/** The error of TransferSIPParticipant when the REFER, or the call to its target, is refused. */
export function transferError(refusal: Refusal): TwirpError {
  return sipError('call transfer failed', refusal)
}

function sipError(what: string, { sipStatus, reason }: Refusal): TwirpError {
  const message = `${what}: sip status: ${sipStatus}: ${reason}`
  return new TwirpError(codes[sipStatus] ?? 'unknown', fromNode(message), {
    sip_status_code: String(sipStatus),
    sip_status: reason,
  })
}

/** The reason in participant_left for a final SIP failure, as the open-source server reports it. */
export function refusalReason({ sipStatus, reason }: Refusal): DisconnectReason {
  if ([404, 408, 480].includes(sipStatus)) return DisconnectReason.USER_UNAVAILABLE
  if (/cps limit exceeded|concurrent call limit exceeded/i.test(reason)) return DisconnectReason.USER_REJECTED
  if (sipStatus >= 500 && sipStatus < 600) return DisconnectReason.CLIENT_INITIATED
  return DisconnectReason.USER_REJECTED
}
