import {
  CreateRoomRequest,
  DeleteRoomRequest,
  DeleteRoomResponse,
  DisconnectReason,
  ListParticipantsRequest,
  ListParticipantsResponse,
  ListRoomsRequest,
  ListRoomsResponse,
  RemoveParticipantResponse,
  RoomParticipantIdentity,
  SendDataRequest,
  SendDataResponse,
  UpdateParticipantRequest,
  UpdateRoomMetadataRequest,
} from '@livekit/protocol'
import type { Simulation } from '../simulation.ts'
import { method, type Service } from '../twirp.ts'
import { fromNode, TwirpError } from '../twirp-error.ts'
import { type Participant, type RoomState, toParticipantInfo, toRoom } from './room.ts'

const longestName = 256
const longestMetadata = 512 * 1024

/** RoomService: rooms and who is in them. */
export function createRoomService(simulation: Simulation): Service {
  return { ...roomMethods(simulation), ...participantMethods(simulation) }
}

function roomMethods(simulation: Simulation): Service {
  const { rooms } = simulation
  return {
    CreateRoom: method({
      request: CreateRoomRequest,
      grant: 'roomCreate',
      answer: (request) => toRoom(createRoom(simulation, request)),
    }),
    ListRooms: method({
      request: ListRoomsRequest,
      grant: 'roomList',
      answer: ({ names }) => new ListRoomsResponse({ rooms: selectRooms(simulation, names).map(toRoom) }),
    }),
    DeleteRoom: method({
      request: DeleteRoomRequest,
      grant: 'roomCreate',
      answer: ({ room }) => {
        rooms.finish(findRoom(simulation, room), { reason: DisconnectReason.ROOM_DELETED, by: 'api' })
        return new DeleteRoomResponse()
      },
    }),
    UpdateRoomMetadata: method({
      request: UpdateRoomMetadataRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: (request) => {
        const room = findRoom(simulation, request.room)
        room.metadata = request.metadata
        return toRoom(room)
      },
    }),
    SendData: method({
      request: SendDataRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: ({ room }) => {
        findRoom(simulation, room)
        return new SendDataResponse()
      },
    }),
  }
}

function participantMethods(simulation: Simulation): Service {
  const { rooms } = simulation
  return {
    ListParticipants: method({
      request: ListParticipantsRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      // a room that does not exist has nobody in it: no error
      answer: ({ room }) =>
        new ListParticipantsResponse({
          participants: [...(rooms.find(room)?.participants.values() ?? [])].map((each) => toParticipantInfo(each)),
        }),
    }),
    GetParticipant: method({
      request: RoomParticipantIdentity,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: (request) => toParticipantInfo(findParticipant(simulation, request)),
    }),
    RemoveParticipant: method({
      request: RoomParticipantIdentity,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: (request) => {
        rooms.remove(findParticipant(simulation, request), DisconnectReason.PARTICIPANT_REMOVED, 'api')
        return new RemoveParticipantResponse()
      },
    }),
    UpdateParticipant: method({
      request: UpdateParticipantRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: (request) => {
        const participant = findParticipant(simulation, request)
        participant.metadata = request.metadata || participant.metadata
        participant.name = request.name || participant.name
        rooms.setAttributes(participant, request.attributes)
        return toParticipantInfo(participant)
      },
    }),
  }
}

function createRoom(simulation: Simulation, request: CreateRoomRequest): RoomState {
  if (request.name.length > longestName) {
    const message = `room name length exceeds limits: max length ${longestName}`
    throw new TwirpError('invalid_argument', fromNode(message))
  }
  if (Buffer.byteLength(request.metadata) > longestMetadata) {
    const meta = { argument: 'metadata size exceeds limits' }
    throw new TwirpError('invalid_argument', `metadata size exceeds limits ${longestMetadata}`, meta)
  }
  const { room, isNew } = simulation.rooms.findOrCreate({
    name: request.name,
    metadata: request.metadata,
    emptyTimeoutS: request.emptyTimeout,
    departureTimeoutS: request.departureTimeout,
    maxParticipants: request.maxParticipants,
  })
  if (!isNew) return room
  const agents = request.agents.length > 0 ? request.agents : [{ agentName: '', metadata: '', attributes: {} }]
  for (const agent of agents) simulation.dispatches.create(room, agent)
  if (request.egress?.room) simulation.egresses.start(room, request.egress.room)
  return room
}

function selectRooms({ rooms }: Simulation, names: string[]): RoomState[] {
  if (names.length === 0) return rooms.all()
  return names.flatMap((name) => rooms.find(name) ?? [])
}

function findRoom({ rooms }: Simulation, name: string): RoomState {
  const room = rooms.find(name)
  if (!room) throw new TwirpError('not_found', fromNode('requested room does not exist'))
  return room
}

function findParticipant({ rooms }: Simulation, { room, identity }: { room: string; identity: string }): Participant {
  const participant = rooms.find(room)?.participants.get(identity)
  if (!participant) throw new TwirpError('not_found', fromNode('participant does not exist'))
  return participant
}
