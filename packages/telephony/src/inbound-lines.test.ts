import { startSimulator } from '@outdial/simulator/simulator'
import { jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LiveKit } from './livekit.ts'

const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters!!' }

let simulator: Awaited<ReturnType<typeof startSimulator>>
let liveKit: LiveKit

beforeAll(async () => {
  simulator = await startSimulator({
    ...{ port: 0, speed: 1, clockOriginMs: Date.now(), seed: 1, webhookUrls: [] },
    ...keys,
  })
  liveKit = new LiveKit({ url: simulator.url, ...keys })
})
afterAll(() => simulator.close())

describe('inbound trunks', () => {
  test('are created, listed, changed and deleted, and keep their password to themselves', async () => {
    const { inbound } = liveKit
    const made = await inbound.createTrunk({
      name: 'Support line',
      numbers: ['+14155550100'],
      allowedAddresses: ['54.172.60.0/30'],
      authUsername: 'carrier',
      authPassword: 'hush',
      metadata: 'ours',
    })
    expect(made).toEqual({
      livekitTrunkId: expect.stringMatching(/^ST_/),
      name: 'Support line',
      numbers: ['+14155550100'],
      allowedAddresses: ['54.172.60.0/30'],
      authUsername: 'carrier',
      hasPassword: true,
      metadata: 'ours',
    })
    const changed = await inbound.updateTrunk(made.livekitTrunkId, { name: 'Sales line' })
    expect(changed).toEqual({ ...made, name: 'Sales line' })
    const listed = await inbound.listTrunks()
    expect(listed).toEqual([changed])
    expect(JSON.stringify(listed)).not.toContain('hush')
    await inbound.deleteTrunk(made.livekitTrunkId)
    await inbound.deleteTrunk(made.livekitTrunkId)
    expect(await inbound.listTrunks()).toEqual([])
  })

  test('that are open to everybody are refused by LiveKit, in words', async () => {
    const attempt = liveKit.inbound.createTrunk({ name: 'Open', numbers: [] })
    await expect(attempt).rejects.toMatchObject({ trouble: 'refused', message: /creating the inbound trunk/ })
  })

  test('that are not there cannot be changed', async () => {
    const attempt = liveKit.inbound.updateTrunk('ST_missing', { name: 'X' })
    await expect(attempt).rejects.toMatchObject({ trouble: 'not_found', message: /no inbound trunk ST_missing/ })
  })
})

describe('dispatch rules', () => {
  test('give every call a room of its own, and are listed, changed and deleted', async () => {
    const { inbound } = liveKit
    const made = await inbound.createRule({
      name: 'Support line',
      livekitTrunkIds: ['ST_in'],
      attributes: { 'outdial.phoneNumberId': 'n1' },
    })
    expect(made).toEqual({
      livekitRuleId: expect.stringMatching(/^SDR_/),
      name: 'Support line',
      livekitTrunkIds: ['ST_in'],
      roomPrefix: 'inbound-',
      attributes: { 'outdial.phoneNumberId': 'n1' },
      metadata: '',
    })
    const changed = await inbound.updateRule(made.livekitRuleId, { livekitTrunkIds: ['ST_other'], roomPrefix: 'desk-' })
    expect(changed).toEqual({ ...made, livekitTrunkIds: ['ST_other'], roomPrefix: 'desk-' })
    expect(await inbound.listRules()).toEqual([changed])
    await inbound.deleteRule(made.livekitRuleId)
    await inbound.deleteRule(made.livekitRuleId)
    expect(await inbound.listRules()).toEqual([])
    const attempt = inbound.updateRule(made.livekitRuleId, { name: 'X' })
    await expect(attempt).rejects.toMatchObject({ trouble: 'not_found' })
  })
})

test('a join token opens one room, to talk in and nothing else', async () => {
  const token = await liveKit.joinToken({
    roomName: 'inbound-1',
    identity: 'person-1',
    name: 'Eve',
    validForMs: 60_000,
  })
  const { payload } = await jwtVerify(token, new TextEncoder().encode(keys.apiSecret), { issuer: keys.apiKey })
  expect(payload).toMatchObject({ sub: 'person-1', name: 'Eve' })
  expect(payload.video).toEqual({
    ...{ roomJoin: true, room: 'inbound-1', canPublish: true, canSubscribe: true, canPublishData: true },
    canUpdateOwnMetadata: false,
  })
  expect(Number(payload.exp) - Date.now() / 1_000).toBeLessThanOrEqual(60)
  expect(liveKit.browserUrl).toBe(simulator.url.replace('http:', 'ws:'))
})
