import dns from 'node:dns'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type DialRequest, LiveKit } from './livekit.ts'
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

const request: DialRequest = {
  roomName: 'call-1',
  livekitTrunkId: 'ST_1',
  to: '+15551230000',
  from: '+15550200000',
  identity: 'callee-1',
  attributes: { callId: '1' },
  headers: { 'X-Account-Code': '42' },
  displayName: 'Ann "the voice" \\o/',
  ringTimeoutMs: 29_500,
  maxCallMs: 600_000,
  waitUntilAnswered: true,
}
const leg = { participant_id: 'PA_1', participant_identity: 'callee-1', room_name: 'call-1', sip_call_id: 'SCL_1' }

test('hands LiveKit all it needs, in whole seconds, and returns its ids', async () => {
  server.on('CreateSIPParticipant', { json: leg })

  expect(await liveKit.dial(request)).toEqual({ kind: 'answered', sipCallId: 'SCL_1', participantId: 'PA_1' })

  expect(server.bodiesOf('CreateSIPParticipant')).toEqual([
    {
      sipTrunkId: 'ST_1',
      sipCallTo: '+15551230000',
      sipNumber: '+15550200000',
      roomName: 'call-1',
      participantIdentity: 'callee-1',
      participantAttributes: { callId: '1' },
      headers: { 'X-Account-Code': '42' },
      displayName: 'Ann \\"the voice\\" \\\\o/',
      ringingTimeout: '30s',
      maxCallDuration: '600s',
      waitUntilAnswered: true,
    },
  ])
  expect(server.heard[0]?.grants).toMatchObject({ iss: apiKey, sip: { call: true } })
})

test('without waiting it only rings', async () => {
  server.on('CreateSIPParticipant', { json: leg })
  const answer = await liveKit.dial({ ...request, waitUntilAnswered: false })
  expect(answer).toEqual({ kind: 'ringing', sipCallId: 'SCL_1', participantId: 'PA_1' })
})

test('a busy line is a verdict', async () => {
  const meta = { sip_status_code: '486', sip_status: 'Busy Here', error_details: 'CAESAA==' }
  server.on('CreateSIPParticipant', twirpError(429, 'resource_exhausted', { msg: 'sip status: 486', meta }))
  expect(await liveKit.dial(request)).toMatchObject({
    kind: 'failed',
    failure: { disposition: 'busy', reached: true, burnsAttempt: true, sipStatusCode: 486 },
  })
})

test('a proxy that adds a charset to the answer hides nothing', async () => {
  server.on('CreateSIPParticipant', {
    status: 429,
    contentType: 'application/json; charset=utf-8',
    json: { code: 'resource_exhausted', msg: '', meta: { sip_status_code: '603', sip_status: 'Decline' } },
  })
  expect(await liveKit.dial(request)).toMatchObject({ failure: { disposition: 'rejected', sipStatusCode: 603 } })
})

test('whether we hung up is asked only when the dial failed', async () => {
  const asked = vi.fn(async () => true)
  server.on('CreateSIPParticipant', { json: leg }, twirpError(408, 'canceled', { msg: 'sip request timed out' }))

  await liveKit.dial({ ...request, wasHangUpRequested: asked })
  expect(asked).not.toHaveBeenCalled()
  const answer = await liveKit.dial({ ...request, wasHangUpRequested: asked })
  expect(answer).toMatchObject({ failure: { disposition: 'canceled' } })
})

test('a question about hanging up that fails does not make dialing throw', async () => {
  server.on('CreateSIPParticipant', twirpError(408, 'canceled', { msg: 'sip request timed out' }))
  const wasHangUpRequested = () => Promise.reject(new Error('database away'))
  expect(await liveKit.dial({ ...request, wasHangUpRequested })).toMatchObject({
    failure: { disposition: 'no_answer' },
  })
})

test('a connection that breaks after the request is unclear, and the request is not repeated', async () => {
  server.on('CreateSIPParticipant', 'reset')
  expect(await liveKit.dial(request)).toMatchObject({ kind: 'unclear' })
  expect(server.bodiesOf('CreateSIPParticipant')).toHaveLength(1)
})

test('an answer that breaks off is unclear', async () => {
  server.on('CreateSIPParticipant', { text: '{"participant_id": "PA_1', contentType: 'application/json' })
  expect(await liveKit.dial(request)).toMatchObject({ kind: 'unclear' })
})

test('no answer within the ring timeout and the grace, in real time, is unclear', async () => {
  server.on('CreateSIPParticipant', 'silence')
  // Leaves 100 ms of the grace; the SDK alone would wait for the 30 s of ringing.
  const hurried = new LiveKit({ url: server.url, apiKey, apiSecret, toRealMs: () => -9_900 })
  expect(await hurried.dial(request)).toMatchObject({ kind: 'unclear', reason: expect.stringContaining('timeout') })
  expect(server.bodiesOf('CreateSIPParticipant')).toHaveLength(1)
})

test('a server that is not there was certainly not reached', async () => {
  const nobody = new LiveKit({ url: `http://127.0.0.1:${await unusedPort()}`, apiKey, apiSecret })
  expect(await nobody.dial(request)).toMatchObject({
    kind: 'failed',
    failure: { reached: false, burnsAttempt: false, effect: 'slow_lane' },
  })
})

test('a name that does not exist was certainly not reached', async () => {
  const nowhere = new LiveKit({ url: 'wss://livekit.invalid', apiKey, apiSecret })
  expect(await nowhere.dial(request)).toMatchObject({ failure: { reached: false, effect: 'slow_lane' } })
})

test('LiveKit Cloud is never asked to dial again in another region', async () => {
  const lookup = resolveCloudTo127()
  server.on('CreateSIPParticipant', { status: 500, json: { code: 'internal', msg: 'EOF' } })
  server.on('regions', { json: { regions: [{ region: 'b', url: `http://b.livekit.cloud:${server.port}` }] } })
  const cloud = new LiveKit({ url: `http://a.livekit.cloud:${server.port}`, apiKey, apiSecret })

  expect(await cloud.dial(request)).toMatchObject({ kind: 'unclear' })

  expect(lookup).toHaveBeenCalled()
  expect(server.heard.map(({ method }) => method)).toEqual(['CreateSIPParticipant'])
  lookup.mockRestore()
})

/** Names below livekit.cloud lead to this machine, so that the SDK believes it speaks to LiveKit Cloud. */
function resolveCloudTo127() {
  return vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, options: dns.LookupOptions, done: Done) => {
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
    else done(null, '127.0.0.1', 4)
  }) as typeof dns.lookup)
}
type Done = (error: null, address: string | dns.LookupAddress[], family?: number) => void
