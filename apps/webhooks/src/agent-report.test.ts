import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import { dialCall } from '@outdial/dialing/dial/dial-call'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  noon,
  one,
  permitAll,
  start,
  tell,
  type Workspace,
} from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  agentReport,
  callOf,
  dialedCall,
  openWebhooksWorld,
  suppressedIn,
  traces,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.clock.at = after(30_000)
})

const said = '2026-03-02T12:00:29+00:00'
const report = { id: 'r1', at: said, outcome: 'interested', summary: 'Wants a demo.' }
const send = (callId: string, body: Record<string, unknown>, token?: string) =>
  world.post(...agentReport(callId, body, token))

describe('POST {report.url}', () => {
  it('keeps what the agent tells, and applies it before it answers', async () => {
    const { callId } = await dialedCall(world)
    await tell(world, callId, { kind: 'answered', at: after(5_000) })
    const transcript = [{ speaker: 'agent', text: 'Hello\0!', at: '2026-03-02T12:00:06Z' }]
    const answers = { 'How many?': 2, 'When\0?': { day: 'monday' } }
    expect(await send(callId, { ...report, answers, transcript })).toMatchObject({
      ...{ status: 202, body: { status: 'recorded' } },
    })
    expect(await callOf(world, callId)).toMatchObject({
      ...{ status: 'answered', outcome: 'interested', summary: 'Wants a demo.', reportedAt: after(29_000) },
      answers: { 'How many?': 2, 'When?': { day: 'monday' } },
      transcript: [{ speaker: 'agent', text: 'Hello!', at: '2026-03-02T12:00:06.000Z' }],
    })
  })

  it('is stored once, however often the agent says it', async () => {
    const { callId } = await dialedCall(world)
    await send(callId, report)
    const before = await traces(world)
    expect(await send(callId, { ...report, outcome: 'not_interested' })).toMatchObject({ body: { status: 'repeated' } })
    expect(await traces(world)).toEqual(before)
  })

  it('may tell of a voicemail, and later of the rest', async () => {
    const { callId } = await dialedCall(world)
    await send(callId, { id: 'machine', at: said, outcome: 'voicemail' })
    await send(callId, { id: 'end', at: '2026-03-02T12:00:40Z', summary: 'A machine.', answers: {} })
    expect(await callOf(world, callId)).toMatchObject({ outcome: 'voicemail', summary: 'A machine.' })
  })

  it('is refused with the token of another call, with a changed one and without, and leaves no trace', async () => {
    const [mine, other] = [await dialedCall(world), await dialedCall(world)]
    const [, { headers }] = agentReport(mine.callId, report)
    const [, { headers: others }] = agentReport(other.callId, report)
    const before = await traces(world)
    for (const authorization of [others.authorization, `${headers.authorization}x`, 'Bearer x', '', undefined]) {
      const [path, request] = agentReport(mine.callId, report)
      const { authorization: _, ...rest } = request.headers
      const sent = { ...request, headers: { ...rest, ...(authorization === undefined ? {} : { authorization }) } }
      expect(await world.post(path, sent)).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
    }
    expect(await traces(world)).toEqual(before)
  })

  let deep: unknown = 'x'
  for (let i = 0; i < 20; i++) deep = [deep]

  it.each<[string, Record<string, unknown>]>([
    ['id', { id: '' }],
    ['at', { at: 'yesterday' }],
    ['at', { at: '0000-01-01T00:00:00Z' }],
    ['outcome', { outcome: 'sold' }],
    ['callbackAt', { callbackAt: '2026-03-02' }],
    ['summary', { summary: 'x'.repeat(10_001) }],
    ['answers', { answers: { deep } }],
    ['answers', { answers: { long: 'x'.repeat(100_001) } }],
    ['transcript.0.speaker', { transcript: [{ speaker: 'dog', text: 'x', at: said }] }],
  ])('names %s where it does not fit, and leaves no trace', async (field, changes) => {
    const { callId } = await dialedCall(world)
    const before = await traces(world)
    expect(await send(callId, { ...report, ...changes })).toMatchObject({
      ...{ status: 400, type: 'application/problem+json', body: { errors: [{ field }] } },
    })
    expect(await traces(world)).toEqual(before)
  })

  it('is refused where it is no JSON, or about no call', async () => {
    const { callId } = await dialedCall(world)
    const [path, { headers }] = agentReport(callId, report)
    for (const body of ['', '{', '[]', '['.repeat(200_000)]) {
      expect(await world.post(path, { headers, body })).toMatchObject({ status: 400 })
    }
    expect(await send(crypto.randomUUID(), report)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })
})

describe('who asks not to be called again during the call', () => {
  const number = '+14155550123'
  const limits = { callsPerSecond: 1_000, maxConcurrency: 1_000 }

  /** A campaign that has started; of `known` or a workspace of its own. */
  async function campaignOf(known?: Workspace, trunkSettings = {}) {
    const workspace = known ?? (await addWorkspace(world, { ...limits, ...trunkSettings }))
    const { campaignId } = await addCampaign(world, workspace, { contacts: [number] })
    await start(world, workspace, campaignId)
    const claim = () => claimForLane(world.deps, { trunkId: workspace.trunkId, now: after(31_000) })
    return { workspace, campaignId, claim }
  }

  it('is suppressed before the call has ended, in every campaign of the workspace and in no other workspace', async () => {
    const first = await campaignOf()
    const strangers = await campaignOf()
    // This one has claimed the number as well and is about to dial it; another has not looked at it yet.
    const claimed = await campaignOf(first.workspace)
    await claimForLane(world.deps, { trunkId: first.workspace.trunkId, now: noon })
    const callId = one((await permitAll(world, first.campaignId, noon))[0])
    await tell(world, callId, { kind: 'answered', at: after(5_000) }, { kind: 'agent_joined', at: after(5_000) })
    const waiting = await campaignOf(first.workspace)

    const answer = await send(callId, { id: 'opt-out', at: said, outcome: 'do_not_call' })

    expect(answer).toMatchObject({ status: 202, body: { status: 'recorded' } })
    expect(await callOf(world, callId)).toMatchObject({ status: 'answered', outcome: 'do_not_call', endedAt: null })
    expect(await suppressedIn(world, first.workspace)).toMatchObject([{ phoneNumber: number, source: 'call', callId }])
    expect(await suppressedIn(world, strangers.workspace)).toEqual([])
    const pending = one((await callsOf(world, { campaignId: claimed.campaignId, status: 'pending' }))[0])
    const clock = { now: () => after(32_000), realNow: () => new Date(), realDelayUntil: () => 0 }
    expect(await dialCall(world.deps, { callId: pending.id, clock })).toBe('refused')
    expect(await callOf(world, pending.id)).toMatchObject({ status: 'failed', disposition: 'canceled', dialedAt: null })
    await waiting.claim()
    for (const { campaignId } of [claimed, waiting]) {
      expect(await callsOf(world, { campaignId, status: 'pending' })).toEqual([])
      expect(await contactsOf(world, campaignId)).toMatchObject([{ state: 'finished', finishReason: 'suppressed' }])
    }
    await strangers.claim()
    expect(await permitAll(world, strangers.campaignId, after(32_000))).toHaveLength(1)
  })

  it('stays so, whatever is reported later', async () => {
    const { callId, workspace } = await dialedCall(world)
    await send(callId, { id: 'opt-out', at: said, outcome: 'do_not_call' })
    await send(callId, { id: 'end', at: '2026-03-02T12:01:00Z', outcome: 'interested' })
    expect((await callOf(world, callId)).outcome).toBe('do_not_call')
    expect(await suppressedIn(world, workspace)).toHaveLength(1)
  })
})
