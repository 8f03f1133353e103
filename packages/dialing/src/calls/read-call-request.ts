import type { CallOptions } from '@outdial/database/schema/calls'
import { type Country, parsePossibleNumber } from '@outdial/policy/phone-number'
import type { Provider } from '@outdial/policy/states'
import { isInboundRoom } from '@outdial/telephony/inbound-room'
import {
  callHeaders,
  normaliseTransferTarget,
  SipHeaderError,
  TransferTargetError,
} from '@outdial/telephony/sip-headers'
import { z } from 'zod'
import { campaignFields } from '../campaigns/campaign-settings.ts'
import { questions } from '../fields.ts'
import { InvalidInput, type WrongField } from '../refusals.ts'

/** What a single call may ask for, whoever talks to the callee. */
export const callWishes = {
  fromNumber: z.string().min(1).max(64).optional().meta({ description: 'The number to call from, in E.164 form.' }),
  questions: questions.optional().meta({ description: "Asked instead of the assistant's." }),
  ringTimeoutSeconds: z.int().min(5).max(80).optional().meta({ description: 'How long it may ring; 30 unless given.' }),
  maxCallSeconds: campaignFields.maxCallSeconds
    .optional()
    .meta({ description: 'How long it may last from the answer on; 1,800 unless given.' }),
  sipHeaders: campaignFields.sipHeaders.optional().meta({ description: 'Sent with the first INVITE.' }),
  displayName: campaignFields.displayName
    .unwrap()
    .optional()
    .meta({ description: "The caller's name shown to the callee; `caller_name` of the metadata unless given." }),
  dtmf: z
    .string()
    .regex(/^[0-9A-Da-dwW*#]{1,100}$/, 'must be tones 0-9, *, #, A-D, with w for half a second of waiting')
    .optional()
    .meta({ description: 'Tones sent once somebody answered, such as ww123#.' }),
  ignoreWindow: z
    .boolean()
    .optional()
    .meta({ description: 'Call also outside of the calling hours. Who asked for it is in the audit log.' }),
}

export type CallRequest = z.infer<z.ZodObject<typeof callWishes>> & {
  phoneNumber: string
  contactName?: string | undefined
  /** May be left out where the agent is named, or where nobody of ours is to talk. */
  assistantId?: string | undefined
  campaignId?: string | undefined
  trunkId?: string | undefined
  /** The same by LiveKit's id, `ST_…`. */
  livekitTrunkId?: string | undefined
  /** Refused where the trunk is another provider's. */
  provider?: Provider | undefined
  metadata: Record<string, unknown>
  /** The agent to send for instead of the assistant's; null for none. */
  agentName?: string | null | undefined
  agentMetadata?: Record<string, unknown> | undefined
  participantIdentity?: string | undefined
  /** `call-<id>` unless given. */
  roomName?: string | ((callId: string) => string) | undefined
  /** What the installation falls back on where the workspace names nothing. */
  fallback?: { livekitTrunkId?: string | undefined; fromNumber?: string | undefined } | undefined
  /** The same in a repeat, which then finds the first one's call. */
  callId?: string | undefined
}

export type ReadRequest = {
  phoneNumber: string
  fromNumber: string | null
  metadata: Record<string, unknown>
  options: CallOptions
}

/** Brings a request into the form in which its call is stored. @throws InvalidInput naming each wrong field */
export function readCallRequest(request: CallRequest): ReadRequest {
  const wrong: WrongField[] = []
  const number = readNumber(request.phoneNumber, { field: 'phoneNumber', wrong })
  const from = request.fromNumber && readNumber(request.fromNumber, { field: 'fromNumber', wrong })
  const callerId = readCallerId(request.metadata.caller_id, wrong)
  if (typeof request.roomName === 'string') checkRoomName(request.roomName, wrong)
  const fromNumber = from || callerId
  const country = countryOf(fromNumber) ?? countryOf(number)
  const metadata = readMetadata(request, { country, wrong })
  if (wrong.length > 0) throw new InvalidInput(wrong)
  return { phoneNumber: number, fromNumber, metadata, options: optionsOf(request) }
}

function readNumber(text: string, { field, wrong }: { field: string; wrong: WrongField[] }): string {
  const number = parsePossibleNumber(text)
  if (number.ok) return number.e164
  wrong.push({ field, code: number.reason.code, message: number.reason.message })
  return ''
}

/** Some carriers take names and short numbers here, so what is no number passes if it can do no harm in a SIP message. */
function readCallerId(callerId: unknown, wrong: WrongField[]): string | null {
  if (callerId === undefined || callerId === null || callerId === '') return null
  const text = typeof callerId === 'string' || typeof callerId === 'number' ? String(callerId).trim() : ''
  const number = parsePossibleNumber(text)
  if (number.ok) return number.e164
  if (/^[\w.+-]{1,64}$/.test(text)) return text
  const message = 'must be the number to call from, such as +14155550100'
  wrong.push({ field: 'metadata.caller_id', code: 'invalid_number', message })
  return null
}

/** LiveKit's own limit is 256 characters. What begins like a call that came in would be taken for one. */
function checkRoomName(name: string, wrong: WrongField[]): void {
  const refuse = (code: string, message: string) => wrong.push({ field: 'roomName', code, message })
  if (isInboundRoom(name)) refuse('reserved', 'must not begin like the rooms of inbound calls: choose another name')
  if (!/^[\w.:@+-]{1,200}$/.test(name))
    refuse('invalid_format', 'must be 1 to 200 letters, digits and the characters . _ : @ + -')
}

/** For reading numbers in national form next to this one. */
export function countryOf(e164: string | null): Country | undefined {
  const number = parsePossibleNumber(e164 ?? '')
  return number.ok ? number.country : undefined
}

/** Better refused now than when the call is dialed and nobody reads the answer. */
function readMetadata(
  { metadata, questions: asked, sipHeaders = {} }: CallRequest,
  { country, wrong }: { country: Country | undefined; wrong: WrongField[] },
): Record<string, unknown> {
  const target = metadata.transfer_target
  try {
    const normalised = typeof target === 'string' && target.trim() ? normaliseTransferTarget(target, country) : target
    const read = { ...metadata, ...(target !== undefined && { transfer_target: normalised }) }
    callHeaders(read, sipHeaders)
    return asked ? { ...read, questions: asked } : read
  } catch (error) {
    if (!(error instanceof SipHeaderError || error instanceof TransferTargetError)) throw error
    const isOwn = error instanceof SipHeaderError && error.header in sipHeaders
    wrong.push({ field: isOwn ? 'sipHeaders' : 'metadata', code: 'invalid_header', message: error.message })
    return metadata
  }
}

/** Longer names are not shown; LiveKit refuses them. */
const displayNameBytes = 128

function optionsOf(request: CallRequest): CallOptions {
  const { agentName, agentMetadata, participantIdentity, sipHeaders, dtmf, ignoreWindow } = request
  const { ringTimeoutSeconds: ringSeconds, maxCallSeconds: maxSeconds } = request
  const callerName = request.metadata.caller_name
  const displayName = request.displayName ?? (typeof callerName === 'string' ? callerName.trim() : '')
  return {
    ...(agentName !== undefined && { agentName }),
    ...(agentMetadata && { agentMetadata }),
    ...(participantIdentity && { participantIdentity }),
    ...(sipHeaders && Object.keys(sipHeaders).length > 0 && { sipHeaders }),
    ...(dtmf && { dtmf }),
    ...(ignoreWindow && { ignoreWindow }),
    ...(ringSeconds !== undefined && { ringTimeoutMs: ringSeconds * 1_000 }),
    ...(maxSeconds !== undefined && { maxCallMs: maxSeconds * 1_000 }),
    ...(displayName && Buffer.byteLength(displayName) <= displayNameBytes && { displayName }),
  }
}
