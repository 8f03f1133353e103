/** Every status of the addresses of other dialers but those that need a telephone: no engine runs here. */
import { connect } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import { dialCall } from '@outdial/dialing/dial/dial-call'
import { addWorkspace, noon, type Workspace } from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../api.ts'
import { type ApiWorld, type Client, openApiWorld, send } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld({ callDefaults: { livekitTrunkId: 'ST_main', fromNumber: '+12125550199' } })
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world, { livekitTrunkId: 'ST_main', provider: 'twilio' })
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

const sanFrancisco = '+14155550100'

/** The same API, which waits for as long as it takes. */
function patiently(path: string, json: object, headers: Record<string, string>) {
  const clock = { now: () => world.clock.at }
  const app = createApi({ deps: world.apiDeps, clock, auth: {}, answerPatienceMs: 30_000 })
  return send(app, path, { method: 'POST', json, headers: { 'x-api-key': client.apiKey, ...headers } })
}

async function storedIn(roomName: unknown) {
  return (await world.db.select().from(calls)).find((call) => call.roomName === roomName)
}

describe('POST /api/calls/outbound', () => {
  const to = '+15551230000'
  const post = (json: object, headers: Record<string, string> = {}) =>
    client.send('POST', '/api/calls/outbound', { json: { to, waitUntilAnswered: false, ...json }, headers })

  it('answers at once where nobody wants to wait, in the shape that was asked for', async () => {
    const questions = ['How are you?', 'Why?']
    const answer = await post({ agentName: 'ann', questions, recipientName: 'Jo', rowIndex: 7 })
    expect(answer).toMatchObject({ status: 200 })
    const call = await storedIn(answer.body.roomName)
    expect(answer.body).toEqual({
      roomName: `call-${call?.id}`,
      participant: {
        participantId: null,
        participantIdentity: `callee-${call?.id}`,
        roomName: `call-${call?.id}`,
        sipCallId: null,
        status: 'pending',
      },
      metadata: {
        call_id: call?.id,
        phone_number: to,
        recipient_name: 'Jo',
        row_index: 7,
        questions,
        question: 'How are you?',
      },
    })
    expect(call).toMatchObject({ origin: 'single', assistantId: workspace.assistantId, trunkId: workspace.trunkId })
  })

  it('takes an agent that no assistant has, or none', async () => {
    const named = await storedIn((await post({ agentName: 'stranger' })).body.roomName)
    expect(named).toMatchObject({ assistantId: null, options: { agentName: 'stranger' } })
    const none = await storedIn((await post({})).body.roomName)
    expect(none).toMatchObject({ assistantId: null, options: { agentName: null } })
  })

  it('takes room and number to call from, and lets pass what it does not know, and null for nothing', async () => {
    const own = `own-${crypto.randomUUID()}`
    const answer = await post({ roomName: own, fromNumber: '+12125550101', agentName: null, priority: 'high' })
    expect(answer).toMatchObject({ status: 200, body: { roomName: own } })
    expect(await storedIn(own)).toMatchObject({ fromNumber: '+12125550101' })
    expect(await post({ roomName: own })).toMatchObject({ status: 409, body: { code: 'room_taken' } })
  })

  it('says that it still waits when nobody answers in the time it may take', async () => {
    const answer = await post({ waitUntilAnswered: null })
    expect(answer).toMatchObject({ status: 200, body: { participant: { status: 'pending' } } })
  })

  it('says how a call ended that nobody answered, to a repeat as well, and does not call again', async () => {
    const other = { 'idempotency-key': crypto.randomUUID() }
    const roomName = `busy-${other['idempotency-key']}`
    const json = { to, roomName }
    const ask = () => patiently('/api/calls/outbound', json, other)
    const waiting = ask()
    await expect.poll(() => storedIn(roomName)).toBeDefined()
    await client.send('POST', `/outbound-calls/${(await storedIn(roomName))?.id}/hangup`)
    const ended = { status: 409, body: { code: 'call_not_answered', disposition: 'canceled', roomName } }
    expect(await waiting).toMatchObject(ended)
    expect(await ask()).toMatchObject(ended)
    expect((await world.db.select().from(calls)).filter((call) => call.roomName === roomName)).toHaveLength(1)
  })

  it('gives the same answer to the same Idempotency-Key, and refuses it for another request', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const first = await post({ rowIndex: 1 }, key)
    const second = await post({ rowIndex: 1 }, key)
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await post({ rowIndex: 2 }, key)).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  })

  it.each([
    [{ to: undefined }, 400, 'to'],
    [{ to: 7 }, 400, 'to'],
    [{ to: '0612345678' }, 422, 'to'],
    [{ fromNumber: '0612' }, 422, 'fromNumber'],
    [{ roomName: 'inbound-7' }, 422, 'roomName'],
    [{ roomName: 'a room' }, 422, 'roomName'],
    [{ questions: 'How?' }, 400, 'questions'],
    [{ questions: [7] }, 400, 'questions.0'],
    [{ agentName: '' }, 400, 'agentName'],
    [{ waitUntilAnswered: 'no' }, 400, 'waitUntilAnswered'],
    [{ recipientName: 7 }, 400, 'recipientName'],
    [{ rowIndex: 0 }, 400, 'rowIndex'],
    [{ rowIndex: '7' }, 400, 'rowIndex'],
  ])('refuses %j and names the field', async (changes, status, field) => {
    expect(await post(changes)).toMatchObject({ status, body: { errors: [{ field }] } })
  })

  it('refuses who is not known, suppressed numbers, forbidden hours, other content and large bodies', async () => {
    const anonymous = await send(world.app, '/api/calls/outbound', { method: 'POST', json: { to } })
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'no_credentials' } })
    await client.send('POST', '/suppressions', { json: { phoneNumber: '+15551230009' } })
    const suppressed = { errors: [{ field: 'to', code: 'suppressed' }] }
    expect(await post({ to: '+15551230009' })).toMatchObject({ status: 422, body: suppressed })
    expect(await post({ to: sanFrancisco })).toMatchObject({ status: 409, body: { code: 'outside_calling_hours' } })
    expect(await post({ to: sanFrancisco, ignoreWindow: true })).toMatchObject({ status: 200 })
    const path = '/api/calls/outbound'
    const headers = { 'content-type': 'text/plain' }
    expect(await client.send('POST', path, { body: '{}', headers })).toMatchObject({ status: 415 })
    expect(await post({ recipientName: 'x'.repeat(11 * 1024 * 1024) })).toMatchObject({ status: 413 })
    expect(await client.send('GET', path)).toMatchObject({ status: 405 })
  })

  it('has no trunk to call with in a workspace without one', async () => {
    const empty = await world.openClient()
    const answer = await empty.send('POST', '/api/calls/outbound', { json: { to } })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'trunkId', code: 'no_trunk' }] } })
  })
})

