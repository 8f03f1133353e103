import { createHash, createHmac } from 'node:crypto'
import { recordings } from '@outdial/database/schema/recordings'
import { matchParked } from '@outdial/dialing/calls/hear-provider'
import { after, tell } from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  callOf,
  type DialedCall,
  dialedCall,
  openWebhooksWorld,
  publicUrl,
  traces,
  twilioAuthToken,
  twilioForm,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
})
afterAll(() => world.close())

const statusPath = '/api/v1/outbound-calls/status-callback'
let lastSid = 0
function newSid(): string {
  lastSid += 1
  return `CA${String(lastSid).padStart(32, '0')}`
}

/** A call of which LiveKit has told Twilio's id. */
async function knownCall(): Promise<DialedCall & { sid: string }> {
  const call = await dialedCall(world)
  const sid = newSid()
  await tell(world, call.callId, { kind: 'leg_joined', at: after(300), sipCallId: 'SCL_1', providerCallId: sid })
  return { ...call, sid }
}

const form = (sid: string, changes: Record<string, string> = {}) => ({
  ...{
    CallSid: sid,
    AccountSid: 'AC1',
    From: '+14155550100',
    To: '+15550000000',
    ToCity: '',
    Direction: 'outbound-api',
  },
  ...{ CallStatus: 'busy', CallbackSource: 'call-progress-events', SequenceNumber: '2', SipResponseCode: '486' },
  ...{ Timestamp: 'Mon, 02 Mar 2026 12:00:04 +0000', ...changes },
})

describe('POST /outbound-calls/status-callback', () => {
  it('is stored for the call that LiveKit knows by this id, and decides where LiveKit says nothing', async () => {
    const { callId, sid } = await knownCall()
    const answer = await world.post(statusPath, twilioForm(statusPath, form(sid)))
    expect(answer).toMatchObject({ status: 200, body: { status: 'recorded' } })
    await tell(world, callId, { kind: 'settle', at: after(40_000) })
    expect(await callOf(world, callId)).toMatchObject({
      ...{ status: 'failed', disposition: 'busy', sipStatusCode: 486, endedAt: after(4_000) },
      endReason: 'Twilio: The line was busy.',
    })
  })

  it('takes JSON whose digest is in the signed address', async () => {
    const { sid } = await knownCall()
    const body = JSON.stringify(form(sid))
    const path = `${statusPath}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const signature = createHmac('sha1', twilioAuthToken)
      .update(publicUrl + path)
      .digest('base64')
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': signature }
    const before = await traces(world)
    expect(await world.post(path, { headers, body: `${body} ` })).toMatchObject({ status: 401 })
    expect(await traces(world)).toEqual(before)
    expect(await world.post(path, { headers, body })).toMatchObject({ status: 200, body: { status: 'recorded' } })
  })

  it('absorbs what it has heard before', async () => {
    const { callId, sid } = await knownCall()
    const request = twilioForm(statusPath, form(sid))
    await world.post(statusPath, request)
    const before = { ...(await traces(world)), call: await callOf(world, callId) }
    for (const _ of [1, 2, 3]) {
      expect(await world.post(statusPath, request)).toMatchObject({ status: 200, body: { status: 'repeated' } })
    }
    expect({ ...(await traces(world)), call: await callOf(world, callId) }).toEqual(before)
  })

  it('parks what LiveKit has not told the id of, once', async () => {
    const request = twilioForm(statusPath, form(newSid()))
    const before = await traces(world)
    for (const _ of [1, 2]) {
      expect(await world.post(statusPath, request)).toMatchObject({ status: 200, body: { status: 'parked' } })
    }
    const { parked, ...rest } = await traces(world)
    expect(parked).toHaveLength(before.parked.length + 1)
    expect(rest).toEqual({ calls: before.calls, signals: before.signals, log: before.log })
  })

  it('ignores what says nothing of the call', async () => {
    const before = await traces(world)
    const request = twilioForm(statusPath, form(newSid(), { CallStatus: 'initiated' }))
    expect(await world.post(statusPath, request)).toMatchObject({ status: 200, body: { status: 'ignored' } })
    expect(await traces(world)).toEqual(before)
  })

  const wrong: [string, () => Parameters<WebhooksWorld['post']>[1], number][] = [
    [
      'a changed byte',
      () => twilioForm(statusPath, form(sidOfACall), { change: (b) => b.replace('busy', 'busz') }),
      401,
    ],
    [
      'a dropped empty value',
      () => twilioForm(statusPath, form(sidOfACall), { change: (b) => b.replace('&ToCity=', '') }),
      401,
    ],
    ['a parameter more', () => twilioForm(statusPath, form(sidOfACall), { change: (b) => `${b}&Digits=` }), 401],
    ['a wrong token', () => twilioForm(statusPath, form(sidOfACall), { authToken: '12346' }), 401],
    ['the signature of another address', () => twilioForm(`${statusPath}?x=1`, form(sidOfACall)), 401],
    ['no signature', () => ({ ...twilioForm(statusPath, form(sidOfACall)), headers: {} }), 401],
    ['no CallSid', () => twilioForm(statusPath, form('')), 400],
    ['a status that is none', () => twilioForm(statusPath, form(sidOfACall, { CallStatus: 'a\0b' })), 400],
    ['too much', () => twilioForm(statusPath, form(sidOfACall, { More: 'x'.repeat(70_000) })), 413],
  ]
  let sidOfACall = ''
  it.each(wrong)('refuses %s, and leaves no trace', async (_name, request, status) => {
    sidOfACall = (await knownCall()).sid
    const before = await traces(world)
    const answer = await world.post(statusPath, request())
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } })
    expect(answer.text).not.toContain(twilioAuthToken)
    expect(await traces(world)).toEqual(before)
  })

  it('is refused under any other host than the public one', async () => {
    const { sid } = await knownCall()
    const { headers, body } = twilioForm(statusPath, form(sid))
    const signature = createHmac('sha1', twilioAuthToken).update(`http://localhost${statusPath}`).digest('base64')
    expect(
      await world.post(statusPath, { headers: { ...headers, 'x-twilio-signature': signature }, body }),
    ).toMatchObject({ status: 401 })
  })

  it('says what to set where nobody set the token', async () => {
    const bare = await openWebhooksWorld({ providers: {} })
    const answer = await bare.post(statusPath, twilioForm(statusPath, form(newSid())))
    expect(answer).toMatchObject({ status: 503, body: { code: 'not_configured' } })
    expect(answer.text).toContain('TWILIO_AUTH_TOKEN')
    await bare.close()
  })
})

