import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { receiveLiveKitWebhook, WebhookRefused } from './livekit-webhook.ts'

const apiKey = 'devkey'
const apiSecret = 'a-secret-of-at-least-32-characters!!'
const now = new Date('2026-08-06T10:00:00.500Z')
const createdAt = Math.floor(now.getTime() / 1000)

describe('a request that LiveKit did not send like this is refused', () => {
  const rawBody = JSON.stringify({ event: 'room_finished', id: 'EV_1', createdAt: String(createdAt) })

  test.each<[name: string, token: () => Promise<string | undefined>, reason: RegExp]>([
    ['no token', async () => undefined, /Authorization header/],
    ['an empty token', async () => '', /Authorization header/],
    ['no token at all', async () => 'nonsense', /not valid/],
    ['another secret', () => sign(rawBody, { secret: 'another-secret-of-at-least-32-chars!' }), /LIVEKIT_API_SECRET/],
    ['another key', () => sign(rawBody, { issuer: 'otherkey' }), /LIVEKIT_API_KEY/],
    ['expired', () => sign(rawBody, { expiresInSeconds: -11 }), /expired.*clocks/],
    ['no expiry', () => sign(rawBody, { expiresInSeconds: null }), /"exp"/],
    ['no digest', () => sign(rawBody, { digest: null }), /not the one LiveKit signed/],
    ['digest of another body', () => sign(`${rawBody} `), /not the one LiveKit signed/],
    ['unsigned', () => unsigned(rawBody), /not valid/],
    ['another algorithm', () => sign(rawBody, { algorithm: 'HS512' }), /not valid/],
  ])('%s', async (_name, token, reason) => {
    const refused = receive(rawBody, { authorization: await token() })
    await expect(refused).rejects.toBeInstanceOf(WebhookRefused)
    await expect(refused).rejects.toMatchObject({ status: 401, message: expect.stringMatching(reason) })
  })

  test('any other byte anywhere', async () => {
    const authorization = await sign(rawBody)
    const bytes = Buffer.from(rawBody)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (index, change) => {
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index] ?? 0) ^ change
        await expect(receive(changed, { authorization })).rejects.toMatchObject({ status: 401 })
      }),
    )
  })

  test.each([
    ['no JSON', '{"event":', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['null', 'null', /not a JSON object/],
    ['fields of the wrong type', '{"event":"room_finished","room":"call-1"}', /not a LiveKit event/],
    ['no name', `{"id":"EV_1","createdAt":"${createdAt}"}`, /no event/],
    ['no id', `{"event":"room_finished","createdAt":"${createdAt}"}`, /no id/],
    ['no time', '{"event":"room_finished","id":"EV_1"}', /no createdAt/],
  ])('signed, but %s', async (_name, body, reason) => {
    await expect(receive(body)).rejects.toMatchObject({ status: 400, message: expect.stringMatching(reason) })
  })

  test('empty credentials are ours to fix, not the sender’s', async () => {
    const request = { rawBody, authorization: await sign(rawBody), apiKey, apiSecret: '', now }
    await expect(receiveLiveKitWebhook(request)).rejects.toThrow(/Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET/)
  })
})

describe('a genuine request is taken', () => {
  const rawBody = JSON.stringify({
    event: 'room_started',
    id: 'EV_1',
    createdAt: String(createdAt),
    room: { name: 'r' },
  })

  test('as text or bytes, with or without Bearer, and a little late', async () => {
    const token = await sign(rawBody, { expiresInSeconds: -9 })
    const expected = {
      eventId: 'EV_1',
      event: 'room_started',
      roomName: 'r',
      at: new Date(createdAt * 1000),
      signals: [],
    }
    expect(await receive(rawBody, { authorization: token })).toMatchObject(expected)
    expect(await receive(Buffer.from(rawBody), { authorization: `Bearer ${token}` })).toMatchObject(expected)
  })

  test('with fields and names that LiveKit invents later', async () => {
    const heard = await hear('job_dreamt', { dream: { deep: true }, participant: { identity: 'x', kind: 'GHOST' } })
    expect(heard).toMatchObject({ event: 'job_dreamt', signals: [], body: { dream: { deep: true } } })
  })
})

const room = { sid: 'RM_1', name: 'call-1', creationTime: String(createdAt), metadata: '{"callId":"1"}' }
const agent = {
  sid: 'PA_2',
  identity: 'agent-AJ_1',
  kind: 'AGENT',
  joinedAt: '1786000000',
  joinedAtMs: '1786000000250',
}
const phone = {
  sid: 'PA_1',
  identity: 'callee-1',
  state: 'ACTIVE',
  kind: 'SIP',
  joinedAt: '1786000000',
  joinedAtMs: '1786000000123',
  attributes: { 'sip.callID': 'SCL_1', 'sip.callStatus': 'dialing', 'sip.phoneNumber': '+15551230000', other: 'x' },
}
const at = new Date(createdAt * 1000)

