import { DisconnectReason } from '@livekit/protocol'
import { AccessToken, SipCallError, SipClient } from 'livekit-server-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiKey, apiSecret, type Project, startProject, trunkId, twilioTrunkId, waitFor } from '../testing.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterAll(() => project.close())

const waiting = { waitUntilAnswered: true, participantIdentity: 'callee', timeout: 20 }

describe('a refused call', () => {
  test.each([
    ['busy', '+15005550007', 486, 'Busy Here', 429, 'resource_exhausted', DisconnectReason.USER_REJECTED],
    ['rejects', '+15005550009', 603, 'Decline', 403, 'permission_denied', DisconnectReason.USER_REJECTED],
    [
      'declined',
      '+15005550010',
      480,
      'Temporarily Unavailable',
      429,
      'resource_exhausted',
      DisconnectReason.USER_UNAVAILABLE,
    ],
    ['invalid', '+15005550011', 404, 'Not Found', 404, 'not_found', DisconnectReason.USER_UNAVAILABLE],
    [
      'carrier error',
      '+15005550012',
      503,
      'Service Unavailable',
      412,
      'failed_precondition',
      DisconnectReason.CLIENT_INITIATED,
    ],
    [
      'CPS limit',
      '+15005550013',
      503,
      'Trunk CPS limit exceeded',
      412,
      'failed_precondition',
      DisconnectReason.USER_REJECTED,
    ],
    ['forbidden', '+15005550022', 403, 'Forbidden', 403, 'permission_denied', DisconnectReason.USER_REJECTED],
    [
      'busy everywhere',
      '+15005550023',
      600,
      'Busy Everywhere',
      429,
      'resource_exhausted',
      DisconnectReason.USER_REJECTED,
    ],
    ['gone', '+15005550024', 410, 'Gone', 404, 'not_found', DisconnectReason.USER_REJECTED],
    ['incomplete', '+15005550025', 484, 'Address Incomplete', 400, 'invalid_argument', DisconnectReason.USER_REJECTED],
    [
      'carrier timeout',
      '+15005550026',
      504,
      'Server Time-out',
      408,
      'deadline_exceeded',
      DisconnectReason.CLIENT_INITIATED,
    ],
    [
      'carrier fault',
      '+15005550027',
      500,
      'Server Internal Error',
      412,
      'failed_precondition',
      DisconnectReason.CLIENT_INITIATED,
    ],
    [
      'request timeout',
      '+15005550028',
      408,
      'Request Timeout',
      408,
      'deadline_exceeded',
      DisconnectReason.USER_UNAVAILABLE,
    ],
  ])('%s: %s is SIP %i %s', async (_name, number, sipStatusCode, sipStatus, status, code, disconnectReason) => {
    const room = `refused-${number}`
    const error: unknown = await project.sip
      .createSipParticipant(trunkId, number, room, waiting)
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(SipCallError)
    expect(error).toMatchObject({ sipStatusCode, sipStatus, status, code })
    const left = await leaving(room)
    expect(left.participant?.disconnectReason).toBe(disconnectReason)
    expect(left.participant?.attributes['sip.callStatus']).toMatch(/dialing|ringing/)
    expect(project.call(room)).toMatchObject({ ending: 'refused', hungUpBy: 'carrier', sipStatus: sipStatusCode })
  })

  test.each([
    ['+15005550020', 407],
    ['+15005550021', 401],
  ])('%s: wrong credentials (%i) carry no SIP status', async (number, sipStatus) => {
    const error: unknown = await project.sip
      .createSipParticipant(trunkId, number, `auth${sipStatus}`, waiting)
      .catch((e: unknown) => e)
    expect(error).not.toBeInstanceOf(SipCallError)
    expect(error).toMatchObject({ status: 412, code: 'failed_precondition' })
    expect(project.call(`auth${sipStatus}`)).toMatchObject({ ending: 'refused', sipStatus })
  })

  test('no answer is canceled at the ringing timeout', async () => {
    const dialing = project.sip.createSipParticipant(trunkId, '+15005550008', 'no-answer', {
      ...waiting,
      ringingTimeout: 15,
    })
    await expect(dialing).rejects.toMatchObject({ status: 408, code: 'canceled', metadata: undefined })
    expect((await leaving('no-answer')).participant?.disconnectReason).toBe(DisconnectReason.USER_UNAVAILABLE)
    const call = await project.ended('no-answer')
    expect(call).toMatchObject({ ending: 'canceled', hungUpBy: 'ringing_timeout', sipStatus: 487 })
    expect(duration(call.invited.at, call.ended?.at)).toBeGreaterThanOrEqual(14_500)
    expect(call.ringing).toBeDefined()
  })

  test('a silent carrier ends with the transaction timeout', async () => {
    const dialing = project.sip.createSipParticipant(trunkId, '+15005550019', 'silent', {
      ...waiting,
      ringingTimeout: 60,
    })
    await expect(dialing).rejects.toMatchObject({ status: 408, code: 'canceled' })
    const call = await project.ended('silent')
    expect(call).toMatchObject({ ending: 'canceled', hungUpBy: 'carrier' })
    expect(call.ringing).toBeUndefined()
    expect(duration(call.invited.at, call.ended?.at)).toBeGreaterThanOrEqual(31_000)
  })
})

