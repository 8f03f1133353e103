import {
  DisconnectReason,
  ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  Room,
  TrackInfo,
  TrackSource,
} from '@livekit/protocol'
import type { Leg } from '../sip/leg.ts'

export type RoomState = {
  sid: string
  name: string
  metadata: string
  emptyTimeoutS: number
  departureTimeoutS: number
  maxParticipants: number
  createdMs: number
  participants: Map<string, Participant>
  cancelIdleTimer?: () => void
}

export type Participant = {
  room: RoomState
  sid: string
  identity: string
  name: string
  metadata: string
  kind: ParticipantInfo_Kind
  attributes: Record<string, string>
  joinedMs: number
  version: number
  trackSid: string
  /** The telephone leg of a SIP participant. */
  leg?: Leg
  /** The participant was thrown out, or its room closed. */
  onRemoved(reason: DisconnectReason, by: RemovedBy): void
  onPeerJoined?(peer: Participant): void
  onPeerChanged?(peer: Participant): void
  onPeerLeft?(peer: Participant, reason: DisconnectReason): void
}

export type RemovedBy = 'api' | 'agent' | 'duplicate_identity' | 'reset'

export function toRoom(room: RoomState): Room {
  return new Room({
    sid: room.sid,
    name: room.name,
    metadata: room.metadata,
    emptyTimeout: room.emptyTimeoutS,
    departureTimeout: room.departureTimeoutS,
    maxParticipants: room.maxParticipants,
    creationTime: BigInt(Math.floor(room.createdMs / 1000)),
    creationTimeMs: BigInt(Math.floor(room.createdMs)),
    numParticipants: countedParticipants(room).length,
    numPublishers: room.participants.size,
  })
}

/** Those who count against maxParticipants: agents do not. */
export function countedParticipants(room: RoomState): Participant[] {
  return [...room.participants.values()].filter((each) => each.kind !== ParticipantInfo_Kind.AGENT)
}

export function toParticipantInfo(participant: Participant, reason?: DisconnectReason): ParticipantInfo {
  return new ParticipantInfo({
    sid: participant.sid,
    identity: participant.identity,
    name: participant.name,
    metadata: participant.metadata,
    kind: participant.kind,
    attributes: { ...participant.attributes },
    state: reason === undefined ? ParticipantInfo_State.ACTIVE : ParticipantInfo_State.DISCONNECTED,
    disconnectReason: reason ?? DisconnectReason.UNKNOWN_REASON,
    joinedAt: BigInt(Math.floor(participant.joinedMs / 1000)),
    joinedAtMs: BigInt(Math.floor(participant.joinedMs)),
    version: participant.version,
    isPublisher: true,
    permission: { canSubscribe: true, canPublish: true, canPublishData: true },
    tracks: reason === undefined ? [toTrack(participant)] : [],
  })
}

export function toTrack(participant: Participant): TrackInfo {
  // livekit-sip names the track after the participant
  const name = participant.kind === ParticipantInfo_Kind.SIP ? participant.identity : ''
  return new TrackInfo({ sid: participant.trackSid, source: TrackSource.MICROPHONE, mimeType: 'audio/opus', name })
}
