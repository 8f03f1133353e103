import { calls } from '@outdial/database/schema/calls'
import { suppressions } from '@outdial/database/schema/contacts'
import { auditLog } from '@outdial/database/schema/workspaces'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  noon,
  permitAll,
  runtimeOf,
  start,
  tell,
  type Workspace,
} from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, cursorOf, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

const initiate = (changes: Record<string, unknown> = {}) =>
  client.send('POST', '/outbound-calls/initiate', {
    json: { phoneNumber: '+15551230000', assistantId: workspace.assistantId, ...changes },
  })

/** Calls of a campaign that were dialed, in the order of their ids. */
async function dialedCalls(contacts: number): Promise<{ campaignId: string; ids: string[] }> {
  const { campaignId } = await addCampaign(world, workspace, { contacts })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const ids = await permitAll(world, campaignId, noon)
  return { campaignId, ids }
}

async function talk(callId: string): Promise<void> {
  await tell(world, callId, { kind: 'answered', at: after(5_000) })
  await tell(world, callId, { kind: 'leg_left', at: after(35_000), reason: 'left', wasAnswered: true })
}

describe('POST /outbound-calls/initiate', () => {
  it('takes any number of possible length, and answers with the waiting call', async () => {
    for (const phoneNumber of ['+15551230000', '+15550200000', '+44 20 7946 0018']) {
      const answer = await initiate({ phoneNumber, contactName: 'Ann', metadata: { order: 7 } })
      expect(answer).toMatchObject({
        status: 201,
        body: { origin: 'single', status: 'pending', phoneNumber: phoneNumber.replaceAll(' ', ''), contactName: 'Ann' },
      })
    }
  })

  it.each([
    [{ phoneNumber: '0612345678' }, 422, 'phoneNumber'],
    [{ phoneNumber: '+1' }, 422, 'phoneNumber'],
    [{ phoneNumber: 7 }, 400, 'phoneNumber'],
    [{ assistantId: 'x' }, 400, 'assistantId'],
    [{ trunkId: crypto.randomUUID() }, 422, 'trunkId'],
    [{ metadata: { note: 'x'.repeat(20_000) } }, 400, 'metadata'],
    [{ metadata: 'x' }, 400, 'metadata'],
    [{ to: '+15551230000' }, 400, 'to'],
  ])('refuses %j and names the field', async (changes, status, field) => {
    expect(await initiate(changes)).toMatchObject({ status, body: { errors: [{ field }] } })
  })

  it('refuses a suppressed number', async () => {
    await client.send('POST', '/suppressions', { json: { phoneNumber: '+15551230000' } })
    expect(await initiate()).toMatchObject({ status: 422, body: { errors: [{ code: 'suppressed' }] } })
  })

  it.each(['assistantId', 'campaignId'])('answers 404 for a foreign %s', async (field) => {
    expect((await initiate({ [field]: crypto.randomUUID() })).status).toBe(404)
  })
})