describe('an answered call', () => {
  test('answers with the ids of the leg, which is then active', async () => {
    await project.roomWithAgent('answered')
    const info = await project.sip.createSipParticipant(twilioTrunkId, '+15005550018', 'answered', {
      ...waiting,
      headers: { 'X-Account-Code': 'a1' },
      displayName: 'Acme',
      participantMetadata: 'm',
    })
    expect(info).toMatchObject({ participantIdentity: 'callee', roomName: 'answered' })
    const callee = await project.rooms.getParticipant('answered', 'callee')
    expect(callee).toMatchObject({ sid: info.participantId, metadata: 'm' })
    expect(callee?.attributes).toMatchObject({
      'sip.callID': info.sipCallId,
      'sip.trunkID': twilioTrunkId,
      'sip.callStatus': 'active',
      'sip.phoneNumber': '+15005550018',
      'sip.trunkPhoneNumber': '+12125550101',
      'sip.twilio.callSid': expect.stringMatching(/^CA[0-9a-f]{32}$/) as unknown,
    })
    expect(project.call('answered')).toMatchObject({
      sipCallId: info.sipCallId,
      to: '+15005550018',
      from: '+12125550101',
      headers: { 'X-Account-Code': 'a1' },
      displayName: 'Acme',
      attempt: 1,
    })
  })

  test('slow_answer rings for 25 seconds', async () => {
    await project.sip.createSipParticipant(trunkId, '+15005550014', 'slow', { ...waiting, ringingTimeout: 60 })
    const call = project.call('slow')
    expect(call?.ringing).toBeDefined()
    expect(duration(call?.invited.at, call?.answered?.at)).toBeGreaterThanOrEqual(26_000)
  })

  test.each([
    ['mid-call', '+15005550015'],
    ['at once', '+15005550016'],
  ])('a callee may hang up %s', async (_name, number) => {
    const room = `hangs-up-${number}`
    await project.sip.createSipParticipant(trunkId, number, room, waiting)
    const call = await project.ended(room)
    expect(call).toMatchObject({ ending: 'hung_up', hungUpBy: 'callee' })
    expect(call.outcome).toBeUndefined()
    const left = await leaving(room)
    expect(left.participant?.disconnectReason).toBe(DisconnectReason.CLIENT_INITIATED)
    expect(left.participant?.attributes['sip.callStatus']).toBe('hangup')
  })

  test('without an agent the callee gives up', async () => {
    await project.sip.createSipParticipant(trunkId, '+15005550001', 'alone', waiting)
    const call = await project.ended('alone')
    expect(call.hungUpBy).toBe('callee')
    expect(call.agentJoined).toBeUndefined()
    expect(call.outcome).toBeUndefined()
  })

  test('ends after its longest duration', async () => {
    await project.roomWithAgent('long')
    await project.sip.createSipParticipant(trunkId, '+15005550018', 'long', { ...waiting, maxCallDuration: 60 })
    expect(await project.ended('long')).toMatchObject({ ending: 'hung_up', hungUpBy: 'max_duration' })
  })

  test('dials tones after the answer before it is active', async () => {
    await project.roomWithAgent('tones')
    const dialing = project.sip
      .createSipParticipant(trunkId, '+15005550018', 'tones', { ...waiting, dtmf: 'w'.repeat(400) })
      .then(() => status())
    const status = async () => {
      const all = await project.rooms.listParticipants('tones')
      return all.find(({ identity }) => identity === 'callee')?.attributes['sip.callStatus']
    }
    await waitFor('the tones', async () => (await status()) === 'automation')
    expect(await dialing).toBe('active')
  })
})

