import { type ParticipantInfo, ParticipantInfo_State } from 'livekit-server-sdk'
import { isOurs } from './inbound-room.ts'

/** What LiveKit knows of a call's room right now. It keeps no history: a room that has ended is simply not there. */
export type RoomLookUp = {
  roomExists: boolean
  /** Or a person of ours, who talks from the browser. */
  agentJoined: boolean
  leg: TelephoneLeg | null
}

export type TelephoneLeg = {
  identity: string
  /** LiveKit's id of the participant, `PA_…`. */
  participantId: string
  sipCallId: string
  /** LiveKit's `sip.callStatus`: dialing, ringing, automation, active or hangup. */
  callStatus: string
  answered: boolean
  /** The carrier's id of the call, where LiveKit passes it on (Twilio's CallSid). */
  providerCallId?: string
  joinedAt?: Date
}

/** `sip.callStatus` values that a leg reaches only after somebody, or something, has picked up. */
export function isAnsweredStatus(callStatus: string | undefined): boolean {
  return callStatus === 'active' || callStatus === 'automation' || callStatus === 'hangup'
}

export function describeRoom(roomExists: boolean, participants: ParticipantInfo[]): RoomLookUp {
  const present = participants.filter((participant) => participant.state !== ParticipantInfo_State.DISCONNECTED)
  const legs = present.filter((participant) => kindOf(participant) === 'SIP').map(toLeg)
  return {
    roomExists: roomExists || present.length > 0,
    agentJoined: present.some((participant) => isOurs({ kind: kindOf(participant), identity: participant.identity })),
    // Of several telephone legs (a transfer in progress) the answered one is the call.
    leg: legs.find((leg) => leg.answered) ?? legs[0] ?? null,
  }
}

/** The SDK does not export the enum of kinds; its JSON form has the names. */
function kindOf(participant: ParticipantInfo): string {
  const json = participant.toJson()
  const kind = typeof json === 'object' && json !== null && 'kind' in json ? json.kind : undefined
  return typeof kind === 'string' ? kind : 'STANDARD'
}

function toLeg(participant: ParticipantInfo): TelephoneLeg {
  const attributes = participant.attributes
  const callStatus = attributes['sip.callStatus'] ?? ''
  const joinedAtMs = Number(participant.joinedAtMs) || Number(participant.joinedAt) * 1000
  return {
    identity: participant.identity,
    participantId: participant.sid,
    sipCallId: attributes['sip.callID'] ?? '',
    callStatus,
    answered: isAnsweredStatus(callStatus),
    ...(attributes['sip.twilio.callSid'] && { providerCallId: attributes['sip.twilio.callSid'] }),
    ...(joinedAtMs > 0 && { joinedAt: new Date(joinedAtMs) }),
  }
}
