import { livekitKeys } from '@outdial/dialing/testing'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let simulator: Simulator
let world: ApiWorld
let client: Client
let assistantId: string
let phoneNumber: string
let count = 0

beforeAll(async () => {
  const clock = { speed: 1, clockOriginMs: Date.now() }
  simulator = await startSimulator({ port: 0, ...clock, seed: 1, webhookUrls: [], ...livekitKeys })
  world = await openApiWorld({ livekitUrl: simulator.url })
})
afterAll(async () => {
  await world.close()
  await simulator.close()
})
beforeEach(async () => {
  client = await world.openClient()
  assistantId = idOf(await client.send('POST', '/assistants', { json: { name: 'Ann', agentName: 'ann' } }))
  count += 1
  phoneNumber = `+1415555${String(count).padStart(4, '0')}`
})

const carrier = { address: 'acme.pstn.twilio.com', authUsername: 'acme', authPassword: 'hush-hush' }
const assign = (changes: object = {}, headers: Record<string, string> = {}) =>
  client.send('POST', '/phone-numbers', { json: { phoneNumber, assistantId, ...changes }, headers })

async function onLiveKit() {
  const { inbound } = world.deps.livekit
  const trunks = (await inbound.listTrunks()).filter((trunk) => trunk.numbers.includes(phoneNumber))
  const ids = trunks.map((trunk) => trunk.livekitTrunkId)
  const rules = (await inbound.listRules()).filter((rule) => rule.livekitTrunkIds.some((id) => ids.includes(id)))
  const outbound = (await world.deps.livekit.listOutboundTrunks()).filter((each) => each.numbers.includes(phoneNumber))
  return { trunks, rules, outbound }
}

const nothing = { trunks: [], rules: [], outbound: [] }

