/** The addresses of other dialers on a running installation: real HTTP, all roles, and the simulator's telephones. */
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { createAssistant } from '@outdial/dialing/assistants/assistants'
import { createTrunk } from '@outdial/dialing/trunks/trunks'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { createWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createLogger } from '@outdial/service/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AllInOne, startAll } from './all-in-one.ts'

const patienceMs = 60_000
const numbers = {
  interested: '+15005550001',
  busy: '+15005550007',
  declines: '+15005550009',
  slow: '+15005550014',
  long: '+15005550018',
}

let database: TestDatabase
let all: AllInOne
let apiKey: string
let assistantId: string

beforeAll(async () => {
  database = await createTestDatabase()
  all = await startAll({
    database: { url: database.url, directory: '', isFresh: false },
    livekit: {
      ...{
        port: { port: 0, isFixed: true },
        seed: 1,
        apiKey: 'devkey',
        apiSecret: 'a-secret-of-at-least-32-characters',
      },
      trunks: [{ sipTrunkId: 'ST_main', address: 'main.pstn.twilio.com', numbers: ['+12125550100'] }],
    },
    http: { host: '127.0.0.1', port: { port: 0, isFixed: true } },
    auth: {},
    providers: {},
    clock: { speed: 20, originMs: Date.now() },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  const { deps } = all
  const now = new Date()
  const { id: workspaceId } = await createWorkspace(deps, { name: 'Test' }, { actor: 'test', now })
  const who = { workspaceId, actor: 'test', now }
  apiKey = (await createApiKey(deps, who, { name: 'Test' })).secret
  const trunk = { name: 'Main', provider: 'twilio' as const, livekitTrunkId: 'ST_main', numbers: ['+12125550100'] }
  await createTrunk(deps, who, { ...trunk, callsPerSecond: 50, maxConcurrency: 50, rampUpSeconds: 0, isDefault: true })
  const words = { prompt: '', greeting: 'Hello', aiDisclosure: '', questions: ['Own?'], stt: {}, llm: {}, tts: {} }
  const nothing = { assistantEndCallUrl: null, trunkId: null }
  assistantId = (await createAssistant(deps, who, { name: 'Ann', agentName: 'ann', ...words, ...nothing })).id
}, patienceMs)

afterAll(async () => {
  await all.stop()
  await database.drop()
}, patienceMs)

async function send(method: string, path: string, json?: unknown) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' }
  const answer = await fetch(`${all.url}${path}`, { method, headers, ...(json ? { body: JSON.stringify(json) } : {}) })
  return { status: answer.status, body: z.record(z.string(), z.unknown()).parse(await answer.json()) }
}

const legOf = (roomName: unknown) => all.simulator?.ledger().calls.find((leg) => leg.roomName === roomName)
const readCall = async (callId: unknown) => (await send('GET', `/api/v1/outbound-calls/${String(callId)}`)).body

/** What the agent of a room was sent with. */
async function dispatchOf(roomName: unknown) {
  const [dispatch] = await all.deps.livekit.listDispatches(String(roomName))
  return {
    agentName: dispatch?.agentName,
    ...z.record(z.string(), z.unknown()).parse(JSON.parse(dispatch?.metadata || '{}')),
  }
}

describe('POST /api/calls/outbound', { timeout: patienceMs }, () => {
  const post = (json: object) => send('POST', '/api/calls/outbound', json)
  const callIdOf = (body: Record<string, unknown>) => z.object({ call_id: z.string() }).parse(body.metadata).call_id

  it('waits until somebody answers, with the agent that was named and what it was to be told', async () => {
    const questions = ['How was your stay?', 'Come again?']
    const answer = await post({ to: numbers.long, agentName: 'ann', questions, recipientName: 'Jo', rowIndex: 3 })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        roomName: expect.stringMatching(/^call-/),
        participant: {
          participantId: expect.stringMatching(/^PA_/),
          sipCallId: expect.stringMatching(/^SCL_/),
          status: 'answered',
        },
        metadata: { questions, question: questions[0], recipient_name: 'Jo', row_index: 3 },
      },
    })
    const { roomName } = answer.body
    expect(legOf(roomName)).toMatchObject({ to: numbers.long, from: '+12125550100', answered: expect.anything() })
    const told = { questions, question: questions[0], phone_number: numbers.long, recipient_name: 'Jo', row_index: 3 }
    expect(await dispatchOf(roomName)).toMatchObject({ agentName: 'ann', ...told })
    await send('POST', `/api/v1/outbound-calls/${callIdOf(answer.body)}/hangup`)
    await expect
      .poll(() => readCall(callIdOf(answer.body)), { timeout: patienceMs })
      .toMatchObject({ status: 'completed' })
  })

  it('answers at once when asked to, and the call goes its way', async () => {
    const { status, body } = await post({ to: numbers.interested, agentName: 'ann', waitUntilAnswered: false })
    expect(status).toBe(200)
    const done = { status: 'completed', outcome: 'interested' }
    await expect.poll(() => readCall(callIdOf(body)), { timeout: patienceMs }).toMatchObject(done)
  })

  it.each([
    [numbers.busy, { disposition: 'busy', sipStatusCode: 486 }],
    [numbers.declines, { disposition: 'rejected', sipStatusCode: 603 }],
  ])('says how %s ended', async (to, ending) => {
    expect(await post({ to, agentName: 'ann' })).toMatchObject({
      status: 409,
      body: { code: 'call_not_answered', callStatus: 'failed', detail: expect.any(String), ...ending },
    })
  })

  it('without an agent leaves the callee alone in a room that others can join', async () => {
    const roomName = `own-${crypto.randomUUID()}`
    const { status, body } = await post({ to: numbers.long, roomName, fromNumber: '+12125550188' })
    expect(status).toBe(200)
    expect(legOf(roomName)).toMatchObject({ from: '+12125550188' })
    expect(await dispatchOf(roomName)).toEqual({ agentName: '' })
    await send('POST', `/api/v1/outbound-calls/${callIdOf(body)}/hangup`)
    await expect.poll(() => legOf(roomName)?.ended).toBeDefined()
  })
})