describe('GET /outbound-calls/:id', () => {
  it('has all that is known, and what happened in its order', async () => {
    const { ids } = await dialedCalls(1)
    const id = ids[0] ?? ''
    const transcript = [{ speaker: 'agent' as const, text: 'Hello', at: after(6_000) }]
    await tell(world, id, { kind: 'ringing', at: after(2_000) }, { kind: 'answered', at: after(5_000) })
    await tell(world, id, {
      kind: 'agent_report',
      at: after(30_000),
      outcome: 'callback',
      summary: 'Later',
      transcript,
    })
    await tell(world, id, { kind: 'leg_left', at: after(35_000), reason: 'left', wasAnswered: true })
    const { body, status } = await client.send('GET', `/outbound-calls/${id}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'completed',
      disposition: 'completed',
      outcome: 'callback',
      summary: 'Later',
      durationSeconds: 30,
      transcript: [{ speaker: 'agent', text: 'Hello' }],
    })
    const timeline = body.timeline as { event: string; details: object }[]
    const order = ['created', 'dialed', 'ringing', 'answered', 'agent_report', 'ended', 'leg_left']
    expect(timeline.map((entry) => entry.event)).toEqual(order)
    expect(timeline[4]?.details).toEqual({ outcome: 'callback', summary: 'Later' })
  })
})

describe('PUT /outbound-calls/:id/outcome', () => {
  const say = (id: string, json: object) => client.send('PUT', `/outbound-calls/${id}/outcome`, { json })

  it('is set at once, with who said it in the timeline and the audit log', async () => {
    const { ids } = await dialedCalls(1)
    const id = ids[0] ?? ''
    await talk(id)
    const { body, status } = await say(id, { outcome: 'interested', summary: 'Wants two' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ outcome: 'interested', summary: 'Wants two' })
    expect(body.timeline).toContainEqual(expect.objectContaining({ event: 'agent_report', source: 'person' }))
    const log = await world.db.select().from(auditLog)
    expect(log).toContainEqual(expect.objectContaining({ action: 'call.outcome_set', entityId: id }))
  })

  it('suppresses a number that must not be called, for good', async () => {
    const { ids } = await dialedCalls(1)
    const id = ids[0] ?? ''
    await talk(id)
    const { body } = await say(id, { outcome: 'do_not_call' })
    const forbidden = await world.db.select().from(suppressions)
    expect(forbidden).toContainEqual(expect.objectContaining({ phoneNumber: body.phoneNumber, source: 'call' }))
    expect(await say(id, { outcome: 'interested' })).toMatchObject({ status: 409, body: { code: 'outcome_is_final' } })
  })

  it('calls back then, also where the contact was finished already', async () => {
    const { campaignId, ids } = await dialedCalls(2)
    const id = ids[0] ?? ''
    await talk(id)
    await tell(world, id, { kind: 'settle', at: after(60_000) })
    expect((await runtimeOf(world, campaignId)).contactsFinished).toBe(1)
    const callbackAt = after(3_600_000).toISOString()
    world.clock.at = after(120_000)
    expect(await say(id, { outcome: 'callback', callbackAt })).toMatchObject({ status: 200, body: { callbackAt } })
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsFinished: 0, contactsWaiting: 1 })
    const waiting = (await contactsOf(world, campaignId)).filter((contact) => contact.state === 'waiting')
    expect(waiting).toEqual([expect.objectContaining({ dueAt: new Date(callbackAt), finishReason: null })])
  })

  it('does not call back where the campaign is stopped', async () => {
    const { campaignId, ids } = await dialedCalls(1)
    await talk(ids[0] ?? '')
    await tell(world, ids[0] ?? '', { kind: 'settle', at: after(60_000) })
    await client.send('POST', `/campaigns/${campaignId}/stop`)
    await say(ids[0] ?? '', { outcome: 'callback', callbackAt: after(3_600_000).toISOString() })
    expect((await runtimeOf(world, campaignId)).contactsWaiting).toBe(0)
  })

  it('is refused for a call that was not dialed', async () => {
    const id = idOf(await initiate())
    expect(await say(id, { outcome: 'voicemail' })).toMatchObject({ status: 409, body: { code: 'not_dialed' } })
  })

  it.each([
    [{}, 'outcome'],
    [{ outcome: 'delighted' }, 'outcome'],
    [{ outcome: 'interested', callbackAt: '2026-03-02T13:00:00Z' }, 'callbackAt'],
    [{ outcome: 'callback', callbackAt: 'tomorrow' }, 'callbackAt'],
    [{ outcome: 'callback', callbackAt: '2026-03-02T13:00:00' }, 'callbackAt'],
  ])('refuses %j and names the field', async (json, field) => {
    const id = idOf(await initiate())
    expect(await say(id, json)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})

describe('POST /outbound-calls/:id/hangup', () => {
  it('cancels a call that waits; repeating changes nothing', async () => {
    const id = idOf(await initiate())
    for (const _ of [1, 2]) {
      expect(await client.send('POST', `/outbound-calls/${id}/hangup`)).toMatchObject({
        status: 200,
        body: { status: 'failed', disposition: 'canceled' },
      })
    }
  })

  it('says that LiveKit is away where a live call cannot be hung up', async () => {
    const { ids } = await dialedCalls(1)
    const answer = await client.send('POST', `/outbound-calls/${ids[0]}/hangup`)
    expect(answer).toMatchObject({ status: 503, body: { code: expect.stringMatching(/^livekit_/) } })
    expect(answer.headers.get('retry-after')).toBe('5')
  })
})

describe('POST /outbound-calls/:id/transfer', () => {
  const transfer = (id: string, json: object = { transferTarget: '+12125550199' }) =>
    client.send('POST', `/outbound-calls/${id}/transfer`, { json })

  it('is refused for a call that is over', async () => {
    const { ids } = await dialedCalls(1)
    await talk(ids[0] ?? '')
    expect(await transfer(ids[0] ?? '')).toMatchObject({ status: 409, body: { code: 'call_is_over' } })
  })

  it('says that LiveKit is away', async () => {
    const { ids } = await dialedCalls(1)
    const answer = { status: 503, body: { code: expect.stringMatching(/^livekit_/) } }
    expect(await transfer(ids[0] ?? '')).toMatchObject(answer)
  })

  it.each([
    [{}, 422, 'transferTarget'],
    [{ transferTarget: 'the desk' }, 422, 'transferTarget'],
    [{ transfer_target: '12' }, 422, 'transferTarget'],
    [{ transferTarget: '+12125550199', sipHeaders: { 'X-Twilio-A': 'b' } }, 422, 'sipHeaders'],
    [{ transferTarget: '' }, 400, 'transferTarget'],
    [{ to: '+12125550199' }, 400, 'to'],
  ])('refuses %j and names the field', async (json, status, field) => {
    expect(await transfer(idOf(await initiate()), json)).toMatchObject({ status, body: { errors: [{ field }] } })
  })

  it('is 404 for a call that is not there', async () => {
    expect((await transfer(crypto.randomUUID())).status).toBe(404)
  })
})

describe('GET /calls', () => {
  const idsOf = async (path: string) => {
    const { body, status } = await client.send('GET', path)
    expect(status).toBe(200)
    return (body.data as { id: string }[]).map((call) => call.id)
  }

  it('filters, and pages newest first', async () => {
    const { campaignId, ids } = await dialedCalls(3)
    const single = idOf(await initiate())
    const [first = '', second = '', third = ''] = ids
    await talk(first)
    await tell(world, first, { kind: 'agent_report', at: after(40_000), outcome: 'interested' })
    const newest = [single, third, second, first]
    expect(await idsOf('/calls')).toEqual(newest)
    expect(await idsOf('/calls?status=completed')).toEqual([first])
    expect(await idsOf('/calls?disposition=completed')).toEqual([first])
    expect(await idsOf('/calls?outcome=interested')).toEqual([first])
    expect(await idsOf(`/calls?campaignId=${campaignId}`)).toEqual([third, second, first])
    expect(await idsOf(`/outbound-calls/campaign/${campaignId}`)).toEqual([third, second, first])
    expect(await idsOf('/calls?phoneNumber=%2B15551230000')).toEqual([single])
    expect(await idsOf('/calls?phoneNumber=+15551230000')).toEqual([single])
    expect(await idsOf('/calls?direction=inbound')).toEqual([])
    expect(await idsOf('/calls?direction=outbound&from=2026-03-02&to=2026-03-03')).toEqual(newest)
    expect(await idsOf('/calls?to=2026-03-02T12:00:00Z')).toEqual([])
    const page = await client.send('GET', '/calls?limit=3')
    expect(await idsOf(`/calls?limit=3&cursor=${cursorOf(page)}`)).toEqual([first])
  })

  it.each([
    'status=lost',
    'from=2026-02-30',
    'to=1500-01-01',
    'campaignId=x',
    'phoneNumber=0612',
    'format=pdf',
    'statuss=failed',
  ])('refuses %s and names the parameter', async (query) => {
    const answer = await client.send('GET', `/calls?${query}`)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: query.split('=')[0] }] } })
  })

  it('comes as CSV, by format or Accept, with nothing a spreadsheet would run', async () => {
    await initiate({ contactName: '=HYPERLINK("http://evil.example")' })
    await initiate({ contactName: 'Doe, "Jo"' })
    for (const answer of [
      await client.send('GET', '/calls?format=csv'),
      await client.send('GET', '/calls', { headers: { accept: 'text/csv' } }),
    ]) {
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
      expect(answer.headers.get('content-disposition')).toContain('calls.csv')
      const lines = answer.text.split('\r\n')
      expect(lines).toHaveLength(4)
      expect(lines[0]).toMatch(/^id,direction,campaignId,contactName,phoneNumber,/)
      expect(answer.text).toContain(`"'=HYPERLINK(""http://evil.example"")"`)
      expect(answer.text).toContain('"Doe, ""Jo"""')
      expect(answer.text).toContain(",'+15551230000,")
    }
  })

  it('has all that match as CSV, however many', async () => {
    const shared = { workspaceId: workspace.who.workspaceId, origin: 'single' as const, phoneNumber: '+15551230000' }
    const rows = Array.from({ length: 2_500 }, () => ({ ...shared, roomName: crypto.randomUUID() }))
    await world.db.insert(calls).values(rows)
    const { text } = await client.send('GET', '/calls?format=csv&limit=1')
    expect(text.trim().split('\r\n')).toHaveLength(2_501)
    expect(await callsOf(world, {})).not.toEqual([])
  })
})
