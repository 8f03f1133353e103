import { askToDial, describeAnswer, finished, openLine, timeBetween } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { codeOf } from './refusals.ts'

const create = defineCase({
  name: 'room-create',
  title: 'Create a room: the answer, and what is told',
  async run(stage) {
    const name = stage.newRoom()
    const wish = { name, metadata: '{"callId":"1"}', emptyTimeout: 30, departureTimeout: 4, maxParticipants: 3 }
    const answer = await stage.target.api.ask('RoomService/CreateRoom', wish)
    const started = await stage.webhook(name, 'room_started')
    const listed = await stage.target.api.ask('RoomService/ListRooms', { names: [name, `${name}-not-there`] })
    await stage.target.livekit.hangUp(name)
    const ended = await stage.webhook(name, 'room_finished')
    return {
      answer: describeAnswer(stage, answer),
      started: stage.normal(started.body),
      listed: describeAnswer(stage, listed),
      ended: stage.normal(ended.body),
    }
  },
  tell: () => 'room_started at once, room_finished when it is deleted',
})

const createTwice = defineCase({
  name: 'room-create-twice',
  title: 'Create a room that is there, with other settings',
  async run(stage) {
    const name = stage.newRoom()
    const { api } = stage.target
    const first = await api.ask('RoomService/CreateRoom', { name, metadata: 'first', emptyTimeout: 30 })
    const other = { name, metadata: 'second', emptyTimeout: 60, agents: [{ agentName: 'missing-late' }] }
    const second = await api.ask('RoomService/CreateRoom', other)
    const dispatches = await api.ask('AgentDispatchService/ListDispatch', { room: name })
    await stage.target.livekit.hangUp(name)
    const { story } = await finished(stage, name)
    const sidOf = ({ body }: { body: unknown }) => (body as { sid?: string }).sid
    const isSame = sidOf(first) === sidOf(second)
    stage.rely('the room stays the same', isSame)
    stage.rely('no second room is told of', story.filter((line) => line === 'room_started').length === 1)
    return { isSame, second: describeAnswer(stage, second), dispatches: describeAnswer(stage, dispatches), story }
  },
  tell: ({ isSame }) => (isSame ? 'the same room, unchanged; no second agent' : 'another room'),
})

const deleteMissing = defineCase({
  name: 'room-delete-missing',
  title: 'Delete, list, change a room that is not there',
  async run(stage) {
    const room = stage.newRoom()
    const { api, livekit } = stage.target
    const ask = async (method: string, body: Record<string, unknown>) =>
      describeAnswer(stage, await api.ask(`RoomService/${method}`, { room, ...body }))
    const deleted = await ask('DeleteRoom', {})
    const seen = await livekit.lookUp(room)
    stage.rely('looking it up says that it is not there', !seen.roomExists && seen.leg === null)
    return {
      deleted,
      participants: await ask('ListParticipants', {}),
      participant: await ask('GetParticipant', { identity: 'nobody' }),
      removed: await ask('RemoveParticipant', { identity: 'nobody' }),
      metadata: await ask('UpdateRoomMetadata', { metadata: 'x' }),
      dispatches: describeAnswer(stage, await api.ask('AgentDispatchService/ListDispatch', { room })),
    }
  },
  tell: ({ deleted }) => `${codeOf(deleted)}; nobody is listed in it`,
})

const missingParticipant = defineCase({
  name: 'room-participant-missing',
  title: 'Read, remove, change a participant who is not in the room',
  async run(stage) {
    const room = stage.newRoom()
    const { api, livekit } = stage.target
    await api.ask('RoomService/CreateRoom', { name: room, emptyTimeout: 30 })
    const ask = async (method: string) =>
      describeAnswer(stage, await api.ask(`RoomService/${method}`, { room, identity: 'nobody', metadata: 'x' }))
    const seen = {
      read: await ask('GetParticipant'),
      removed: await ask('RemoveParticipant'),
      changed: await ask('UpdateParticipant'),
    }
    await livekit.hangUp(room)
    return seen
  },
  tell: ({ read, removed }) => `${codeOf(read)}; removing: ${codeOf(removed)}`,
})

const limits = defineCase({
  name: 'room-limits',
  title: 'A room without a name, with a name too long, with metadata too long',
  async run(stage) {
    const { api } = stage.target
    const ask = async (body: Record<string, unknown>) =>
      describeAnswer(stage, await api.ask('RoomService/CreateRoom', body))
    const room = stage.newRoom()
    return {
      noName: await ask({ name: '' }),
      longName: await ask({ name: 'x'.repeat(257) }),
      longMetadata: await ask({ name: room, metadata: 'x'.repeat(512 * 1024 + 1) }),
    }
  },
  tell: ({ noName, longName, longMetadata }) => [noName, longName, longMetadata].map(codeOf).join('; '),
})

const emptyTimeout = defineCase({
  name: 'room-empty-timeout',
  title: 'Nobody joins: the room ends after its empty timeout of 3 s',
  async run(stage) {
    const name = stage.newRoom()
    await stage.target.api.ask('RoomService/CreateRoom', { name, emptyTimeout: 3, departureTimeout: 20 })
    const lasted = await timeBetween(stage, {
      ...{ roomName: name, first: 'room_started', last: 'room_finished', expectedMs: 3_000 },
    })
    return { lasted }
  },
  tell: ({ lasted }) => `ends after ${lasted}`,
})

const departureTimeout = defineCase({
  name: 'room-departure-timeout',
  title: 'The call ends: the room ends after its departure timeout of 2 s',
  async run(stage) {
    const line = await openLine(stage)
    await askToDial(stage, line, { callee: 'busy' })
    const lasted = await timeBetween(stage, {
      ...{ roomName: line.roomName, first: 'participant_left', last: 'room_finished', expectedMs: 2_000 },
    })
    return { lasted }
  },
  tell: ({ lasted }) => `ends ${lasted} after the call`,
})

export const roomCases: Case[] = [
  ...[create, createTwice, deleteMissing, missingParticipant, limits, emptyTimeout, departureTimeout],
]