describe('POST /api/v1/outbound-calls/:id/transfer', { timeout: patienceMs }, () => {
  const transfer = (callId: string, json: object) => send('POST', `/api/v1/outbound-calls/${callId}/transfer`, json)
  const initiate = async (json: object) => {
    const { body } = await send('POST', '/api/v1/outbound-calls/initiate', { assistantId, ...json })
    return z.object({ id: z.string() }).parse(body).id
  }
  const becomes = (callId: string, state: object) =>
    expect.poll(() => readCall(callId), { timeout: patienceMs }).toMatchObject(state)

  it('hands the callee over once the carrier agrees, to the target that came with the call, and says so', async () => {
    const callId = await initiate({ phoneNumber: numbers.long, metadata: { transfer_target: '(212) 555-0199' } })
    expect(await transfer(callId, {})).toMatchObject({ status: 409, body: { code: 'not_answered' } })
    await becomes(callId, { status: 'answered' })
    const refused = await transfer(callId, { transferTarget: numbers.busy })
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'transfer_refused', sipStatusCode: 486, detail: expect.stringContaining('busy') },
    })
    expect(await readCall(callId)).toMatchObject({ status: 'answered' })
    const answer = await transfer(callId, { sipHeaders: { 'X-Why': 'asked' } })
    expect(answer).toMatchObject({ status: 200, body: { transferredTo: 'tel:+12125550199' } })
    await becomes(callId, { status: 'completed', disposition: 'completed' })
    expect(legOf(`call-${callId}`)).toMatchObject({
      hungUpBy: 'transfer',
      transfer: { to: 'tel:+12125550199', headers: { 'X-Why': 'asked' } },
    })
    const told = { event: 'transferred', source: 'person', details: { to: 'tel:+12125550199' } }
    expect((await readCall(callId)).timeline).toContainEqual(expect.objectContaining(told))
    expect(await transfer(callId, {})).toMatchObject({ status: 409, body: { code: 'call_is_over' } })
  })

  it('is refused where the carrier allows none, and the call can be hung up instead', async () => {
    const callId = await initiate({ phoneNumber: numbers.long, dtmf: 'w12#' })
    await becomes(callId, { status: 'answered' })
    const forbidden = () => transfer(callId, { transferTarget: '+15005550022' })
    const advice = { status: 409, body: { detail: expect.stringContaining('Call Transfer') } }
    await expect.poll(forbidden, { timeout: patienceMs }).toMatchObject(advice)
    const { status } = await send('POST', `/api/v1/outbound-calls/${callId}/hangup`)
    expect(status).toBe(200)
    await becomes(callId, { status: 'completed' })
    expect(legOf(`call-${callId}`)).toMatchObject({ hungUpBy: 'api', dtmf: 'w12#' })
  })
})

