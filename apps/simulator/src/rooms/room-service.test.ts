import { ParticipantInfo_Kind } from '@livekit/protocol'
import { AccessToken, RoomAgentDispatch, RoomServiceClient, TrackSource } from 'livekit-server-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiKey, apiSecret, type Project, startProject, trunkId, waitFor } from '../testing.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterAll(() => project.close())

describe('rooms', () => {
  test('creating a room twice hands it back unchanged, with one room_started', async () => {
    const first = await project.rooms.createRoom({
      name: 'twice',
      metadata: 'one',
      emptyTimeout: 100,
      maxParticipants: 3,
    })
    const second = await project.rooms.createRoom({
      name: 'twice',
      metadata: 'two',
      emptyTimeout: 5,
      maxParticipants: 9,
    })
    expect(second.toJson()).toEqual(first.toJson())
    expect(first).toMatchObject({ emptyTimeout: 100, departureTimeout: 20, maxParticipants: 3, metadata: 'one' })
    await project.rooms.deleteRoom('twice')
    await waitFor('room_finished', async () => (await eventsOf('twice')).includes('room_finished'))
    expect(await eventsOf('twice')).toEqual(['room_started', 'room_finished'])
  })

  test('lists all rooms or those asked for', async () => {
    await project.rooms.createRoom({ name: 'list-a' })
    await project.rooms.createRoom({ name: 'list-b' })
    const names = (await project.rooms.listRooms()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['list-a', 'list-b']))
    expect((await project.rooms.listRooms(['list-b', 'nowhere'])).map(({ name }) => name)).toEqual(['list-b'])
  })

  test('changes metadata', async () => {
    await project.rooms.createRoom({ name: 'meta', metadata: 'old' })
    expect((await project.rooms.updateRoomMetadata('meta', 'new')).metadata).toBe('new')
  })

  test('a missing room: not_found when deleted, nobody when listed', async () => {
    await expect(project.rooms.deleteRoom('nowhere')).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
      message: 'twirp error unknown: requested room does not exist',
    })
    expect(await project.rooms.listParticipants('nowhere')).toEqual([])
    await expect(project.rooms.getParticipant('nowhere', 'x')).rejects.toMatchObject({ code: 'not_found' })
    await expect(project.rooms.removeParticipant('nowhere', 'x')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('an empty room ends after its emptyTimeout', async () => {
    await project.rooms.createRoom({ name: 'empty', emptyTimeout: 5 })
    await waitFor('the end of the room', async () => (await project.rooms.listRooms(['empty'])).length === 0)
    expect(await eventsOf('empty')).toEqual(['room_started', 'room_finished'])
  })

  test('a room its callee has left ends after departureTimeout, though the agent stays', async () => {
    const agents = [new RoomAgentDispatch({ agentName: 'a' })]
    await project.rooms.createRoom({ name: 'departed', departureTimeout: 5, agents })
    await waitFor('the agent', async () => (await project.rooms.listParticipants('departed')).length === 1)
    await expect(
      project.sip.createSipParticipant(trunkId, '+15005550010', 'departed', { waitUntilAnswered: true }),
    ).rejects.toMatchObject({ sipStatusCode: 480 })
    await waitFor('room_finished', async () => (await eventsOf('departed')).includes('room_finished'))
    const left = (await project.inbox.events()).filter(
      ({ event, room }) => event === 'participant_left' && room?.name === 'departed',
    )
    // USER_UNAVAILABLE does not end an agent session; the closing room does
    expect(left.map(({ participant }) => participant?.kind)).toEqual([
      ParticipantInfo_Kind.SIP,
      ParticipantInfo_Kind.AGENT,
    ])
  })

  test('names and metadata have a limit; a name is not required', async () => {
    expect((await project.rooms.createRoom({ name: '' })).name).toBe('')
    const refused = { status: 400, code: 'invalid_argument' }
    await expect(project.rooms.createRoom({ name: 'x'.repeat(257) })).rejects.toMatchObject(refused)
    const metadata = 'x'.repeat(512 * 1024 + 1)
    await expect(project.rooms.createRoom({ name: 'long', metadata })).rejects.toMatchObject(refused)
  })
})

describe('participants', () => {
  test('removing a callee ends its leg, and its attributes can be changed before', async () => {
    await project.roomWithAgent('remove')
    await project.sip.createSipParticipant(trunkId, '+15005550018', 'remove', {
      participantIdentity: 'callee',
      waitUntilAnswered: true,
    })
    const changed = await project.rooms.updateParticipant('remove', 'callee', { attributes: { mood: 'good' } })
    expect(changed.attributes.mood).toBe('good')
    expect((await project.rooms.getParticipant('remove', 'callee')).attributes['sip.callStatus']).toBe('active')
    await project.rooms.removeParticipant('remove', 'callee')
    expect(await project.ended('remove')).toMatchObject({ ending: 'hung_up', hungUpBy: 'api' })
    await expect(project.rooms.getParticipant('remove', 'callee')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('grants', () => {
  const withToken = async (grant: object, options: { secret?: string; key?: string; ttl?: string | number } = {}) => {
    const { secret = apiSecret, key = apiKey, ttl } = options
    const token = new AccessToken(key, secret, { identity: 'test', ttl })
    token.addGrant(grant)
    return new RoomServiceClient(project.simulator.url, undefined, undefined, { token: await token.toJwt() })
  }

  test.each([
    ['createRoom', { roomList: true }, (client: RoomServiceClient) => client.createRoom({ name: 'no' })],
    ['listRooms', { roomCreate: true }, (client: RoomServiceClient) => client.listRooms()],
    ['deleteRoom', { roomAdmin: true, room: 'no' }, (client: RoomServiceClient) => client.deleteRoom('no')],
    [
      'listParticipants',
      { roomAdmin: true, room: 'other' },
      (client: RoomServiceClient) => client.listParticipants('no'),
    ],
    ['updateRoomMetadata', { roomCreate: true }, (client: RoomServiceClient) => client.updateRoomMetadata('no', 'x')],
  ])('%s without its grant is 401 unauthenticated', async (_name, grant, request) => {
    const client = await withToken(grant)
    await expect(request(client)).rejects.toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  test('a token of another secret, another key or the past is refused', async () => {
    const grant = { roomList: true, canPublishSources: [TrackSource.MICROPHONE] }
    await expect((await withToken(grant)).listRooms()).resolves.toBeInstanceOf(Array)
    for (const options of [{ secret: 'wrong' }, { key: 'other' }, { ttl: -3600 }]) {
      const client = await withToken(grant, options)
      await expect(client.listRooms()).rejects.toMatchObject({ status: 401 })
    }
  })

  test('no token, half a token and a token without a signature are refused', async () => {
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    const payload = Buffer.from(JSON.stringify({ iss: apiKey, exp: 4e9, video: { roomList: true } })).toString(
      'base64url',
    )
    for (const authorization of ['', 'Bearer', 'Bearer x', `Bearer ${header}.${payload}.`, 'Basic eDp5']) {
      const response = await fetch(`${project.simulator.url}/twirp/livekit.RoomService/ListRooms`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
        body: '{}',
      })
      expect(response.status).toBe(401)
    }
  })
})

async function eventsOf(room: string): Promise<string[]> {
  return (await project.inbox.events()).filter((event) => event.room?.name === room).map(({ event }) => event)
}
