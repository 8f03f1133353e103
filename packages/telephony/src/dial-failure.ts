import type { Disposition } from '@outdial/policy/states'
import { type ApiAnswer, apiAnswerOf } from './api-answer.ts'
import { LiveKitError } from './livekit-error.ts'
import { isCarrierLimit, verdictOfSipStatus, verdictWithoutStatus } from './sip-status.ts'
import { neverSentBecause, transportCode } from './transport-error.ts'

/** Why a call was not connected, and what follows from it for the contact, the trunk and the campaign. */
export type DialFailure = {
  disposition: Disposition
  /** An INVITE may have left for the carrier; false only when it certainly did not. */
  reached: boolean
  /** False when the carrier or LiveKit refused for reasons of its own: the contact keeps its attempt. */
  burnsAttempt: boolean
  fault: 'callee' | 'carrier' | 'livekit' | 'configuration'
  /** `slow_lane`: the trunk's calls pause briefly. `stop_campaign`: no call of this campaign can succeed. */
  effect: 'none' | 'slow_lane' | 'stop_campaign'
  sipStatusCode?: number
  /** For the marketer: what happened and, where something can be done, what to do. */
  reason: string
}

/** The request to dial may have been carried out: LiveKit must be asked; the number is never dialed again blindly. */
export type DialUnclear = { kind: 'unclear'; reason: string }

/**
 * Judges what the request to dial (CreateSIPParticipant) threw. Whatever it does not know is unclear, never failed.
 * The texts and codes are those of livekit-server 1.13, livekit-sip 1.11 and psrpc; see docs/decisions/0010.
 */
export function classifyDialError(
  error: unknown,
  context: { hangUpRequested?: boolean } = {},
): DialFailure | DialUnclear {
  const answer = apiAnswerOf(error)
  if (answer) return judgeAnswer(answer, context)
  const code = neverSentBecause(error)
  if (code) return liveKitBusy(`LiveKit cannot be reached (${code}). Check LIVEKIT_URL and that LiveKit is running.`)
  return unclear(`LiveKit did not say whether the call was placed (${transportCode(error)}).`)
}

/**
 * Judges what kept the room from being created. Nothing was dialed, so nothing is unclear: the call is given back
 * without its attempt, unless the same request would be refused again.
 */
export function classifyRoomError(error: unknown): DialFailure {
  const reason = error instanceof Error ? error.message : String(error)
  const trouble = error instanceof LiveKitError ? error.trouble : 'refused'
  if (trouble === 'wrong_credentials') return misconfigured(reason)
  if (trouble !== 'refused') return liveKitBusy(reason)
  return { ...liveKitBusy(reason), burnsAttempt: true, fault: 'configuration', effect: 'none' }
}

function judgeAnswer(answer: ApiAnswer, context: { hangUpRequested?: boolean }): DialFailure | DialUnclear {
  if (answer.sipStatusCode !== undefined) {
    const verdict = verdictOfSipStatus(answer.sipStatusCode, { text: answer.text, ...context })
    return verdict ?? unclear(`LiveKit passed on SIP status ${answer.sipStatusCode}, which is no final answer.`)
  }
  if (isCarrierLimit(answer.text)) return verdictWithoutStatus('over_carrier_limit')
  const judge = answer.code === undefined ? byHttpStatus[answer.status] : byCode[answer.code]
  return (
    judge?.(answer.message, context.hangUpRequested ?? false) ??
    unclear(
      `LiveKit answered "${short(answer.message)}" (HTTP ${answer.status}), which does not say what became of it.`,
    )
  )
}

type Judge = (text: string, hangUpRequested: boolean) => DialFailure | null

const byCode: Record<string, Judge> = {
  canceled: judgeCanceled,
  failed_precondition: judgePrecondition,
  invalid_argument: judgeArgument,
  malformed: judgeArgument,
  not_found: (text) => (/trunk/i.test(text) ? misconfigured(missingTrunk) : null),
  bad_route: () => misconfigured(noTelephony),
  unimplemented: () => misconfigured(noTelephony),
  unauthenticated: () => misconfigured(wrongKey),
  permission_denied: () => misconfigured(wrongKey),
  resource_exhausted: () => liveKitBusy(rateLimited),
  unavailable: judgeUnavailable,
  internal: judgeInternal,
  unknown: judgeInternal,
}

/** Without a Twirp code the answer comes from LiveKit's door or from a proxy before it: nothing was dialed. */
const byHttpStatus: Record<number, Judge> = {
  401: () => misconfigured(wrongKey),
  403: () => misconfigured(wrongKey),
  404: () => ({ ...liveKitBusy(notLiveKit), fault: 'configuration' }),
  429: () => liveKitBusy(rateLimited),
}

