import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LiveKit } from './livekit.ts'
import { startScriptedLiveKit, twirpError, unusedPort } from './testing/scripted-livekit.ts'

const apiKey = 'devkey'
const apiSecret = 'a-secret-of-at-least-32-characters!!'

let server: Awaited<ReturnType<typeof startScriptedLiveKit>>
let liveKit: LiveKit

beforeEach(async () => {
  server = await startScriptedLiveKit()
  liveKit = new LiveKit({ url: server.url, apiKey, apiSecret })
})
afterEach(() => server.close())

describe('rooms', () => {
  const room = {
    roomName: 'call-1',
    metadata: '{"callId":"1"}',
    agent: { name: 'seller', metadata: '{"prompt":"Hi"}' },
    emptyTimeoutMs: 60_000,
    departureTimeoutMs: 2_500,
    maxParticipants: 1,
  }

  test('are created with their agent', async () => {
    server.on('CreateRoom', { json: { sid: 'RM_1', name: 'call-1' } })
    await liveKit.createRoom(room)
    expect(server.bodiesOf('CreateRoom')).toEqual([
      {
        name: 'call-1',
        metadata: '{"callId":"1"}',
        emptyTimeout: 60,
        departureTimeout: 3,
        maxParticipants: 1,
        agents: [{ agentName: 'seller', metadata: '{"prompt":"Hi"}' }],
      },
    ])
    expect(server.heard[0]?.grants).toMatchObject({ video: { roomCreate: true } })
  })

  test('are asked for once more when the connection breaks, and then given up', async () => {
    server.on('CreateRoom', 'reset', { json: { sid: 'RM_1' } })
    await liveKit.createRoom({ ...room, agent: null })
    expect(server.bodiesOf('CreateRoom')).toHaveLength(2)

    server.on('CreateRoom', 'reset')
    await expect(liveKit.createRoom(room)).rejects.toMatchObject({
      trouble: 'no_answer',
      message: expect.stringMatching(/while creating the room\. Try again/),
    })
    expect(server.bodiesOf('CreateRoom')).toHaveLength(4)
  })

  test('are not asked for again after a refusal', async () => {
    server.on('CreateRoom', twirpError(400, 'invalid_argument', { msg: 'metadata size exceeds limits' }))
    await expect(liveKit.createRoom(room)).rejects.toMatchObject({
      trouble: 'refused',
      message: expect.stringContaining('metadata size exceeds limits'),
    })
    expect(server.bodiesOf('CreateRoom')).toHaveLength(1)
  })

  test('are hung up by deleting them, and a room that is gone is fine', async () => {
    server.on('DeleteRoom', { json: {} }, twirpError(404, 'not_found', { msg: 'requested room does not exist' }))
    await liveKit.hangUp('call-1')
    await liveKit.hangUp('call-1')
    expect(server.bodiesOf('DeleteRoom')).toEqual([{ room: 'call-1' }, { room: 'call-1' }])
  })

  test('a failure to hang up is told', async () => {
    server.on('DeleteRoom', twirpError(500, 'internal', { msg: 'could not lock room' }))
    await expect(liveKit.hangUp('call-1')).rejects.toMatchObject({
      trouble: 'broken',
      message: expect.stringMatching(/"could not lock room".*while hanging up/),
    })
  })

  test('an agent is sent for once, even if no answer comes', async () => {
    server.on('CreateDispatch', { json: { id: 'AD_1', agentName: 'seller', room: 'call-1' } }, 'reset')
    expect(await liveKit.dispatchAgent('call-1', 'seller', '{}')).toEqual({ dispatchId: 'AD_1' })
    expect(server.bodiesOf('CreateDispatch')).toEqual([{ agentName: 'seller', room: 'call-1', metadata: '{}' }])

    await expect(liveKit.dispatchAgent('call-1', 'seller', '{}')).rejects.toMatchObject({ trouble: 'no_answer' })
    expect(server.bodiesOf('CreateDispatch')).toHaveLength(2)
  })

  test('the agents that were sent for can be listed, also of a room that is gone', async () => {
    const gone = twirpError(404, 'not_found', { msg: 'requested room does not exist' })
    const agentDispatches = [{ id: 'AD_1', agentName: 'seller', room: 'call-1', metadata: '{}' }]
    server.on('ListDispatch', { json: { agentDispatches } }, gone)
    expect(await liveKit.listDispatches('call-1')).toEqual([
      { dispatchId: 'AD_1', agentName: 'seller', metadata: '{}' },
    ])
    expect(await liveKit.listDispatches('call-1')).toEqual([])
  })

  test('the open-source server does not know whether a room is gone: then the rooms are asked', async () => {
    const silence = twirpError(503, 'unavailable', { msg: 'twirp error unknown: no response from servers' })
    server.on('ListDispatch', silence)
    server.on('ListRooms', { json: { rooms: [] } }, { json: { rooms: [{ name: 'call-1' }] } })
    expect(await liveKit.listDispatches('call-1')).toEqual([])
    await expect(liveKit.listDispatches('call-1')).rejects.toMatchObject({ trouble: 'broken' })
    server.on('ListDispatch', twirpError(503, 'unavailable', { msg: 'something else' }))
    await expect(liveKit.listDispatches('call-1')).rejects.toMatchObject({ trouble: 'broken' })
  })

  test('what may have been carried out is not advised to be repeated', async () => {
    server.on('CreateDispatch', 'reset')
    await expect(liveKit.dispatchAgent('call-1', 'seller', '{}')).rejects.toThrow(/look whether it was before/)
    server.on('TransferSIPParticipant', twirpError(408, 'deadline_exceeded', { msg: 'request timed out' }))
    const transfer = { roomName: 'call-1', identity: 'callee-1', to: 'tel:+15551239999' }
    await expect(liveKit.transfer(transfer)).rejects.toMatchObject({
      trouble: 'no_answer',
      message: expect.stringMatching(/look whether it was before/),
    })
  })

  test('a transfer the carrier refuses is not blamed on the API key', async () => {
    const meta = { sip_status_code: '403', sip_status: 'Forbidden' }
    server.on('TransferSIPParticipant', twirpError(403, 'permission_denied', { msg: 'call transfer failed', meta }))
    const transfer = { roomName: 'call-1', identity: 'callee-1', to: 'tel:+15551239999' }
    await expect(liveKit.transfer(transfer)).rejects.toMatchObject({
      trouble: 'refused',
      sipStatusCode: 403,
      message: expect.stringMatching(/carrier refused with SIP status 403/),
    })
  })

  test('a transfer goes out once with its headers', async () => {
    server.on('TransferSIPParticipant', { json: {} })
    const to = 'tel:+15551239999'
    await liveKit.transfer({ roomName: 'call-1', identity: 'callee-1', to, headers: { 'X-Why': 'asked' } })
    expect(server.bodiesOf('TransferSIPParticipant')).toMatchObject([
      { roomName: 'call-1', participantIdentity: 'callee-1', transferTo: to, headers: { 'X-Why': 'asked' } },
    ])
  })
})