function phoneLeft(callStatus: string, disconnectReason?: string) {
  const attributes = { ...phone.attributes, 'sip.callStatus': callStatus, 'sip.twilio.callSid': 'CA1' }
  return { ...phone, state: 'DISCONNECTED', attributes, ...(disconnectReason && { disconnectReason }) }
}

describe('what an event means for the call', () => {
  test('the agent has joined, to the millisecond', async () => {
    const { signals } = await hear('participant_joined', { room, participant: agent })
    expect(signals).toEqual([{ kind: 'agent_joined', at: new Date(1786000000250) }])
  })

  test('a telephone leg that joins is being dialed, not answered', async () => {
    const { signals } = await hear('participant_joined', { room, participant: phone })
    expect(signals).toEqual([{ kind: 'leg_joined', at: new Date(1786000000123), sipCallId: 'SCL_1' }])
  })

  test('without milliseconds the event’s second has to do', async () => {
    const { signals } = await hear('participant_joined', { room, participant: { ...agent, joinedAtMs: '0' } })
    expect(signals).toEqual([{ kind: 'agent_joined', at }])
  })

  test('an inbound leg may be in conversation as it joins', async () => {
    const attributes = { ...phone.attributes, 'sip.callStatus': 'active' }
    const { signals } = await hear('participant_joined', { room, participant: { ...phone, attributes } })
    expect(signals).toEqual([
      { kind: 'leg_joined', at: new Date(1786000000123), sipCallId: 'SCL_1' },
      { kind: 'answered', at, sipCallId: 'SCL_1' },
    ])
  })

  test.each<[callStatus: string, disconnectReason: string | undefined, reason: string, wasAnswered: boolean]>([
    ['hangup', 'CLIENT_INITIATED', 'left', true],
    ['active', 'CLIENT_INITIATED', 'left', true],
    ['automation', undefined, 'left', true],
    ['ringing', 'USER_REJECTED', 'rejected', false],
    ['dialing', 'USER_UNAVAILABLE', 'unavailable', false],
    ['dialing', 'CLIENT_INITIATED', 'failed', false],
    ['ringing', undefined, 'failed', false],
    ['active', 'ROOM_DELETED', 'room_deleted', true],
    ['ringing', 'ROOM_DELETED', 'room_deleted', false],
    ['active', 'ROOM_CLOSED', 'room_deleted', true],
    ['ringing', 'PARTICIPANT_REMOVED', 'removed', false],
    ['ringing', 'DUPLICATE_IDENTITY', 'removed', false],
    ['dialing', 'SIP_TRUNK_FAILURE', 'failed', false],
    ['active', 'MEDIA_FAILURE', 'failed', true],
    ['dialing', 'CONNECTION_TIMEOUT', 'failed', false],
    ['dialing', 'JOIN_FAILURE', 'failed', false],
    ['active', 'SERVER_SHUTDOWN', 'left', true],
    ['ringing', 'SERVER_SHUTDOWN', 'failed', false],
    ['hangup', 'A_REASON_OF_NEXT_YEAR', 'left', true],
  ])('a leg that was %s and left with %s: %s', async (callStatus, disconnectReason, reason, wasAnswered) => {
    const participant = phoneLeft(callStatus, disconnectReason)
    const { signals } = await hear('participant_left', { room, participant })
    expect(signals).toEqual([{ kind: 'leg_left', at, reason, wasAnswered, sipCallId: 'SCL_1', providerCallId: 'CA1' }])
  })

  test('a leg whose connection was never made has failed', async () => {
    const participant = phoneLeft('dialing', 'CLIENT_INITIATED')
    const { signals } = await hear('participant_connection_aborted', { room, participant })
    expect(signals).toMatchObject([{ kind: 'leg_left', reason: 'failed', wasAnswered: false }])
  })

  test('the room is over', async () => {
    expect((await hear('room_finished', { room })).signals).toEqual([{ kind: 'room_finished', at }])
  })

  test.each<[event: string, fields: Record<string, unknown>]>([
    ['room_started', { room }],
    ['participant_joined', { room, participant: { sid: 'PA_3', identity: 'supervisor' } }],
    ['participant_left', { room, participant: agent }],
    ['participant_connection_aborted', { room, participant: agent }],
    ['track_published', { room, participant: { sid: 'PA_1', identity: 'callee-1' }, track: { sid: 'TR_1' } }],
  ])('%s means nothing for it', async (event, fields) => {
    const heard = await hear(event, fields)
    expect(heard).toMatchObject({ event, roomName: 'call-1', signals: [] })
  })
})

