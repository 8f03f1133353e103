import { AccessToken, RoomAgentDispatch, RoomConfiguration } from 'livekit-server-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { apiKey, apiSecret, type Project, startProject, waitFor } from '../testing.ts'

const from = '+14155550123'
const to = '+12125550100'

let project: Project
let inboundTrunkId: string
let ruleId: string

beforeAll(async () => {
  project = await startProject()
})
beforeEach(async () => {
  const { sipTrunkId } = await project.sip.createSipInboundTrunk('Line', [to])
  inboundTrunkId = sipTrunkId
  const rule = { type: 'individual', roomPrefix: 'inbound-' } as const
  const options = { trunkIds: [sipTrunkId], attributes: { line: 'support' } }
  ruleId = (await project.sip.createSipDispatchRule(rule, options)).sipDispatchRuleId
})
afterEach(async () => {
  await project.control('POST', '/reset')
  await project.sip.deleteSipDispatchRule(ruleId)
  await project.sip.deleteSipTrunk(inboundTrunkId)
})
afterAll(() => project.close())

async function callIn(options: object = {}): Promise<string> {
  const { status, body } = await project.control('POST', '/inbound', { from, to, ...options })
  expect(status).toBe(201)
  return (body as { roomName: string }).roomName
}

const callerIn = async (roomName: string) =>
  (await project.rooms.listParticipants(roomName)).find((each) => each.identity === `sip_${from}`)

async function joinToken(roomName: string, grant: object = { roomJoin: true }): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { identity: 'person-1' })
  token.addGrant({ room: roomName, ...grant })
  return token.toJwt()
}

test('a caller comes into a room of its own, rings, and gives up', async () => {
  const roomName = await callIn({ patienceMs: 60_000 })
  expect(roomName).toMatch(/^inbound-_\+14155550123_\w+$/)
  expect((await callerIn(roomName))?.attributes).toMatchObject({
    ...{ line: 'support', 'sip.callStatus': 'ringing', 'sip.trunkID': inboundTrunkId, 'sip.ruleID': ruleId },
    ...{ 'sip.phoneNumber': from, 'sip.trunkPhoneNumber': to },
  })
  const call = await project.ended(roomName)
  expect(call).toMatchObject({ direction: 'inbound', ending: 'canceled', hungUpBy: 'caller', from, to })
  expect(call.answered).toBeUndefined()
  const left = await waitFor('the webhook', async () =>
    (await project.inbox.events()).find(({ event, room }) => event === 'participant_left' && room?.name === roomName),
  )
  expect(left.participant?.attributes['sip.callStatus']).toBe('hangup')
})

test('an agent that is sent for picks up, talks and ends the call', async () => {
  const roomName = await callIn({ outcome: 'interested', talkMs: 20_000 })
  await project.dispatch.createDispatch(roomName, 'receptionist', { metadata: '{}' })
  const call = await project.ended(roomName)
  expect(call).toMatchObject({ ending: 'hung_up', hungUpBy: 'agent', outcome: 'interested' })
  expect(call.agentIdentity).toMatch(/^agent-/)
})

test('the rule itself may send for an agent', async () => {
  const agents = [new RoomAgentDispatch({ agentName: 'receptionist', metadata: '{}' })]
  const rule = { type: 'individual', roomPrefix: 'own' } as const
  const { sipTrunkId } = await project.sip.createSipInboundTrunk('Other', ['+12125550199'])
  const options = { trunkIds: [sipTrunkId], roomConfig: new RoomConfiguration({ agents }) }
  const { sipDispatchRuleId } = await project.sip.createSipDispatchRule(rule, options)
  const roomName = await callIn({ to: '+12125550199' })
  expect(await project.ended(roomName)).toMatchObject({ ending: 'hung_up', hungUpBy: 'agent' })
  await project.sip.deleteSipDispatchRule(sipDispatchRuleId)
  await project.sip.deleteSipTrunk(sipTrunkId)
})

test('a person joins with a token, the call is picked up, and the caller talks', async () => {
  const roomName = await callIn({ talkMs: 40_000 })
  const joined = await project.control('POST', '/people', { token: await joinToken(roomName) })
  expect(joined).toMatchObject({ status: 201, body: { roomName, identity: 'person-1' } })
  await waitFor('the answer', async () => (await callerIn(roomName))?.attributes['sip.callStatus'] === 'active')
  const call = await project.ended(roomName)
  expect(call).toMatchObject({ ending: 'hung_up', hungUpBy: 'caller' })
  expect(Date.parse(call.ended?.at ?? '') - Date.parse(call.answered?.at ?? '')).toBeGreaterThanOrEqual(40_000)
  const left = await project.control('DELETE', '/people', { roomName, identity: 'person-1' })
  expect(left.status).toBe(200)
})

test('a token of somebody else, or for something else, lets nobody in', async () => {
  const roomName = await callIn()
  const refused = await project.control('POST', '/people', { token: await joinToken(roomName, { roomAdmin: true }) })
  expect(refused.status).toBe(401)
  expect((await project.control('POST', '/people', { token: 'a.b.c' })).status).toBe(401)
})

test('a number that no trunk lets in is refused, and no number belongs to two trunks', async () => {
  const { status, body } = await project.control('POST', '/inbound', { from, to: '+12125550111' })
  expect(status).toBe(404)
  expect(body).toMatchObject({ detail: expect.stringContaining('Does not match') })
  await expect(project.sip.createSipInboundTrunk('Twin', [to])).rejects.toThrow(/Conflicting inbound SIP Trunks/)
})