describe('looking up a room', () => {
  const telephone = {
    sid: 'PA_1',
    identity: 'callee-1',
    state: 'ACTIVE',
    kind: 'SIP',
    joined_at: '1786000000',
    joined_at_ms: '1786000000123',
    attributes: { 'sip.callID': 'SCL_1', 'sip.callStatus': 'active', 'sip.twilio.callSid': 'CA1' },
  }
  const agent = { sid: 'PA_2', identity: 'agent-AJ_1', state: 'ACTIVE', kind: 'AGENT', attributes: {} }
  const person = { sid: 'PA_3', identity: 'supervisor', state: 'ACTIVE', attributes: {} }

  function room(...participants: unknown[]) {
    server.on('ListRooms', { json: { rooms: [{ sid: 'RM_1', name: 'call-1' }] } })
    server.on('ListParticipants', { json: { participants } })
  }

  test('tells the leg, its answer and the agent', async () => {
    room(person, agent, telephone)
    expect(await liveKit.lookUp('call-1')).toEqual({
      roomExists: true,
      agentJoined: true,
      leg: {
        identity: 'callee-1',
        participantId: 'PA_1',
        sipCallId: 'SCL_1',
        callStatus: 'active',
        answered: true,
        providerCallId: 'CA1',
        joinedAt: new Date(1786000000123),
      },
    })
    expect(server.bodiesOf('ListRooms')).toEqual([{ names: ['call-1'] }])
  })

  test.each([
    ['dialing', false],
    ['ringing', false],
    ['automation', true],
    ['active', true],
    ['hangup', true],
    ['', false],
  ])('a leg that is "%s" has been answered: %s', async (callStatus, answered) => {
    room({ ...telephone, joined_at_ms: '0', attributes: { 'sip.callID': 'SCL_1', 'sip.callStatus': callStatus } })
    const { leg } = await liveKit.lookUp('call-1')
    expect(leg).toEqual({
      identity: 'callee-1',
      participantId: 'PA_1',
      sipCallId: 'SCL_1',
      callStatus,
      answered,
      joinedAt: new Date(1786000000000),
    })
  })

  test('of two legs the answered one is the call, and one that has left is none', async () => {
    const ringing = { ...telephone, identity: 'callee-0', attributes: { 'sip.callStatus': 'ringing' } }
    room(ringing, telephone)
    expect((await liveKit.lookUp('call-1')).leg?.identity).toBe('callee-1')
    room({ ...telephone, state: 'DISCONNECTED' }, { ...agent, state: 'DISCONNECTED' })
    expect(await liveKit.lookUp('call-1')).toEqual({ roomExists: true, agentJoined: false, leg: null })
  })

  test.each([
    ['an empty list', { json: { participants: [] } }],
    ['not found', twirpError(404, 'not_found', { msg: 'requested room does not exist' })],
  ])('a room that is gone is no error (%s)', async (_name, participants) => {
    server.on('ListRooms', { json: { rooms: [] } })
    server.on('ListParticipants', participants)
    expect(await liveKit.lookUp('call-1')).toEqual({ roomExists: false, agentJoined: false, leg: null })
  })

  test('a LiveKit that cannot say is an error, never an empty room', async () => {
    server.on('ListRooms', { json: { rooms: [] } })
    server.on('ListParticipants', twirpError(503, 'unavailable', { msg: 'no response from servers' }))
    await expect(liveKit.lookUp('call-1')).rejects.toMatchObject({ trouble: 'broken' })
  })
})