describe('POST /recording/status', () => {
  const path = '/api/v1/recording/status'
  const recordingOf = (sid: string, changes: Record<string, string> = {}) => ({
    ...{ AccountSid: 'AC1', CallSid: sid, RecordingSid: `RE${sid}`, RecordingStatus: 'completed' },
    ...{ RecordingUrl: `https://api.twilio.com/RE${sid}`, RecordingDuration: '30', RecordingChannels: '2' },
    ...{ RecordingStartTime: 'Mon, 02 Mar 2026 12:00:06 +0000', ...changes },
  })
  const recordingsOf = async (callId: string) => {
    const rows = await world.db.select().from(recordings)
    return rows.filter((recording) => recording.callId === callId)
  }

  it('is kept with its call, once, whichever of its callbacks comes first', async () => {
    for (const order of [
      ['in-progress', 'completed', 'completed'],
      ['completed', 'in-progress', 'in-progress'],
    ]) {
      const { callId, sid } = await knownCall()
      const answers = []
      for (const RecordingStatus of order) {
        const answer = await world.post(path, twilioForm(path, recordingOf(sid, { RecordingStatus })))
        answers.push([answer.status, answer.body.status])
      }
      expect(answers).toEqual([
        [200, 'recorded'],
        [200, 'recorded'],
        [200, 'repeated'],
      ])
      expect(await recordingsOf(callId)).toMatchObject([
        {
          ...{ source: 'twilio', externalId: `RE${sid}`, status: 'complete', durationMs: 30_000 },
          ...{ location: `https://api.twilio.com/RE${sid}`, startedAt: after(6_000), endedAt: after(36_000) },
        },
      ])
    }
  })

  it('waits for its call', async () => {
    const { callId } = await dialedCall(world)
    const sid = newSid()
    expect(await world.post(path, twilioForm(path, recordingOf(sid)))).toMatchObject({ body: { status: 'parked' } })
    await tell(world, callId, { kind: 'leg_joined', at: after(300), providerCallId: sid })
    await matchParked(world.deps, after(60_000))
    expect(await recordingsOf(callId)).toMatchObject([{ status: 'complete' }])
  })

  it('is refused when it is not signed, or names no recording, and leaves no trace', async () => {
    const { sid } = await knownCall()
    const before = await traces(world)
    const changed = twilioForm(path, recordingOf(sid), { change: (body) => body.replace('=30&', '=31&') })
    expect(await world.post(path, changed)).toMatchObject({ status: 401 })
    const nameless = twilioForm(path, recordingOf(sid, { RecordingSid: '' }))
    expect(await world.post(path, nameless)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'RecordingSid' }] },
    })
    expect(await traces(world)).toEqual(before)
  })
})

describe('POST /livekit/room/:roomName', () => {
  const path = '/api/v1/livekit/room/inbound-42'
  const call = { CallSid: 'CA1', From: '+14155550101', To: '+14155550100', CallStatus: 'ringing', Direction: 'inbound' }

  it('answers with TwiML that dials the room', async () => {
    const before = await traces(world)
    const answer = await world.post(path, twilioForm(path, call))
    expect(answer).toMatchObject({ status: 200, type: 'text/xml; charset=utf-8' })
    expect(answer.text).toContain(
      '>sip:inbound-42@abc123.sip.livekit.cloud;transport=tcp?X-Room-Name=inbound-42&#38;X-Call-Sid=CA1</Sip>',
    )
    expect(answer.text).toContain(`statusCallback="${publicUrl}${statusPath}"`)
    expect(await traces(world)).toEqual(before)
  })

  it.each([
    ['a wrong signature', path, twilioForm(path, call, { authToken: '12346' }), 401],
    ['the signature of another room', path, twilioForm('/api/v1/livekit/room/inbound-43', call), 401],
    ['no CallSid', path, twilioForm(path, { To: '+14155550100' }), 400],
    ['a name that no SIP address can hold', `${path}%40evil.example`, twilioForm(`${path}%40evil.example`, call), 400],
  ])('refuses %s', async (_name, address, request, status) => {
    expect(await world.post(address, request)).toMatchObject({ status, type: 'application/problem+json' })
  })

  it('says what to set where nobody said where LiveKit takes calls', async () => {
    const bare = await openWebhooksWorld({ providers: { twilioAuthToken } })
    const answer = await bare.post(path, twilioForm(path, call))
    expect(answer).toMatchObject({ status: 503, body: { code: 'not_configured' } })
    expect(answer.text).toContain('LIVEKIT_SIP_URI')
    await bare.close()
  })
})