describe('assigning a number', () => {
  it('makes both trunks and a rule that gives every call a room named inbound-…', async () => {
    const inbound = { allowedAddresses: ['54.172.60.0/30'], authUsername: 'twilio', authPassword: 'hush-hush' }
    const made = await assign({ trunk: { provider: 'twilio', livekit: carrier }, inbound })
    const { trunks, rules, outbound } = await onLiveKit()
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ phoneNumber, assistantId, answeredBy: 'agent', trunkId: expect.any(String) },
        livekitInboundTrunkId: trunks[0]?.livekitTrunkId,
        livekitDispatchRuleId: rules[0]?.livekitRuleId,
      },
    })
    expect(trunks).toMatchObject([{ allowedAddresses: ['54.172.60.0/30'], hasPassword: true }])
    expect(rules).toMatchObject([{ roomPrefix: 'inbound-', livekitTrunkIds: [trunks[0]?.livekitTrunkId] }])
    expect(outbound).toMatchObject([{ address: 'acme.pstn.twilio.com', hasPassword: true }])
    expect(made.text).not.toContain('hush-hush')
    const trunk = await client.send('GET', `/trunks/${String(made.body.trunkId)}`)
    expect(trunk.body).toMatchObject({ numbers: [phoneNumber], provider: 'twilio', callsPerSecond: 1 })
    const assistant = await client.send('GET', `/assistants/${assistantId}`)
    expect(assistant.body.trunkId).toBe(made.body.trunkId)
    const path = `/phone-numbers/${idOf(made)}`
    expect((await client.send('GET', path)).body).toEqual(made.body)
    expect((await client.send('GET', '/phone-numbers')).body).toEqual({ data: [made.body], nextCursor: null })
  })

  it('adds the number to a trunk that is there, or leaves outbound calls alone', async () => {
    const wish = { name: 'Main', provider: 'other', numbers: ['+14155559999'], livekit: { address: 'sip.example.com' } }
    const trunkId = idOf(await client.send('POST', '/trunks', { json: wish }))
    expect(await assign({ trunkId })).toMatchObject({ status: 201, body: { trunkId } })
    const trunk = await client.send('GET', `/trunks/${trunkId}`)
    expect(trunk.body.numbers).toEqual(['+14155559999', phoneNumber])
    expect((await onLiveKit()).outbound).toHaveLength(1)
    phoneNumber = '+14155558888'
    expect((await assign()).body).toMatchObject({ trunkId: null })
    expect((await onLiveKit()).outbound).toEqual([])
  })

  it('happens once, however often the request is repeated', async () => {
    const headers = { 'idempotency-key': 'assign' }
    const trunk = { provider: 'twilio', livekit: carrier }
    const [first, second] = [await assign({ trunk }, headers), await assign({ trunk }, headers)]
    expect(second.body).toEqual(first.body)
    const { trunks, rules, outbound } = await onLiveKit()
    expect([trunks, rules, outbound].map((each) => each.length)).toEqual([1, 1, 1])
  })

  it('goes on with what a first try left, under the same key', async () => {
    await fetch(`${simulator.url}/_network/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ on: 'CreateSIPDispatchRule', action: '5xx', when: 'before', count: 1 }),
    })
    const headers = { 'idempotency-key': 'half' }
    const trunk = { provider: 'twilio', livekit: carrier }
    expect((await assign({ trunk }, headers)).status).toBe(503)
    const half = await onLiveKit()
    expect([half.trunks, half.rules, half.outbound].map((each) => each.length)).toEqual([1, 0, 1])
    expect((await assign({ trunk }, headers)).status).toBe(201)
    const whole = await onLiveKit()
    expect([whole.trunks, whole.rules, whole.outbound].map((each) => each.length)).toEqual([1, 1, 1])
    expect(whole.trunks).toEqual(half.trunks)
  })

  it('leaves nothing behind where it fails for good', async () => {
    await world.deps.livekit.inbound.createTrunk({ name: 'By hand', numbers: [phoneNumber] })
    const answer = await assign({ trunk: { provider: 'twilio', livekit: carrier } })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'phoneNumber' }] } })
    expect(answer.text).toContain('Conflicting inbound SIP Trunks')
    const { trunks, rules, outbound } = await onLiveKit()
    expect({ trunks: trunks.map((trunk) => trunk.name), rules, outbound }).toEqual({ ...nothing, trunks: ['By hand'] })
    expect((await client.send('GET', '/trunks')).body.data).toEqual([])
  })

  it('is refused for a number that is assigned, here or in another workspace', async () => {
    const first = await assign()
    expect(await assign()).toMatchObject({ status: 409, body: { code: 'number_taken', phoneNumberId: idOf(first) } })
    const stranger = await world.openClient()
    const theirs = idOf(await stranger.send('POST', '/assistants', { json: { name: 'Bob', agentName: 'bob' } }))
    const refused = await stranger.send('POST', '/phone-numbers', { json: { phoneNumber, assistantId: theirs } })
    expect(refused.status).toBe(422)
    expect(refused.text).not.toContain(idOf(first))
    expect((await onLiveKit()).trunks).toHaveLength(1)
  })
})

describe('a number that is assigned', () => {
  it('goes to another assistant, or is answered by people', async () => {
    const path = `/phone-numbers/${idOf(await assign())}`
    const other = idOf(await client.send('POST', '/assistants', { json: { name: 'Eve', agentName: 'eve' } }))
    const json = { assistantId: other, answeredBy: 'person', inbound: { allowedAddresses: ['203.0.113.7'] } }
    const changed = await client.send('PATCH', path, { json })
    expect(changed).toMatchObject({ status: 200, body: { assistantId: other, answeredBy: 'person' } })
    expect((await onLiveKit()).trunks).toMatchObject([{ allowedAddresses: ['203.0.113.7'] }])
    const unknown = await client.send('PATCH', path, { json: { assistantId: crypto.randomUUID() } })
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ field: 'assistantId' }] } })
  })

  it('is released, on LiveKit too, and can be assigned anew', async () => {
    const path = `/phone-numbers/${idOf(await assign())}`
    expect((await client.send('DELETE', path)).status).toBe(204)
    expect(await onLiveKit()).toEqual(nothing)
    expect((await client.send('GET', path)).status).toBe(404)
    expect((await client.send('DELETE', path)).status).toBe(404)
    expect((await assign()).status).toBe(201)
  })

  it('keeps its trunk and its assistant from being deleted', async () => {
    const made = await assign({ trunk: { provider: 'twilio', livekit: carrier } })
    const trunk = await client.send('DELETE', `/trunks/${String(made.body.trunkId)}`)
    expect(trunk).toMatchObject({ status: 409, body: { code: 'trunk_in_use', phoneNumbers: [{ phoneNumber }] } })
    const assistant = await client.send('DELETE', `/assistants/${assistantId}`)
    expect(assistant).toMatchObject({
      status: 409,
      body: { code: 'assistant_in_use', phoneNumbers: [{ phoneNumber }] },
    })
  })
})

describe('a number whose inbound trunk was made elsewhere', () => {
  it('is known by it, and nothing is made, changed or deleted on LiveKit', async () => {
    const { inbound } = world.deps.livekit
    const { livekitTrunkId } = await inbound.createTrunk({ name: 'By hand', numbers: [phoneNumber] })
    const made = await assign({ livekitInboundTrunkId: livekitTrunkId })
    expect(made).toMatchObject({
      status: 201,
      body: { livekitInboundTrunkId: livekitTrunkId, livekitDispatchRuleId: null },
    })
    const path = `/phone-numbers/${idOf(made)}`
    const json = { inbound: { allowedAddresses: ['203.0.113.7'] } }
    expect(await client.send('PATCH', path, { json })).toMatchObject({
      status: 409,
      body: { code: 'trunk_made_elsewhere' },
    })
    expect((await client.send('DELETE', path)).status).toBe(204)
    const { trunks, rules } = await onLiveKit()
    expect({ names: trunks.map((trunk) => trunk.name), rules }).toEqual({ names: ['By hand'], rules: [] })
  })

  it('belongs to one workspace', async () => {
    expect((await assign({ livekitInboundTrunkId: 'ST_shared' })).status).toBe(201)
    const stranger = await world.openClient()
    const theirs = idOf(await stranger.send('POST', '/assistants', { json: { name: 'Bob', agentName: 'bob' } }))
    const json = { phoneNumber: '+14155557777', assistantId: theirs, livekitInboundTrunkId: 'ST_shared' }
    expect(await stranger.send('POST', '/phone-numbers', { json })).toMatchObject({ status: 409 })
  })
})

describe('what does not fit', () => {
  it.each([
    [{ phoneNumber: '4155550100' }, 'phoneNumber'],
    [{ assistantId: 'ann' }, 'assistantId'],
    [{ answeredBy: 'nobody' }, 'answeredBy'],
    [{ trunkId: crypto.randomUUID(), trunk: { livekit: carrier } }, 'trunkId'],
    [{ inbound: { allowedAddresses: ['twilio.com'] } }, 'inbound.allowedAddresses.0'],
  ])('%j is 400 and names %s', async (changes, field) => {
    expect(await assign(changes)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it.each([
    [{ assistantId: crypto.randomUUID() }, 'assistantId'],
    [{ trunkId: crypto.randomUUID() }, 'trunkId'],
    [{ trunk: { provider: 'twilio', livekit: { address: 'sip.example.com' } } }, 'livekit.address'],
  ])('%j is 422 and names %s', async (changes, field) => {
    expect(await assign(changes)).toMatchObject({ status: 422, body: { errors: [{ field }] } })
    expect(await onLiveKit()).toEqual(nothing)
  })
})
