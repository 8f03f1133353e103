import { type EgressInfo, type ParticipantInfo, type Room, type TrackInfo, WebhookEvent } from '@livekit/protocol'
import { newId } from '../ids.ts'
import type { WebhookSender } from './webhook-sender.ts'

type Facts = { room?: Room; participant?: ParticipantInfo; track?: TrackInfo; egressInfo?: EgressInfo }

export type WebhookEvents = ReturnType<typeof createWebhookEvents>

/** Builds the events of the server and hands them to the sender; `key` is the queue: room name or egress id. */
export function createWebhookEvents(sender: WebhookSender, simulatedNowMs: () => number) {
  function emit(event: string, key: string, facts: Facts) {
    const message = new WebhookEvent({
      event,
      id: newId('EV_'),
      createdAt: BigInt(Math.floor(simulatedNowMs() / 1000)),
      ...facts,
    })
    sender.send({ key, event, body: message.toJsonString() })
  }

  return {
    room(event: 'room_started' | 'room_finished', room: Room) {
      emit(event, room.name, { room })
    },
    participant(event: 'participant_joined' | 'participant_left', facts: { room: Room; participant: ParticipantInfo }) {
      emit(event, facts.room.name, facts)
    },
    track(event: 'track_published' | 'track_unpublished', facts: Required<Omit<Facts, 'egressInfo'>>) {
      emit(event, facts.room.name, facts)
    },
    egress(event: 'egress_started' | 'egress_updated' | 'egress_ended', egressInfo: EgressInfo) {
      emit(event, egressInfo.egressId, { egressInfo })
    },
  }
}