describe('the connection', () => {
  test('is fine when LiveKit answers', async () => {
    server.on('ListRooms', { json: { rooms: [] } })
    await expect(liveKit.ping()).resolves.toBeUndefined()
  })

  test.each([
    ['as the open-source server says it', { status: 401, text: 'invalid API key: devkey' }],
    ['as Twirp says it', twirpError(401, 'unauthenticated', { msg: 'permissions denied' })],
    ['as a gateway says it', twirpError(403, 'permission_denied', { msg: 'no' })],
  ])('tells a wrong key from an absent server (%s)', async (_name, reply) => {
    server.on('ListRooms', reply)
    await expect(liveKit.ping()).rejects.toMatchObject({
      trouble: 'wrong_credentials',
      message: expect.stringContaining('Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET'),
    })
    const nobody = new LiveKit({ url: `ws://127.0.0.1:${await unusedPort()}`, apiKey, apiSecret })
    await expect(nobody.ping()).rejects.toMatchObject({
      trouble: 'unreachable',
      message: expect.stringMatching(/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\).*Check LIVEKIT_URL/),
    })
  })

  test.each([
    ['a limit', twirpError(429, 'resource_exhausted', { msg: 'slow down' }), 'rate_limited'],
    ['another web server', { status: 404, text: '<html>' }, 'broken'],
    ['a route LiveKit has not', twirpError(404, 'bad_route', { msg: 'no handler' }), 'broken'],
    ['a web page', { text: '<html>' }, 'broken'],
    ['a gateway without LiveKit behind it', { status: 502, text: 'Bad Gateway' }, 'broken'],
  ])('tells %s', async (_name, reply, trouble) => {
    server.on('ListRooms', reply)
    await expect(liveKit.ping()).rejects.toMatchObject({ trouble, message: expect.stringMatching(/\. [A-Z].*\.$/) })
  })

  test.each(['', 'livekit.example.com', 'ftp://livekit.example.com', 'wss://'])('refuses "%s" as its URL', (url) => {
    expect(() => new LiveKit({ url, apiKey, apiSecret })).toThrow(/Set LIVEKIT_URL/)
  })

  test('refuses empty credentials instead of taking those of the environment', () => {
    expect(() => new LiveKit({ url: server.url, apiKey: '', apiSecret })).toThrow(/Set LIVEKIT_API_KEY/)
    expect(() => new LiveKit({ url: server.url, apiKey, apiSecret: '' })).toThrow(/Set LIVEKIT_API_SECRET/)
  })
})
