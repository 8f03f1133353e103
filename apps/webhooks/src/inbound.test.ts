import { inWorkspace } from '@outdial/database/client'
import { phoneNumbers } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { contactLists, contacts } from '@outdial/database/schema/contacts'
import { answerInboundCall } from '@outdial/dialing/calls/browser-calls'
import { sweep } from '@outdial/dialing/sweep/sweep'
import { addWorkspace, noon, one } from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type InboundWorld, openInboundWorld } from './testing/inbound-world.ts'
import { livekitEvent, openWebhooksWorld, suppressedIn, type WebhooksWorld } from './testing/webhooks-world.ts'

const from = '+14155550123'

describe('a call that comes in, over the wire', () => {
  let world: InboundWorld
  beforeAll(async () => {
    world = await openInboundWorld()
  })
  afterAll(() => world.close())

  const settled = (roomName: string) =>
    eventually(world, async () => {
      const call = await world.callOf(roomName)
      return call?.settledAt ? call : undefined
    })

  it('is taken by the agent of its assistant, who knows the caller and reports', async () => {
    const to = '+12125550101'
    const workspace = await world.addNumber(to)
    const { workspaceId } = workspace.who
    const [list] = await world.db.insert(contactLists).values({ workspaceId, name: 'Known' }).returning()
    const known = { workspaceId, contactListId: one(list).id, phoneNumber: from, name: 'Ada', zoneKey: 'UTC' }
    await world.db.insert(contacts).values(known)
    const roomName = await world.callIn({ from, to, outcome: 'interested', talkMs: 40_000 })
    const call = await settled(roomName)
    expect(call).toMatchObject({
      ...{ workspaceId, assistantId: workspace.assistantId, origin: 'inbound', campaignId: null, trunkId: null },
      ...{ phoneNumber: from, fromNumber: to, contactName: 'Ada', burned: false, dialDay: null },
      ...{
        status: 'completed',
        disposition: 'completed',
        outcome: 'interested',
        answers: { 'How many?': expect.any(String) },
      },
    })
    expect(call.transcript).toContainEqual(expect.objectContaining({ text: 'Hello Ada, this is Ann.' }))
    const [witness] = world.simulator.ledger().calls.filter((each) => each.roomName === roomName)
    const talkedMs = Number(call.endedAt) - Number(call.answeredAt)
    const witnessedMs = Date.parse(witness?.ended?.at ?? '') - Date.parse(witness?.answered?.at ?? '')
    // LiveKit's events know whole seconds, and it takes a moment from the agent's joining to the media.
    expect(Math.abs(talkedMs - witnessedMs)).toBeLessThan(3_000)
    const told = await world.noticesOf(workspace)
    expect(told.map((notice) => notice.event)).toContain('call.ended')
    for (const { data } of told) expect(data).toMatchObject({ direction: 'inbound', from_number: from, to_number: to })
  })

  it('is suppressed before it has ended for whoever asks not to be called', async () => {
    const to = '+12125550102'
    const workspace = await world.addNumber(to)
    const roomName = await world.callIn({ from, to, outcome: 'do_not_call', talkMs: 60_000, endedBy: 'callee' })
    const suppressed = await eventually(world, async () => (await suppressedIn(world, workspace))[0])
    expect(suppressed).toMatchObject({ phoneNumber: from, source: 'call' })
    expect(await settled(roomName)).toMatchObject({ outcome: 'do_not_call', status: 'completed' })
  })

  it('of somebody who hides the number is a call like others', async () => {
    const to = '+12125550103'
    await world.addNumber(to)
    const roomName = await world.callIn({ from: 'anonymous', to, outcome: 'do_not_call', talkMs: 20_000 })
    expect(await settled(roomName)).toMatchObject({ phoneNumber: 'anonymous', outcome: 'do_not_call' })
  })

  it('rings until a person takes it from the browser', async () => {
    const to = '+12125550104'
    await world.addNumber(to, 'person')
    const roomName = await world.callIn({ from, to, talkMs: 30_000 })
    await eventually(world, async () => (await world.callOf(roomName))?.status === 'calling')
    expect(await world.deps.livekit.listDispatches(roomName)).toEqual([])
    const token = await world.deps.livekit.joinToken({ roomName, identity: 'person-1', validForMs: 60_000 })
    await world.control('/people', { token })
    await eventually(world, async () => (await world.callOf(roomName))?.status === 'answered')
    const call = await eventually(world, async () => {
      const row = await world.callOf(roomName)
      return row?.status === 'completed' && row
    })
    expect(Number(call.endedAt) - Number(call.answeredAt)).toBeGreaterThan(25_000)
  })

  it('is ended when the person who took it has closed the browser', async () => {
    const to = '+12125550108'
    const { who } = await world.addNumber(to, 'person')
    const roomName = await world.callIn({ from, to, talkMs: 3_600_000 })
    await eventually(world, async () => (await world.callOf(roomName))?.status === 'calling')
    const seat = await answerInboundCall({ ...world.deps, db: world.apiDeps.db }, who, { roomName })
    await world.control('/people', { token: seat.token })
    await eventually(world, async () => (await world.callOf(roomName))?.status === 'answered')
    await world.control('/people', { roomName, identity: seat.identity }, 'DELETE')
    // The usual look would be a quarter of a minute away.
    await world.db.execute(`update calls set check_at = permitted_at where room_name = '${roomName}'`)
    await eventually(world, async () => (await world.callOf(roomName))?.status === 'completed')
    const [witness] = world.simulator.ledger().calls.filter((each) => each.roomName === roomName)
    expect(witness).toMatchObject({ ending: 'hung_up', hungUpBy: 'api' })
  })

  it('that nobody answers is missed', async () => {
    const to = '+12125550105'
    await world.addNumber(to, 'person')
    const roomName = await world.callIn({ from, to, patienceMs: 8_000 })
    expect(await settled(roomName)).toMatchObject({ status: 'failed', disposition: 'no_answer', answeredAt: null })
  })

  it('is let go when it has rung for too long', async () => {
    const to = '+12125550109'
    await world.addNumber(to, 'person')
    const roomName = await world.callIn({ from, to, patienceMs: 3_600_000 })
    await eventually(world, async () => (await world.callOf(roomName))?.status === 'calling')
    await sweep(world.deps, new Date(world.clock.now().getTime() + 3_000_000))
    expect(await settled(roomName)).toMatchObject({ status: 'failed', disposition: 'no_answer' })
    const [witness] = world.simulator.ledger().calls.filter((each) => each.roomName === roomName)
    expect(witness).toMatchObject({ ending: 'canceled', hungUpBy: 'api' })
  })

  it('gets its agent from the sweep where the first request got lost', async () => {
    const to = '+12125550106'
    await world.addNumber(to)
    await world.control('/faults', { on: 'CreateDispatch', action: '5xx', when: 'before', count: 1 })
    const roomName = await world.callIn({ from, to, outcome: 'interested', talkMs: 20_000, patienceMs: 600_000 })
    expect(await settled(roomName)).toMatchObject({ status: 'completed', outcome: 'interested' })
    expect(world.simulator.ledger().calls.filter((each) => each.roomName === roomName)).toHaveLength(1)
  })

  it('in somebody else’s room is none of ours', async () => {
    const { inbound } = world.deps.livekit
    const { livekitTrunkId } = await inbound.createTrunk({ name: 'By hand', numbers: ['+12125550107'] })
    await inbound.createRule({ name: 'By hand', livekitTrunkIds: [livekitTrunkId] })
    const roomName = await world.callIn({ from, to: '+12125550107', patienceMs: 2_000 })
    await eventually(world, async () =>
      world.simulator.ledger().calls.some((each) => each.roomName === roomName && each.ended),
    )
    expect(await world.callOf(roomName)).toBeUndefined()
  })
})

