import { calls } from '@outdial/database/schema/calls'
import { auditLog } from '@outdial/database/schema/workspaces'
import { addCampaign, addWorkspace, noon, type Workspace } from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world)
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

const initiate = (changes: Record<string, unknown> = {}) =>
  client.send('POST', '/outbound-calls/initiate', {
    json: { phoneNumber: '+15551230000', assistantId: workspace.assistantId, ...changes },
  })

async function stored(answer: Answer) {
  expect(answer.status, answer.text).toBe(201)
  return (await world.db.select().from(calls)).find((call) => call.id === idOf(answer))
}

async function auditOf(id: string) {
  return (await world.db.select().from(auditLog)).filter((entry) => entry.entityId === id)
}

describe('the hours of a single call', () => {
  // Noon in London is four in the morning in San Francisco.
  const sanFrancisco = '+14155550100'

  it('are those of the law of the place, and the refusal says when they begin', async () => {
    expect(await initiate({ phoneNumber: sanFrancisco })).toMatchObject({
      status: 409,
      body: { code: 'outside_calling_hours', opensAt: '2026-03-02T17:00:00.000Z' },
    })
    world.clock.at = new Date('2026-03-02T17:00:00.000Z')
    expect((await initiate({ phoneNumber: sanFrancisco })).status).toBe(201)
  })

  it('are no matter to who asks for that, which stays in the audit log', async () => {
    const id = idOf(await initiate({ phoneNumber: sanFrancisco, ignoreWindow: true }))
    expect(await auditOf(id)).toMatchObject([{ action: 'call.initiate', details: { ignoreWindow: true } }])
    const usual = idOf(await initiate())
    expect(await auditOf(usual)).toMatchObject([{ details: {} }])
  })

  it('are those of its campaign where it has one', async () => {
    const settings = { startHour: 9, endHour: 11, timezone: 'UTC', localTime: 'campaign' as const }
    const { campaignId } = await addCampaign(world, workspace, { contacts: 0, settings })
    expect(await initiate({ campaignId })).toMatchObject({ status: 409, body: { opensAt: '2026-03-03T09:00:00.000Z' } })
    world.clock.at = new Date('2026-03-03T09:00:00.000Z')
    expect((await initiate({ campaignId })).status).toBe(201)
  })
})

describe('what a single call may ask for', () => {
  it('is kept with it', async () => {
    const wishes = { ringTimeoutSeconds: 45, maxCallSeconds: 60, sipHeaders: { 'X-Team': 'red' }, dtmf: 'ww12#' }
    const call = await stored(
      await initiate({
        ...wishes,
        fromNumber: '+1 212 555 0100',
        questions: ['Why?'],
        metadata: { caller_name: 'Ann' },
      }),
    )
    expect(call).toMatchObject({ fromNumber: '+12125550100', metadata: { questions: ['Why?'], caller_name: 'Ann' } })
    expect(call?.options).toEqual({
      ringTimeoutMs: 45_000,
      maxCallMs: 60_000,
      sipHeaders: { 'X-Team': 'red' },
      dtmf: 'ww12#',
      displayName: 'Ann',
    })
  })

  it('is nothing for most', async () => {
    expect(await stored(await initiate())).toMatchObject({ options: null, fromNumber: '+14155550100' })
  })

  it.each([
    ['+49 30 123456', 'tel:+4930123456'],
    ['030 123456', 'tel:+4930123456'],
    ['sip:desk@example.com', 'sip:desk@example.com'],
    ['desk@example.com', 'sip:desk@example.com'],
  ])('as a transfer target %s is understood as one from the place of the call', async (target, normalised) => {
    const json = { phoneNumber: '+493012345678', metadata: { transfer_target: target } }
    expect(await stored(await initiate(json))).toMatchObject({ metadata: { transfer_target: normalised } })
  })

  it.each([
    [{ fromNumber: '0212' }, 422, 'fromNumber'],
    [{ metadata: { caller_id: 'a b' } }, 422, 'metadata.caller_id'],
    [{ metadata: { transfer_target: 'the desk' } }, 422, 'metadata'],
    [{ metadata: { account_code: 'a\nb' } }, 422, 'metadata'],
    [{ sipHeaders: { Via: 'x' } }, 400, 'sipHeaders.Via'],
    [{ sipHeaders: { 'X-Twilio-Foo': 'x' } }, 422, 'sipHeaders'],
    [{ ringTimeoutSeconds: 81 }, 400, 'ringTimeoutSeconds'],
    [{ dtmf: '12x' }, 400, 'dtmf'],
    [{ ignoreWindow: 'yes' }, 400, 'ignoreWindow'],
  ])('%j is refused, naming the field', async (changes, status, field) => {
    expect(await initiate(changes)).toMatchObject({ status, body: { errors: [{ field }] } })
  })
})