describe('POST /api/v1/livekit/outbound-calls/…', { timeout: patienceMs }, () => {
  const post = async (name: string, json: object) => {
    const answer = await send('POST', `/api/v1/livekit/outbound-calls/${name}`, json)
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 })
    return answer.body
  }

  it('create-call makes the room, sends for the agent and dials', async () => {
    const agentMetadata = { mood: 'kind', call_id: 'not yours' }
    const body = await post('create-call', { phoneNumber: numbers.long, assistantId, agentMetadata })
    expect(body).toMatchObject({
      participant: { participantId: expect.stringMatching(/^PA_/), sipCallId: expect.stringMatching(/^SCL_/) },
      agentDispatch: { dispatchId: expect.stringMatching(/^AD_/), agentName: 'ann' },
    })
    expect(await dispatchOf(body.roomName)).toMatchObject({ agentName: 'ann', mood: 'kind', call_id: body.callId })
    await send('POST', `/api/v1/outbound-calls/${String(body.callId)}/hangup`)
  })

  it('create-participant dials, and dispatch-agent sends for an agent afterwards', async () => {
    const wishes = { waitUntilAnswered: true, dtmf: '12#', displayName: 'Desk', maxCallSeconds: 600 }
    const participantIdentity = 'guest'
    const body = await post('create-participant', { phoneNumber: numbers.long, participantIdentity, ...wishes })
    expect(body).toMatchObject({ status: 'answered', participant: { participantIdentity }, agentDispatch: null })
    const leg = { participantIdentity, displayName: 'Desk', dtmf: '12#' }
    expect(legOf(body.roomName)).toMatchObject(leg)
    const { roomName, callId } = body
    const sent = await post('dispatch-agent', { roomName, assistantId, metadata: { why: 'help' } })
    expect(sent).toEqual({ dispatchId: expect.stringMatching(/^AD_/), agentName: 'ann', roomName })
    const sentFor = await all.deps.livekit.listDispatches(String(roomName))
    const told = sentFor.find(({ dispatchId }) => dispatchId === sent.dispatchId)?.metadata ?? '{}'
    expect(JSON.parse(told)).toMatchObject({ why: 'help', call_id: callId, report: { token: expect.any(String) } })
    await send('POST', `/api/v1/outbound-calls/${String(callId)}/hangup`)
  })
})

describe('POST /call/outbound', { timeout: patienceMs }, () => {
  it('answers once the telephone is being called, with headers, caller and name on the first INVITE', async () => {
    const metadata = {
      ...{ account_code: 'A-7', caller_id: '+12125550177', caller_name: 'Ann & Co', destination: 'sales' },
      transfer_target: '+1 (212) 555-0102',
    }
    const body = {
      assistant_id: assistantId,
      trunk_id: 'ST_main',
      to_number: numbers.slow,
      call_service: 'twilio',
      metadata,
    }
    const answer = await send('POST', '/call/outbound', body)
    expect(answer).toMatchObject({
      status: 200,
      body: {
        success: true,
        message: 'The call is on its way.',
        data: {
          room_name: expect.stringMatching(new RegExp(`^${assistantId}_[0-9a-f]+$`)),
          agent_dispatch: { id: expect.stringMatching(/^AD_/), agent_name: 'ann' },
          participant: {
            participant_id: expect.stringMatching(/^PA_/),
            sip_call_id: expect.stringMatching(/^SCL_/),
          },
        },
      },
    })
    const { room_name: roomName } = z.object({ room_name: z.string() }).parse(answer.body.data)
    expect(legOf(roomName)).toMatchObject({
      to: numbers.slow,
      from: '+12125550177',
      displayName: 'Ann & Co',
      headers: {
        'X-Account-Code': 'A-7',
        'X-Caller-Id': '+12125550177',
        'X-Caller-Name': 'Ann & Co',
        'X-Destination': 'sales',
        'X-Transfer-Target': 'tel:+12125550102',
      },
    })
    expect(await dispatchOf(roomName)).toMatchObject({ agentName: 'ann', questions: ['Own?'] })
    await expect.poll(() => legOf(roomName)?.outcome, { timeout: patienceMs }).toBe('interested')
  })
})
