import type { LegEnd, Signal } from '@outdial/policy/signal'
import type { ParticipantInfo, WebhookEvent } from 'livekit-server-sdk'
import { type EgressSummary, recordingSignal, summariseEgress } from './egress-signal.ts'
import { isInboundRoom, isOurs } from './inbound-room.ts'
import { isAnsweredStatus } from './room-look-up.ts'

/** What is worth keeping of a LiveKit event; plain JSON. */
export type WebhookSummary = {
  room?: { name: string; sid: string; metadata: string }
  participant?: ParticipantSummary
  egress?: EgressSummary
}

export type ParticipantSummary = {
  identity: string
  sid: string
  /** STANDARD, SIP, AGENT, EGRESS and so on. */
  kind: string
  /** LiveKit's name of the reason; UNKNOWN_REASON until the participant leaves. */
  disconnectReason: string
  joinedAtMs: number
  /** The `sip.…` attributes: call id and status, trunk, numbers, the carrier's ids. */
  sip: Record<string, string>
}

export function summarise(event: WebhookEvent): WebhookSummary {
  const { room, participant, egressInfo } = event
  return {
    ...(room && { room: { name: room.name, sid: room.sid, metadata: room.metadata } }),
    ...(participant && { participant: summariseParticipant(participant) }),
    ...(egressInfo && { egress: summariseEgress(egressInfo) }),
  }
}

/**
 * The translation into policy's words. Nothing is said at ring or answer: LiveKit has no event for them, and a
 * participant that joined is only being dialed. Kinds and reasons are LiveKit's names as of server 1.13.
 */
export function signalsOf({
  event,
  at,
  roomName,
  participant,
  egress,
}: {
  event: string
  at: Date
  roomName?: string | undefined
  participant?: ParticipantSummary | undefined
  egress?: EgressSummary | undefined
}): Signal[] {
  if (egress) return [recordingSignal(egress, at)]
  if (event === 'room_finished') return [{ kind: 'room_finished', at }]
  if (!participant) return []
  if (event === 'participant_joined' && isOurs(participant)) return joinedByUs(participant, { at, roomName })
  if (participant.kind !== 'SIP') return []
  if (event === 'participant_joined') return legJoined(participant, at)
  if (event === 'participant_left') return [legLeft(participant, { at, reason: legEndOf(participant) })]
  if (event === 'participant_connection_aborted') return [legLeft(participant, { at, reason: 'failed' })]
  return []
}

/** LiveKit lets a call that came in ring until somebody in its room listens, and says nothing when it picks up. */
function joinedByUs(
  participant: ParticipantSummary,
  { at, roomName }: { at: Date; roomName: string | undefined },
): Signal[] {
  const here = { at: joinedAt(participant, at) }
  const joined: Signal = { kind: 'agent_joined', ...here }
  return isInboundRoom(roomName) ? [joined, { kind: 'answered', ...here }] : [joined]
}

/** An inbound leg can be in conversation the moment it joins. */
function legJoined(participant: ParticipantSummary, at: Date): Signal[] {
  const sipCallId = participant.sip['sip.callID']
  // Of a call that comes in, the provider's id is known at once: its INVITE carries it.
  const providerCallId = participant.sip['sip.twilio.callSid']
  const joined: Signal = { kind: 'leg_joined', at: joinedAt(participant, at), sipCallId, providerCallId }
  return participant.sip['sip.callStatus'] === 'active' ? [joined, { kind: 'answered', at, sipCallId }] : [joined]
}

function legLeft(participant: ParticipantSummary, { at, reason }: { at: Date; reason: LegEnd }): Signal {
  return {
    kind: 'leg_left',
    at,
    reason,
    wasAnswered: wasAnswered(participant),
    sipCallId: participant.sip['sip.callID'],
    providerCallId: participant.sip['sip.twilio.callSid'],
  }
}

/** A trunk that fails before the answer leaves as CLIENT_INITIATED, like a callee who hangs up after it. */
function legEndOf(participant: ParticipantSummary): LegEnd {
  const unanswered = isInboundLeg(participant) ? 'unavailable' : 'failed'
  return legEnds[participant.disconnectReason] ?? (wasAnswered(participant) ? 'left' : unanswered)
}

/** Of a caller who gives up, `hangup` is said as well; whether somebody had picked up is known from who joined. */
function wasAnswered(participant: ParticipantSummary): boolean {
  const callStatus = participant.sip['sip.callStatus']
  return isAnsweredStatus(callStatus) && !(isInboundLeg(participant) && callStatus === 'hangup')
}

/** Only calls that came in have passed a dispatch rule. */
function isInboundLeg(participant: ParticipantSummary): boolean {
  return participant.sip['sip.ruleID'] !== undefined
}

const legEnds: Record<string, LegEnd> = {
  USER_REJECTED: 'rejected',
  USER_UNAVAILABLE: 'unavailable',
  PARTICIPANT_REMOVED: 'removed',
  // Another request dialed with the same identity and pushed this leg out; the number must not be tried once more.
  DUPLICATE_IDENTITY: 'removed',
  ROOM_DELETED: 'room_deleted',
  ROOM_CLOSED: 'room_deleted',
  SIP_TRUNK_FAILURE: 'failed',
  MEDIA_FAILURE: 'failed',
  CONNECTION_TIMEOUT: 'failed',
  JOIN_FAILURE: 'failed',
}

/** The milliseconds of joining are in the snapshot; the event itself knows only its second. */
function joinedAt(participant: ParticipantSummary, at: Date): Date {
  return participant.joinedAtMs > 0 ? new Date(participant.joinedAtMs) : at
}

function summariseParticipant(participant: ParticipantInfo): ParticipantSummary {
  const sip = Object.entries(participant.attributes).filter(([name]) => name.startsWith('sip.'))
  return {
    identity: participant.identity,
    sid: participant.sid,
    kind: nameOf(participant, 'kind', 'STANDARD'),
    disconnectReason: nameOf(participant, 'disconnectReason', 'UNKNOWN_REASON'),
    joinedAtMs: Number(participant.joinedAtMs),
    sip: Object.fromEntries(sip),
  }
}

/** The SDK does not export these enums; their names are in the JSON form, which leaves out the first of each. */
function nameOf(message: ParticipantInfo, field: string, first: string): string {
  const json: unknown = message.toJson()
  const name = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[field] : undefined
  return typeof name === 'string' ? name : first
}