describe('who is where', () => {
  const ringing = { participantIdentity: 'callee', ringingTimeout: 7200 }

  test('without waiting the answer comes at once and the leg goes on', async () => {
    const info = await project.sip.createSipParticipant(trunkId, '+15005550008', 'no-wait', ringing)
    expect(info.sipCallId).toMatch(/^SCL_/)
    await waitFor('ringing', async () => {
      const [callee] = await project.rooms.listParticipants('no-wait')
      return callee?.attributes['sip.callStatus'] === 'ringing'
    })
    await project.rooms.deleteRoom('no-wait')
    expect(await project.ended('no-wait')).toMatchObject({ ending: 'canceled', hungUpBy: 'api', sipStatus: 487 })
  })

  test('a client that goes away does not stop the ringing', async () => {
    const token = new AccessToken(apiKey, apiSecret)
    token.addSIPGrant({ call: true })
    const body = JSON.stringify({
      sip_trunk_id: trunkId,
      sip_call_to: '+15005550008',
      room_name: 'left-ringing',
      wait_until_answered: true,
    })
    const abort = new AbortController()
    const request = fetch(`${project.simulator.url}/twirp/livekit.SIP/CreateSIPParticipant`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token.toJwt()}` },
      body,
      signal: abort.signal,
    }).catch(() => 'aborted')
    await waitFor('ringing', () => project.call('left-ringing')?.ringing)
    abort.abort()
    expect(await request).toBe('aborted')
    expect(await project.ended('left-ringing')).toMatchObject({ hungUpBy: 'ringing_timeout' })
  })

  test('deleting the room while it rings cancels the leg and the request', async () => {
    const dialing = project.sip
      .createSipParticipant(trunkId, '+15005550008', 'deleted', { ...waiting, ringingTimeout: 80, timeout: 20 })
      .catch((error: unknown) => error)
    await waitFor('ringing', () => project.call('deleted')?.ringing)
    await project.rooms.deleteRoom('deleted')
    expect(await dialing).toMatchObject({ status: 408, code: 'canceled' })
    expect((await leaving('deleted')).participant?.disconnectReason).toBe(DisconnectReason.ROOM_DELETED)
  })

  test('a full room refuses another identity before any INVITE; the same identity replaces', async () => {
    await project.rooms.createRoom({ name: 'full', maxParticipants: 1 })
    await project.sip.createSipParticipant(trunkId, '+15005550008', 'full', ringing)
    const other = { ...ringing, participantIdentity: 'other' }
    await expect(project.sip.createSipParticipant(trunkId, '+15005550008', 'full', other)).rejects.toMatchObject({
      status: 500,
      code: 'internal',
    })
    const callsOfRoom = () => project.simulator.ledger().calls.filter(({ roomName }) => roomName === 'full')
    expect(callsOfRoom()).toHaveLength(1)
    await project.sip.createSipParticipant(trunkId, '+15005550008', 'full', ringing)
    expect(callsOfRoom().map(({ hungUpBy }) => hungUpBy)).toEqual(['duplicate_identity', undefined])
    expect((await leaving('full')).participant?.disconnectReason).toBe(DisconnectReason.DUPLICATE_IDENTITY)
    await project.rooms.deleteRoom('full')
  })
})

describe('bad requests', () => {
  test.each([
    ['an unknown trunk', 'ST_nowhere', '+15005550001', {}, 404, 'not_found'],
    ['a SIP address instead of a number', trunkId, 'a@b', {}, 400, 'invalid_argument'],
    ['no number', trunkId, '', {}, 400, 'invalid_argument'],
    [
      'a header livekit-sip writes itself',
      trunkId,
      '+15005550001',
      { headers: { 'Call-ID': 'x' } },
      400,
      'invalid_argument',
    ],
    ['a display name too long', trunkId, '+15005550001', { displayName: 'x'.repeat(129) }, 400, 'invalid_argument'],
  ])('%s is refused and not dialed', async (_name, trunk, number, options, status, code) => {
    const before = project.simulator.ledger().calls.length
    const error: unknown = await project.sip
      .createSipParticipant(trunk, number, 'bad', options)
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ status, code })
    expect(error).not.toBeInstanceOf(SipCallError)
    expect(project.simulator.ledger().calls).toHaveLength(before)
  })

  test('an inline trunk needs a number to call from', async () => {
    const inline = { hostname: 'sip.inline.example' }
    const { SIPOutboundConfig } = await import('@livekit/protocol')
    const config = new SIPOutboundConfig(inline)
    await expect(project.sip.createSipParticipant('', '+15005550018', 'inline', {}, config)).rejects.toMatchObject({
      code: 'failed_precondition',
    })
    await project.sip.createSipParticipant('', '+15005550018', 'inline', { fromNumber: '+12125550177' }, config)
    expect(project.call('inline')).toMatchObject({ from: '+12125550177', trunkAddress: 'sip.inline.example' })
  })

  test('needs the grant to call', async () => {
    const token = new AccessToken(apiKey, apiSecret)
    token.addSIPGrant({ admin: true })
    const client = new SipClient(project.simulator.url, undefined, undefined, { token: await token.toJwt() })
    await expect(client.createSipParticipant(trunkId, '+15005550001', 'grant')).rejects.toMatchObject({
      status: 401,
      code: 'unauthenticated',
    })
  })
})

function leaving(room: string) {
  return waitFor('participant_left', async () =>
    (await project.inbox.events()).find((event) => event.event === 'participant_left' && event.room?.name === room),
  )
}

function duration(from: string | undefined, to: string | undefined): number {
  return Date.parse(to ?? '') - Date.parse(from ?? '')
}
