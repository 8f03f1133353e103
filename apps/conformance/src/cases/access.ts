import type { AskOptions, Grants } from '../targets/twirp-api.ts'
import { describeAnswer, openLine } from './calling.ts'
import { type Case, defineCase, type Json } from './case.ts'
import { codeOf } from './refusals.ts'

const all: Grants = {
  video: { roomCreate: true, roomList: true, roomAdmin: true, room: 'x' },
  sip: { admin: true, call: true },
}

const badTokens = defineCase({
  name: 'access-bad-tokens',
  title: 'No token, no Bearer, nonsense, a wrong secret, an unknown key, an expired token',
  async run(stage) {
    const { api } = stage.target
    const ask = async (authorization: string | null) =>
      describeAnswer(stage, await api.ask('RoomService/ListRooms', {}, { authorization }))
    const bearer = async (other: Parameters<typeof api.token>[1]) => `Bearer ${await api.token(all, other)}`
    return {
      none: await ask(null),
      noBearer: await ask(await api.token(all)),
      nonsense: await ask('Bearer nonsense'),
      wrongSecret: await ask(await bearer({ secret: 'another-secret-of-32-characters-!!!!' })),
      unknownKey: await ask(await bearer({ apiKey: 'unknown-key' })),
      expired: await ask(await bearer({ expiresInS: -3600 })),
    }
  },
  tell: (seen) => summary(seen),
})

const missingGrants = defineCase({
  name: 'access-missing-grants',
  title: 'A good token that lacks the grant, for each kind of method',
  async run(stage) {
    const { api } = stage.target
    const room = stage.newRoom()
    const ask = async (method: string, body: Record<string, unknown>, grants: Grants) =>
      describeAnswer(stage, await api.ask(method, body, { grants }))
    const noVideo: Grants = { sip: { admin: true, call: true } }
    const admin: Grants = { video: { roomAdmin: true, room } }
    return {
      createRoom: await ask('RoomService/CreateRoom', { name: room }, admin),
      listRooms: await ask('RoomService/ListRooms', {}, noVideo),
      deleteRoom: await ask('RoomService/DeleteRoom', { room }, noVideo),
      otherRoom: await ask('RoomService/ListParticipants', { room: `${room}-other` }, admin),
      listTrunks: await ask('SIP/ListSIPOutboundTrunk', {}, { sip: { call: true } }),
      dial: await ask(
        'SIP/CreateSIPParticipant',
        { sipTrunkId: 'ST_x', sipCallTo: '1', roomName: room },
        { sip: { admin: true } },
      ),
      transfer: await ask('SIP/TransferSIPParticipant', transferOf(room), { sip: { call: true } }),
      dispatch: await ask('AgentDispatchService/CreateDispatch', { room, agentName: 'a' }, noVideo),
    }
  },
  tell: (seen) => summary(seen),
})

const transferOf = (roomName: string) => ({ roomName, participantIdentity: 'callee', transferTo: 'tel:+15005550001' })

const badRequests = defineCase({
  name: 'access-bad-requests',
  title: 'Unknown methods and services, GET, broken JSON, wrong types, another content type',
  async run(stage) {
    const { api } = stage.target
    const ask = async (method: string, options: AskOptions = {}) =>
      describeAnswer(stage, await api.ask(method, {}, { grants: all, ...options }))
    return {
      unknownMethod: await ask('RoomService/Nothing'),
      unknownService: await ask('Nothing/ListRooms'),
      get: await ask('RoomService/ListRooms', { httpMethod: 'GET' }),
      brokenJson: await ask('RoomService/ListRooms', { rawBody: '{"names":' }),
      wrongType: await ask('RoomService/CreateRoom', { rawBody: '{"name":7}' }),
      text: await ask('RoomService/ListRooms', { contentType: 'text/plain' }),
      charset: await ask('RoomService/ListRooms', {
        rawBody: '{"names":["nothing"]}',
        contentType: 'application/json;charset=UTF-8',
      }),
      unknownField: await ask('RoomService/ListRooms', { rawBody: '{"names":["nothing"],"newField":1}' }),
    }
  },
  tell: (seen) => summary(seen),
})

const badDials = defineCase({
  name: 'dial-bad-requests',
  title: 'Dialing without what is needed, over a trunk that is not there, with headers that are not allowed',
  async run(stage) {
    const line = await openLine(stage)
    const good = {
      sipTrunkId: line.trunkId,
      sipCallTo: '+15005550001',
      roomName: line.roomName,
      participantIdentity: 'callee',
    }
    const ask = async (change: Record<string, unknown>) =>
      describeAnswer(stage, await stage.target.api.ask('SIP/CreateSIPParticipant', { ...good, ...change }))
    const inline = { hostname: stage.target.phoneAddress }
    const seen = {
      noTrunk: await ask({ sipTrunkId: '' }),
      unknownTrunk: await ask({ sipTrunkId: 'ST_unknown' }),
      noNumber: await ask({ sipCallTo: '' }),
      uri: await ask({ sipCallTo: 'sip:ada@example.com' }),
      noRoom: await ask({ roomName: '' }),
      inlineWithoutNumber: await ask({ sipTrunkId: '', trunk: inline }),
      header: await ask({ headers: { From: 'x' } }),
      longName: await ask({ displayName: 'x'.repeat(129) }),
      nonsenseDuration: await ask({ ringingTimeout: 'soon' }),
    }
    stage.rely('nothing was dialed', (await stage.target.livekit.lookUp(line.roomName)).leg === null)
    await stage.target.livekit.hangUp(line.roomName)
    return seen
  },
  tell: (seen) => summary(seen),
})

/** The code of each answer, equal ones once. */
function summary(seen: Record<string, Json>): string {
  return [...new Set(Object.values(seen).map(codeOf))].join('; ')
}

export const accessCases: Case[] = [badTokens, missingGrants, badRequests, badDials]
