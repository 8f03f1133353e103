import { ListUpdate, SIPOutboundTrunkInfo, SIPTransport } from '@livekit/protocol'
import { AccessToken, SipClient } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKey, apiSecret, type Project, startProject, trunkId } from '../testing.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterAll(() => project.close())

test('outbound trunks are created, listed, changed in part and as a whole, and deleted', async () => {
  const { sip } = project
  const created = await sip.createSipOutboundTrunk('main', 'sip.main.example', ['+12125550110'], {
    transport: SIPTransport.SIP_TRANSPORT_TCP,
    authUsername: 'user',
    authPassword: 'secret',
  })
  const id = created.sipTrunkId
  expect(created).toMatchObject({ name: 'main', transport: SIPTransport.SIP_TRANSPORT_TCP, authPassword: 'secret' })
  expect(id).toMatch(/^ST_/)
  const changed = await sip.updateSipOutboundTrunkFields(id, {
    name: 'renamed',
    numbers: new ListUpdate({ add: ['+12125550111'] }),
  })
  expect(changed).toMatchObject({ name: 'renamed', numbers: ['+12125550110', '+12125550111'], authUsername: 'user' })
  const replacement = new SIPOutboundTrunkInfo({ name: 'new', address: 'sip.new.example', numbers: ['+12125550112'] })
  expect(await sip.updateSipOutboundTrunk(id, replacement)).toMatchObject({
    sipTrunkId: id,
    name: 'new',
    authUsername: '',
  })
  expect((await sip.listSipOutboundTrunk({ trunkIds: [id] })).map(({ name }) => name)).toEqual(['new'])
  expect((await sip.listSipOutboundTrunk()).map(({ sipTrunkId }) => sipTrunkId)).toEqual([trunkId, 'ST_twilio', id])
  await sip.deleteSipTrunk(id)
  expect(await sip.deleteSipTrunk(id)).toMatchObject({ sipTrunkId: id })
})

test('a trunk without numbers or with a SIP URI for an address is refused', async () => {
  const options = { transport: SIPTransport.SIP_TRANSPORT_AUTO }
  await expect(project.sip.createSipOutboundTrunk('x', 'sip.x.example', [], options)).rejects.toMatchObject({
    code: 'invalid_argument',
  })
  await expect(project.sip.createSipOutboundTrunk('x', 'sip:x', ['+12125550110'], options)).rejects.toMatchObject({
    code: 'invalid_argument',
  })
})

test('inbound trunks need something that guards them', async () => {
  const { sip } = project
  await expect(sip.createSipInboundTrunk('open', [])).rejects.toMatchObject({ code: 'invalid_argument' })
  const { sipTrunkId } = await sip.createSipInboundTrunk('in', ['+12125550113'])
  const changed = await sip.updateSipInboundTrunkFields(sipTrunkId, {
    allowedAddresses: new ListUpdate({ set: ['10.0.0.0/8'] }),
  })
  expect(changed).toMatchObject({ numbers: ['+12125550113'], allowedAddresses: ['10.0.0.0/8'] })
  expect((await sip.listSipInboundTrunk()).map((trunk) => trunk.sipTrunkId)).toEqual([sipTrunkId])
  await sip.deleteSipTrunk(sipTrunkId)
  expect(await sip.listSipInboundTrunk()).toEqual([])
})

test('dispatch rules are created, listed, changed and deleted', async () => {
  const { sip } = project
  const rule = await sip.createSipDispatchRule({ type: 'individual', roomPrefix: 'inbound-' }, { name: 'rule' })
  expect(rule.rule?.rule).toMatchObject({ case: 'dispatchRuleIndividual', value: { roomPrefix: 'inbound-' } })
  const id = rule.sipDispatchRuleId
  expect(await sip.updateSipDispatchRuleFields(id, { name: 'renamed' })).toMatchObject({ name: 'renamed' })
  expect(await sip.listSipDispatchRule({ dispatchRuleIds: [id] })).toHaveLength(1)
  await sip.deleteSipDispatchRule(id)
  expect(await sip.listSipDispatchRule()).toEqual([])
  await expect(sip.deleteSipDispatchRule(id)).rejects.toMatchObject({ code: 'not_found' })
})

test('a token that may only call may not see trunks', async () => {
  const token = new AccessToken(apiKey, apiSecret)
  token.addSIPGrant({ call: true })
  const client = new SipClient(project.simulator.url, undefined, undefined, { token: await token.toJwt() })
  await expect(client.listSipOutboundTrunk()).rejects.toMatchObject({ status: 401, code: 'unauthenticated' })
})

test('an answered call can be transferred, to one target that does not refuse', async () => {
  const { sip } = project
  await project.roomWithAgent('transfer')
  await expect(sip.transferSipParticipant('transfer', 'callee', 'tel:+12125550199')).rejects.toMatchObject({
    code: 'not_found',
  })
  await sip.createSipParticipant(trunkId, '+15005550018', 'transfer', {
    participantIdentity: 'callee',
    waitUntilAnswered: true,
  })
  await expect(sip.transferSipParticipant('transfer', 'callee', '+12125550199')).rejects.toMatchObject({
    code: 'invalid_argument',
  })
  await expect(sip.transferSipParticipant('transfer', 'callee', 'tel:+15005550007')).rejects.toMatchObject({
    sipStatusCode: 486,
  })
  expect(project.call('transfer')?.transfer).toEqual({ to: 'tel:+15005550007', headers: {}, sipStatus: 486 })
  const headers = { 'X-Why': 'asked' }
  await sip.transferSipParticipant('transfer', 'callee', 'tel:+12125550199', { headers })
  const transfer = { to: 'tel:+12125550199', headers }
  expect(await project.ended('transfer')).toMatchObject({ ending: 'hung_up', hungUpBy: 'transfer', transfer })
})

test('answers are snake_case with zero values, and requests may be either', async () => {
  const token = new AccessToken(apiKey, apiSecret)
  token.addSIPGrant({ admin: true })
  const post = async (body: unknown) => {
    const response = await fetch(`${project.simulator.url}/twirp/livekit.SIP/CreateSIPOutboundTrunk`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token.toJwt()}` },
      body: JSON.stringify(body),
    })
    expect(response.headers.get('content-type')).toBe('application/json')
    return (await response.json()) as Record<string, unknown>
  }
  const snake = await post({ trunk: { address: 'a.example', numbers: ['+12125550110'], auth_username: 'u' } })
  const camel = await post({ trunk: { address: 'a.example', numbers: ['+12125550110'], authUsername: 'u' } })
  expect(snake.auth_username).toBe('u')
  expect(camel.auth_username).toBe('u')
  expect(snake).toMatchObject({ name: '', transport: 'SIP_TRANSPORT_AUTO', headers: {} })
})