function judgeCanceled(text: string, hangUpRequested: boolean): DialFailure | null {
  if (/sip request timed out/i.test(text)) {
    return hangUpRequested ? ended('canceled', hungUp) : ended('no_answer', 'Nobody answered before the ring timeout.')
  }
  if (/transaction failed to complete/i.test(text)) {
    return hangUpRequested ? ended('canceled', hungUp) : { ...ended('trunk_error', carrierSilent), fault: 'carrier' }
  }
  if (/service shutting down/i.test(text)) {
    return { ...ended('trunk_error', 'LiveKit SIP was shut down while the phone was ringing.'), fault: 'livekit' }
  }
  return null
}

/** With no SIP status LiveKit uses this code for its own trunk checks, for a challenge, and for "do not repeat". */
function judgePrecondition(text: string): DialFailure {
  if (/no numbers on outbound trunk/i.test(text)) return misconfigured(trunkWithoutNumbers)
  if (/\bauth\b|authenti|credential|challenge|password/i.test(text))
    return verdictWithoutStatus('wrong_trunk_credentials')
  const reason = `The call broke down while it was being placed: ${short(text)}.`
  return { ...ended('trunk_error', reason), fault: 'carrier' }
}

/** LiveKit refused the request itself, before any INVITE: wrong for this call, or wrong for every one. */
function judgeArgument(text: string): DialFailure {
  if (/missing (?:sip )?trunk|no (?:trunk )?numbers|no outbound (?:hostname|address)/i.test(text)) {
    return misconfigured(trunkWithoutNumbers)
  }
  if (/no such host|missing port in address|invalid port|too many colons/i.test(text)) {
    return misconfigured(
      `The address of the trunk does not exist: ${short(text)}. Correct it, then resume the campaign.`,
    )
  }
  if (/\blookup /i.test(text)) return liveKitBusy(`LiveKit cannot look up the trunk's address: ${short(text)}.`)
  const badNumber = /callee number|SipCallTo|sip_call_to|ToUserOverride|invalid (?:To header|request URI)/i.test(text)
  return {
    disposition: badNumber ? 'invalid_number' : 'trunk_error',
    reached: false,
    burnsAttempt: true,
    fault: badNumber ? 'callee' : 'configuration',
    effect: 'none',
    reason: `LiveKit refused to place this call: ${short(text)}.`,
  }
}

function judgeUnavailable(text: string): DialFailure | null {
  if (/no response from servers|no servers available|cpu exhausted/i.test(text)) return liveKitBusy(noSipNode)
  // livekit-sip keeps this code for errors before the INVITE; after it the same trouble is failed_precondition.
  if (/\bdial (?:tcp|udp)|connection refused|no route to host|network is unreachable/i.test(text)) {
    return liveKitBusy(`LiveKit cannot reach the trunk's address: ${short(text)}. Check the trunk's address and port.`)
  }
  return null
}

function judgeInternal(text: string): DialFailure | null {
  if (/sip not connected/i.test(text)) return misconfigured(noTelephony)
  if (/update room failed/i.test(text))
    return liveKitBusy('LiveKit SIP could not join the room, so nothing was dialed.')
  return null
}

/** LiveKit's final word after an INVITE, without a SIP status. */
function ended(disposition: Disposition, reason: string): DialFailure {
  return { disposition, reached: true, burnsAttempt: true, fault: 'callee', effect: 'none', reason }
}

/** LiveKit could not or would not take the call now: nothing was dialed, and it may be tried again shortly. */
function liveKitBusy(reason: string): DialFailure {
  return {
    disposition: 'trunk_error',
    reached: false,
    burnsAttempt: false,
    fault: 'livekit',
    effect: 'slow_lane',
    reason,
  }
}

/** Wrong for every call, so nothing was dialed and nothing more should be. */
function misconfigured(reason: string): DialFailure {
  return {
    disposition: 'trunk_error',
    reached: false,
    burnsAttempt: false,
    fault: 'configuration',
    effect: 'stop_campaign',
    reason,
  }
}

function unclear(reason: string): DialUnclear {
  return { kind: 'unclear', reason }
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

const hungUp = 'Hung up before anybody answered.'
const carrierSilent = "The carrier did not answer. Check the trunk's address and transport if this happens often."
const rateLimited = 'LiveKit allows no more requests at the moment; calls go on more slowly.'
const noSipNode = 'No LiveKit SIP server could take the call. Add SIP servers if this happens often.'
const missingTrunk =
  "LiveKit does not know the campaign's trunk. Create it again or choose another, then resume the campaign."
const trunkWithoutNumbers =
  'The trunk has no address or no number to call from. Add them to the trunk, then resume the campaign.'
const noTelephony =
  'This LiveKit server cannot place telephone calls. Connect livekit-sip and Redis to it, or set LIVEKIT_URL to one that can.'
const notLiveKit = 'The server at LIVEKIT_URL does not answer like LiveKit. Check LIVEKIT_URL.'
const wrongKey =
  'LiveKit refused the API key. Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a key of the project at LIVEKIT_URL ' +
  'that may make SIP calls, then resume the campaign.'