describe('the events of a call that came in, in any order', () => {
  let world: WebhooksWorld
  beforeAll(async () => {
    world = await openWebhooksWorld()
    const { who, assistantId } = await addWorkspace(world)
    const number = { workspaceId: who.workspaceId, assistantId, phoneNumber: '+12125550100' }
    const onLiveKit = { livekitInboundTrunkId: 'ST_in', livekitDispatchRuleId: 'SDR_1' }
    await inWorkspace(world.apiDeps.db, who.workspaceId, (tx) =>
      tx.insert(phoneNumbers).values({ ...number, ...onLiveKit }),
    )
  })
  afterAll(() => world.close())

  const seconds = (offset: number) => String(noon.getTime() / 1_000 + offset)
  const events = {
    joined: (room: object) => ({
      event: 'participant_joined',
      createdAt: seconds(0),
      room,
      participant: caller('ringing'),
    }),
    agent: (room: object) => ({
      ...{ event: 'participant_joined', createdAt: seconds(2), room },
      participant: { sid: 'PA_2', identity: 'agent-AJ_1', kind: 'AGENT', joinedAtMs: String(noon.getTime() + 2_000) },
    }),
    left: (room: object) => ({
      ...{ event: 'participant_left', createdAt: seconds(60), room },
      participant: { ...caller('hangup'), state: 'DISCONNECTED', disconnectReason: 'CLIENT_INITIATED' },
    }),
    finished: (room: object) => ({ event: 'room_finished', createdAt: seconds(61), room }),
  }

  function caller(callStatus: string) {
    const ids = { 'sip.callID': 'SCL_1', 'sip.trunkID': 'ST_in', 'sip.ruleID': 'SDR_1', 'sip.phoneNumber': from }
    const attributes = { ...ids, 'sip.trunkPhoneNumber': '+12125550100', 'sip.callStatus': callStatus }
    return { sid: 'PA_1', identity: `sip_${from}`, kind: 'SIP', joinedAtMs: String(noon.getTime()), attributes }
  }

  async function hear(names: (keyof typeof events)[]) {
    const room = { name: `inbound-_${from}_${crypto.randomUUID()}`, sid: 'RM_1' }
    world.clock.at = new Date(noon.getTime() + 62_000)
    for (const name of names) {
      const event = { ...events[name](room), id: `EV_${crypto.randomUUID()}` }
      const answer = await world.post('/api/livekit/webhook', await livekitEvent(event))
      expect(answer.status).toBe(200)
    }
    const row = one((await world.db.select().from(calls)).find((call) => call.roomName === room.name))
    const { status, disposition, phoneNumber, fromNumber, permittedAt, answeredAt, endedAt, legEnd } = row
    return { status, disposition, phoneNumber, fromNumber, permittedAt, answeredAt, endedAt, legEnd }
  }

  const all = Object.keys(events) as (keyof typeof events)[]
  const orders = permutations(all).filter((order) => {
    // Nobody is sent for before the caller was heard of.
    const first = Math.min(order.indexOf('joined'), order.indexOf('left'))
    return order.indexOf('agent') > first
  })

  it.each(orders)('%s, %s, %s, %s', async (...order) => {
    const record = await hear(order)
    expect(record).toMatchObject({
      ...{ status: 'completed', disposition: 'completed', phoneNumber: from, fromNumber: '+12125550100' },
      ...{
        permittedAt: noon,
        answeredAt: new Date(noon.getTime() + 2_000),
        endedAt: new Date(noon.getTime() + 60_000),
      },
    })
    expect(await hear([...order, ...order])).toEqual(record)
  })
})

function permutations<T>(list: T[]): T[][] {
  if (list.length < 2) return [list]
  return list.flatMap((one, index) => permutations(list.toSpliced(index, 1)).map((rest) => [one, ...rest]))
}
