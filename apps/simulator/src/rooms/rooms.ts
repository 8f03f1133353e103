import { DisconnectReason, ParticipantInfo, ParticipantInfo_Kind, Room } from '@livekit/protocol'
import type { SimulatedClock } from '../clock.ts'
import { newId } from '../ids.ts'
import type { WebhookEvents } from '../webhooks/webhook-events.ts'
import {
  countedParticipants,
  type Participant,
  type RemovedBy,
  type RoomState,
  toParticipantInfo,
  toRoom,
  toTrack,
} from './room.ts'

type RoomOptions = {
  name: string
  metadata?: string
  emptyTimeoutS?: number
  departureTimeoutS?: number
  maxParticipants?: number
}

type NewParticipant = Pick<Participant, 'identity' | 'kind' | 'onRemoved'> &
  Partial<Pick<Participant, 'name' | 'metadata' | 'attributes' | 'onPeerJoined' | 'onPeerChanged' | 'onPeerLeft'>>

/** The room is full: LiveKit refuses the join. */
export class RoomFull extends Error {}

const defaultEmptyTimeoutS = 300
const defaultDepartureTimeoutS = 20

/** All rooms and who is in them; tells participants about each other and the webhooks about everything. */
export class Rooms {
  readonly #rooms = new Map<string, RoomState>()
  readonly #clock: SimulatedClock
  readonly #events: WebhookEvents
  /** Called after a room has ended. */
  onFinished: (room: RoomState) => void = () => {}

  constructor(clock: SimulatedClock, events: WebhookEvents) {
    this.#clock = clock
    this.#events = events
  }

  find(name: string): RoomState | undefined {
    return this.#rooms.get(name)
  }

  all(): RoomState[] {
    return [...this.#rooms.values()]
  }

  /** A room that exists is handed back unchanged, whatever the options say. */
  findOrCreate(options: RoomOptions): { room: RoomState; isNew: boolean } {
    const existing = this.#rooms.get(options.name)
    if (existing) return { room: existing, isNew: false }
    const room: RoomState = {
      sid: newId('RM_'),
      name: options.name,
      metadata: options.metadata ?? '',
      emptyTimeoutS: options.emptyTimeoutS || defaultEmptyTimeoutS,
      departureTimeoutS: options.departureTimeoutS || defaultDepartureTimeoutS,
      maxParticipants: options.maxParticipants ?? 0,
      createdMs: this.#clock.now(),
      participants: new Map(),
    }
    this.#rooms.set(room.name, room)
    this.#events.room('room_started', toRoom(room))
    this.#closeWhenIdle(room, room.emptyTimeoutS)
    return { room, isNew: true }
  }

  /**
   * Lets a participant in. The same identity replaces the one who is there.
   * @throws RoomFull when another identity would be one too many.
   */
  join(room: RoomState, input: NewParticipant): Participant {
    const previous = room.participants.get(input.identity)
    const counts = input.kind !== ParticipantInfo_Kind.AGENT
    if (!previous && counts && room.maxParticipants > 0 && countedParticipants(room).length >= room.maxParticipants) {
      throw new RoomFull('room has exceeded its max participants')
    }
    if (previous) this.remove(previous, DisconnectReason.DUPLICATE_IDENTITY, 'duplicate_identity')
    const participant: Participant = {
      name: '',
      metadata: '',
      attributes: {},
      ...input,
      room,
      sid: newId('PA_'),
      trackSid: newId('TR_'),
      joinedMs: this.#clock.now(),
      version: 1,
    }
    // told as it is at that moment: the room has not counted it yet, and it has no track
    const joined = { room: toRoom(room), participant: toParticipantInfo(participant) }
    joined.participant.tracks = []
    room.participants.set(participant.identity, participant)
    if (counts) this.#stayOpen(room)
    this.#events.participant('participant_joined', joined)
    this.#events.track('track_published', trackFacts(participant))
    for (const peer of this.#peers(participant)) peer.onPeerJoined?.(participant)
    return participant
  }

  setAttributes(participant: Participant, attributes: Record<string, string>): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === '') delete participant.attributes[name]
      else participant.attributes[name] = value
    }
    participant.version += 1
    for (const peer of this.#peers(participant)) peer.onPeerChanged?.(participant)
  }

  /** The participant goes by itself. Going twice is once. */
  leave(participant: Participant, reason: DisconnectReason): void {
    const { room } = participant
    if (room.participants.get(participant.identity) !== participant) return
    room.participants.delete(participant.identity)
    this.#events.track('track_unpublished', trackFacts(participant))
    this.#events.participant('participant_left', {
      room: toRoom(room),
      participant: toParticipantInfo(participant, reason),
    })
    const wasLast = participant.kind !== ParticipantInfo_Kind.AGENT && countedParticipants(room).length === 0
    if (wasLast && this.#rooms.get(room.name) === room) this.#closeWhenIdle(room, room.departureTimeoutS)
    for (const peer of this.#peers(participant)) peer.onPeerLeft?.(participant, reason)
  }

  /** Throws a participant out. */
  remove(participant: Participant, reason: DisconnectReason, by: RemovedBy): void {
    this.leave(participant, reason)
    participant.onRemoved(reason, by)
  }

  /** Ends a room and everybody's stay in it. */
  finish(room: RoomState, { reason, by }: { reason: DisconnectReason; by: RemovedBy }): void {
    if (this.#rooms.get(room.name) !== room) return
    this.#rooms.delete(room.name)
    this.#stayOpen(room)
    const everybody = [...room.participants.values()]
    // nobody is told of the others' leaving: all go at the same time
    for (const participant of everybody) Object.assign(participant, { onPeerChanged: undefined, onPeerLeft: undefined })
    for (const participant of everybody) this.remove(participant, reason, by)
    this.#events.room('room_finished', toRoom(room))
    this.onFinished(room)
  }

  /** Drops all rooms; legs and agents are told, webhooks follow. */
  reset(): void {
    for (const room of this.all()) this.finish(room, { reason: DisconnectReason.SERVER_SHUTDOWN, by: 'reset' })
  }

  #closeWhenIdle(room: RoomState, afterS: number) {
    room.cancelIdleTimer?.()
    room.cancelIdleTimer = this.#clock.after(afterS * 1000, () => {
      this.finish(room, { reason: DisconnectReason.ROOM_CLOSED, by: 'api' })
    })
  }

  #stayOpen(room: RoomState) {
    room.cancelIdleTimer?.()
    room.cancelIdleTimer = undefined
  }

  #peers(participant: Participant): Participant[] {
    return [...participant.room.participants.values()].filter((peer) => peer !== participant)
  }
}

// track events carry only names and ids of room and participant
function trackFacts(participant: Participant) {
  const { room, sid, identity } = participant
  return {
    room: new Room({ sid: room.sid, name: room.name }),
    participant: new ParticipantInfo({ sid, identity }),
    track: toTrack(participant),
  }
}