describe('POST /call/outbound', () => {
  const body = () => ({
    ...{ assistant_id: workspace.assistantId, trunk_id: 'ST_main', to_number: '+15551230000', call_service: 'twilio' },
  })
  const post = (changes: object = {}, headers: Record<string, string> = {}) =>
    client.send('POST', '/call/outbound', { json: { ...body(), ...changes }, headers })

  it('answers in the shape that was asked for, with a room that begins with the assistant', async () => {
    const metadata = {
      account_code: 'A-7',
      caller_id: '+12125550101',
      caller_name: 'Ann',
      transfer_target: '+12125550102',
    }
    const answer = await post({ metadata })
    expect(answer.status, answer.text).toBe(200)
    const { room_name: roomName } = answer.body.data as { room_name: string }
    expect(roomName).toMatch(new RegExp(`^${workspace.assistantId}_[0-9a-f]{16}$`))
    const call = await storedIn(roomName)
    expect(call).toMatchObject({ fromNumber: '+12125550101', options: { displayName: 'Ann' } })
    expect(call?.metadata).toEqual({ ...metadata, transfer_target: 'tel:+12125550102' })
    expect(answer.body).toEqual({
      success: true,
      message: 'The call waits for a free slot of its trunk.',
      data: {
        room_name: roomName,
        agent_dispatch: {
          id: null,
          agent_name: 'ann',
          room: roomName,
          metadata: expect.stringContaining(call?.id ?? ''),
        },
        participant: {
          participant_id: null,
          participant_identity: `callee-${call?.id}`,
          room_name: roomName,
          sip_call_id: null,
        },
      },
    })
  })

  it('gives every call a room of its own', async () => {
    const rooms = await Promise.all([post(), post(), post()])
    expect(new Set(rooms.map(({ body: { data } }) => (data as { room_name: string }).room_name)).size).toBe(3)
  })

  it.each([
    [{ assistant_id: 'x' }, 'assistant_id'],
    [{ assistant_id: undefined }, 'assistant_id'],
    [{ trunk_id: 'trunk' }, 'trunk_id'],
    [{ to_number: undefined }, 'to_number'],
    [{ to_number: '0612345678' }, 'to_number'],
    [{ call_service: 'vonage' }, 'call_service'],
    [{ call_service: 'exotel' }, 'call_service'],
    [{ metadata: 'x' }, 'metadata'],
    [{ metadata: { transfer_target: 'x' } }, 'metadata'],
  ])('answers 400 to %j and names the field', async (changes, field) => {
    expect(await post(changes)).toMatchObject({
      status: 400,
      body: { success: false, message: expect.any(String), errors: [{ field }] },
    })
  })

  it('answers 400 for numbers that are suppressed and hours that are forbidden', async () => {
    await client.send('POST', '/suppressions', { json: { phoneNumber: '+15551230009' } })
    expect(await post({ to_number: '+15551230009' })).toMatchObject({ status: 400, body: { success: false } })
    const early = { status: 400, body: { success: false, code: 'outside_calling_hours' } }
    expect(await post({ to_number: sanFrancisco })).toMatchObject(early)
    expect(await post({ to_number: sanFrancisco, ignore_window: true })).toMatchObject({ status: 200 })
  })

  it('answers 401 without a key and with a wrong one', async () => {
    const wrong: Record<string, string>[] = [{}, { 'x-api-key': 'wrong' }]
    for (const headers of wrong) {
      const answer = await send(world.app, '/call/outbound', { method: 'POST', json: body(), headers })
      expect(answer).toMatchObject({ status: 401, body: { success: false, message: expect.any(String) } })
    }
  })

  it('answers 404 for an assistant and a trunk that are not there, or somebody else’s', async () => {
    const other = await addWorkspace(world, { livekitTrunkId: 'ST_other' })
    const missing = [{ assistant_id: crypto.randomUUID() }, { trunk_id: 'ST_none' }]
    for (const changes of [...missing, { assistant_id: other.assistantId }, { trunk_id: 'ST_other' }]) {
      expect(await post(changes)).toMatchObject({ status: 404, body: { success: false, code: 'not_found' } })
    }
  })

  it('answers with the usual statuses where the older contract has no word', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    expect((await post({}, key)).status).toBe(200)
    const conflict = { status: 409, body: { success: false, code: 'idempotency_conflict' } }
    expect(await post({ to_number: '+15551230001' }, key)).toMatchObject(conflict)
    const headers = { 'content-type': 'text/plain' }
    expect(await client.send('POST', '/call/outbound', { body: '{}', headers })).toMatchObject({
      status: 415,
      body: { success: false },
    })
    const large = { metadata: { note: 'x'.repeat(11 * 1024 * 1024) } }
    expect(await post(large)).toMatchObject({ status: 413, body: { success: false } })
  })

  it('shares the rate limit of its key with all other addresses', async () => {
    const clock = { now: () => world.clock.at }
    const app = createApi({ deps: world.apiDeps, clock, auth: {}, requestsPerMinute: 1 })
    const headers = { 'x-api-key': client.apiKey }
    expect((await send(app, '/api/v1/workspace', { headers })).status).toBe(200)
    const answer = await send(app, '/call/outbound', { method: 'POST', json: body(), headers })
    expect(answer).toMatchObject({ status: 429, body: { success: false, code: 'rate_limited' } })
    expect(
      (await send(app, '/api/calls/outbound', { method: 'POST', json: { to: '+15551230000' }, headers })).status,
    ).toBe(429)
  })

  it('answers 500 where the database is away, and 503 at the other address', async () => {
    const gone = connect({ url: 'postgres://nobody@127.0.0.1:9/nothing', role: 'api', maxConnections: 1 })
    const clock = { now: () => world.clock.at }
    const app = createApi({ deps: { ...world.apiDeps, db: gone.db }, clock, auth: {} })
    const headers = { 'x-api-key': client.apiKey }
    const answer = await send(app, '/call/outbound', { method: 'POST', json: body(), headers })
    expect(answer).toMatchObject({ status: 500, body: { success: false, code: 'unavailable' } })
    expect(await send(app, '/api/calls/outbound', { method: 'POST', json: {}, headers })).toMatchObject({ status: 503 })
    await gone.close()
  })

  it('answers 500 when the call could not be placed, to a repeat as well', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const assistant = await client.send('POST', '/assistants', { json: { name: 'Own', agentName: 'own' } })
    const json = { ...body(), assistant_id: assistant.body.id }
    const ask = () => patiently('/call/outbound', json, key)
    const waiting = ask()
    const find = async () => (await world.db.select().from(calls)).find((one) => one.assistantId === assistant.body.id)
    await expect.poll(find).toBeDefined()
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const clock = { now: () => noon, realNow: () => new Date(), realDelayUntil: () => 0 }
    await dialCall(world.deps, { callId: (await find())?.id ?? '', clock })
    const failed = { status: 500, body: { success: false, code: 'call_not_placed', disposition: 'trunk_error' } }
    expect(await waiting).toMatchObject(failed)
    expect(await ask()).toMatchObject(failed)
    expect((await world.db.select().from(calls)).filter((one) => one.assistantId === assistant.body.id)).toHaveLength(1)
  })
})