describe('a call that came in', () => {
  const inbound = { ...room, name: 'inbound-_+15551230000_x' }
  const attributes = { ...phone.attributes, 'sip.ruleID': 'SDR_1', 'sip.trunkID': 'ST_in', 'sip.callStatus': 'ringing' }
  const caller = { ...phone, identity: 'sip_+15551230000', attributes }
  const person = { sid: 'PA_9', identity: 'person-1', joinedAtMs: '1786000000500' }

  test('rings when the caller joins', async () => {
    const { signals } = await hear('participant_joined', { room: inbound, participant: caller })
    expect(signals).toEqual([{ kind: 'leg_joined', at: new Date(1786000000123), sipCallId: 'SCL_1' }])
  })

  test.each([
    ['an agent', agent],
    ['a person of ours', person],
  ])('is answered when %s joins', async (_, participant) => {
    const { signals } = await hear('participant_joined', { room: inbound, participant })
    expect(signals.map((signal) => signal.kind)).toEqual(['agent_joined', 'answered'])
  })

  test('is not answered by somebody else who listens', async () => {
    const participant = { ...person, identity: 'supervisor' }
    expect((await hear('participant_joined', { room: inbound, participant })).signals).toEqual([])
  })

  test('a person of ours in the room of a call we made is there to talk, and answers nothing', async () => {
    const { signals } = await hear('participant_joined', { room, participant: person })
    expect(signals).toEqual([{ kind: 'agent_joined', at: new Date(1786000000500) }])
  })

  test.each([
    ['ringing', 'CLIENT_INITIATED', 'unavailable', false],
    // livekit-sip says hangup as well when the caller gives up.
    ['hangup', 'CLIENT_INITIATED', 'unavailable', false],
    ['active', 'CLIENT_INITIATED', 'left', true],
    ['ringing', 'ROOM_DELETED', 'room_deleted', false],
  ])('ends %s with %s: %s', async (callStatus, disconnectReason, reason, wasAnswered) => {
    const left = {
      ...phoneLeft(callStatus, disconnectReason),
      attributes: { ...attributes, 'sip.callStatus': callStatus },
    }
    const { signals } = await hear('participant_left', { room: inbound, participant: left })
    expect(signals).toMatchObject([{ kind: 'leg_left', reason, wasAnswered }])
  })
})

describe('what is kept of an event', () => {
  test('room and participant, with the attributes of the call only', async () => {
    const { summary } = await hear('participant_left', { room, participant: phoneLeft('hangup', 'CLIENT_INITIATED') })
    expect(summary).toEqual({
      room: { name: 'call-1', sid: 'RM_1', metadata: '{"callId":"1"}' },
      participant: {
        identity: 'callee-1',
        sid: 'PA_1',
        kind: 'SIP',
        disconnectReason: 'CLIENT_INITIATED',
        joinedAtMs: 1786000000123,
        sip: {
          'sip.callID': 'SCL_1',
          'sip.callStatus': 'hangup',
          'sip.phoneNumber': '+15551230000',
          'sip.twilio.callSid': 'CA1',
        },
      },
    })
  })

  test.each(['fileResults', 'file'])('the recording, told in %s', async (field) => {
    const result = { filename: 'a.ogg', location: 's3://b/a.ogg', duration: '61500000000', size: '1234' }
    const told = field === 'file' ? { file: result } : { fileResults: [result] }
    const egressInfo = { egressId: 'EG_1', roomName: 'call-1', status: 'EGRESS_COMPLETE', ...told }
    const { summary, roomName, signals } = await hear('egress_ended', { egressInfo })
    expect(roomName).toBe('call-1')
    expect(summary.egress).toMatchObject({
      egressId: 'EG_1',
      roomName: 'call-1',
      status: 'EGRESS_COMPLETE',
      error: '',
      files: [{ filename: 'a.ogg', location: 's3://b/a.ogg', sizeBytes: 1234, durationMs: 61_500 }],
    })
    const file = { fileKey: 'a.ogg', location: 's3://b/a.ogg', sizeBytes: 1234, durationMs: 61_500 }
    const recording = { source: 'livekit', externalId: 'EG_1', status: 'complete', ...file }
    expect(signals).toEqual([{ kind: 'recording', at, ...recording }])
  })
})

async function hear(event: string, fields: Record<string, unknown>) {
  return receive(JSON.stringify({ event, id: 'EV_1', createdAt: String(createdAt), ...fields }))
}

async function receive(rawBody: string | Buffer, given?: { authorization: string | undefined }) {
  const { authorization } = given ?? { authorization: await sign(rawBody.toString()) }
  return receiveLiveKitWebhook({ rawBody, authorization, apiKey, apiSecret, now })
}

type Signing = {
  secret?: string
  issuer?: string
  expiresInSeconds?: number | null
  digest?: string | null
  algorithm?: string
}

async function sign(body: string, options: Signing = {}): Promise<string> {
  const { secret = apiSecret, issuer = apiKey, expiresInSeconds = 300, algorithm = 'HS256' } = options
  const sha256 = createHash('sha256').update(body).digest('base64')
  const jwt = new SignJWT(options.digest === null ? {} : { sha256 })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
  if (expiresInSeconds !== null) jwt.setExpirationTime(Math.floor(now.getTime() / 1000) + expiresInSeconds)
  return jwt.sign(new TextEncoder().encode(secret.padEnd(64, '!').slice(0, algorithm === 'HS512' ? 64 : secret.length)))
}

async function unsigned(body: string): Promise<string> {
  const [, payload] = (await sign(body)).split('.')
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
}
