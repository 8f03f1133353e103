import { calls, notices } from '@outdial/database/schema/calls'
import { noticeDeliveries, noticeEndpoints } from '@outdial/database/schema/notices'
import { recordings } from '@outdial/database/schema/recordings'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { archiveAssistant, changeAssistant, createAssistant } from '../assistants/assistants.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  noon,
  one,
  openWorld,
  permitAll,
  start,
  tell,
  type Workspace,
  type World,
} from '../testing.ts'
import { deliverNotices } from './deliver-notices.ts'
import { createEndpoint } from './endpoints.ts'
import { openReceiver, type Receiver } from './testing.ts'
import { writeNotices } from './write-notices.ts'

let world: World
let workspace: Workspace
let receiver: Receiver
let at: Date

beforeAll(async () => {
  world = await openWorld()
  receiver = await openReceiver()
})
afterAll(async () => {
  await receiver.close()
  await world.close()
})
beforeEach(async () => {
  at = noon
  receiver.received.length = 0
  await world.db.delete(noticeDeliveries)
  await world.db.delete(notices)
  workspace = await addWorkspace(world)
})

const inside = () => ({ ...world.deps, allowPrivateNotices: true })
const apiDeps = () => ({ ...world.apiDeps, allowPrivateNotices: true })
const deliver = () => deliverNotices(inside(), { now: () => at, realNow: () => new Date() })
const eventsOf = () => receiver.received.map(({ body }) => body.type)
const listen = (url = receiver.url) =>
  createEndpoint(apiDeps(), workspace.who, {
    ...{ url, events: null, description: '', active: true },
  })

/** A conversation that is over, and of which the customer is to be told. */
async function talkedCall(facts: Partial<typeof calls.$inferInsert> = {}): Promise<string> {
  const { workspaceId } = workspace.who
  const [call] = await world.db
    .insert(calls)
    .values({
      ...{ workspaceId, origin: 'single', assistantId: workspace.assistantId, trunkId: workspace.trunkId },
      ...{ phoneNumber: '+14155550123', fromNumber: '+14155550100', roomName: `room-${crypto.randomUUID()}` },
      ...{ contactName: 'Maria', metadata: { order: '17' }, startsAt: after(-95_000), permittedAt: after(-95_000) },
      ...{ status: 'completed', disposition: 'completed', outcome: 'interested', outcomeAt: noon },
      ...{ answeredAt: after(-90_000), agentJoinedAt: after(-89_000), endedAt: noon, settledAt: noon },
      ...{ summary: 'Wants it.', answers: { size: 'large' } },
      ...facts,
    })
    .returning()
  const callId = one(call).id
  const notice = { workspaceId, callId, event: 'call.ended', data: { call_id: callId, transcripts: ['copy'] } } as const
  await world.db.transaction((tx) => writeNotices(tx, [{ ...notice, now: at }]))
  return callId
}

const transcript = [
  { speaker: 'agent' as const, text: 'Hello, Maria?', at: after(-88_000) },
  { speaker: 'callee' as const, text: 'Yes.', at: after(-86_000) },
]

describe('the end of a call', () => {
  it('is told in the shape of end-call hooks, with all that is known of it', async () => {
    const assistantEndCallUrl = receiver.url
    const who = workspace.who
    const { assistantId } = workspace
    await changeAssistant(apiDeps(), who, { assistantId, changes: { assistantEndCallUrl } })
    const callId = await talkedCall({ transcript })
    const file = { source: 'livekit', externalId: 'EG_1', status: 'complete', fileKey: 'calls/1.ogg' } as const
    await world.db.insert(recordings).values({ workspaceId: who.workspaceId, callId, ...file })
    await deliver()
    const [call] = await world.db.select().from(calls).where(eq(calls.id, callId))
    expect(receiver.received.map(({ body }) => body)).toEqual([
      {
        success: true,
        message: 'The call has ended.',
        type: 'call.ended',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        data: {
          call_id: callId,
          campaign_id: null,
          direction: 'outbound',
          room_name: call?.roomName,
          assistant_id: assistantId,
          assistant_name: 'Ann',
          to_number: '+14155550123',
          from_number: '+14155550100',
          contact_name: 'Maria',
          status: 'completed',
          disposition: 'completed',
          outcome: 'interested',
          end_reason: null,
          recording_path: 'calls/1.ogg',
          transcripts: [
            { speaker: 'agent', text: 'Hello, Maria?', timestamp: after(-88_000).toISOString() },
            { speaker: 'callee', text: 'Yes.', timestamp: after(-86_000).toISOString() },
          ],
          started_at: after(-95_000).toISOString(),
          answered_at: after(-90_000).toISOString(),
          ended_at: noon.toISOString(),
          call_duration_minutes: 1.5,
          summary: 'Wants it.',
          answers: { size: 'large' },
          callback_at: null,
          metadata: { order: '17' },
        },
      },
    ])
    const [kept] = await world.db.select().from(notices).where(eq(notices.callId, callId))
    expect(kept?.data).toEqual({ call_id: callId })
  })

  it('waits for the transcript, and is told when it has come', async () => {
    await listen()
    const callId = await talkedCall()
    await deliver()
    at = after(20_000)
    await deliver()
    expect(eventsOf()).toEqual([])
    await world.db.update(calls).set({ transcript }).where(eq(calls.id, callId))
    at = after(22_000)
    await deliver()
    expect(receiver.received[0]?.body.data.transcripts).toHaveLength(2)
  })

  it('waits for the last wording of what is heard live', async () => {
    await listen()
    const line = { id: '1', speaker: 'agent' as const, text: 'Hel', at: noon.toISOString(), toldAt: noon.toISOString() }
    const callId = await talkedCall({ liveTranscript: [{ ...line, isFinal: false }] })
    await deliver()
    expect(eventsOf()).toEqual([])
    const liveTranscript = [{ ...line, text: 'Hello', isFinal: true }]
    await world.db.update(calls).set({ liveTranscript }).where(eq(calls.id, callId))
    at = after(3_000)
    await deliver()
    expect(receiver.received[0]?.body.data.transcripts).toMatchObject([{ text: 'Hello' }])
  })

  it('is told without a transcript that is half a minute late', async () => {
    await listen()
    await talkedCall()
    for (; at < after(29_000); at = after(1_000, at)) await deliver()
    expect(eventsOf()).toEqual([])
    at = after(31_000)
    await deliver()
    expect(receiver.received[0]?.body.data).toMatchObject({ transcripts: [], recording_path: null })
  })

  it('waits for a recording that is being made, two minutes at the longest', async () => {
    await listen()
    const recording = { workspaceId: workspace.who.workspaceId, source: 'livekit', status: 'recording' } as const
    const prompt = await talkedCall({ transcript })
    await world.db.insert(recordings).values({ ...recording, callId: prompt, externalId: 'EG_2' })
    const late = await talkedCall({ transcript })
    await world.db.insert(recordings).values({ ...recording, callId: late, externalId: 'EG_3' })
    await deliver()
    at = after(60_000)
    await deliver()
    expect(eventsOf()).toEqual([])
    const location = 'https://storage.example.com/2.ogg'
    await world.db
      .update(recordings)
      .set({ status: 'complete', location })
      .where(and(eq(recordings.callId, prompt)))
    at = after(63_000)
    await deliver()
    expect(receiver.received.map(({ body }) => body.data)).toMatchObject([
      { call_id: prompt, recording_path: location },
    ])
    at = after(121_000)
    await deliver()
    expect(receiver.received[1]?.body.data).toMatchObject({ call_id: late, recording_path: null })
  })

  it.each([
    ['nobody answered', { answeredAt: null, agentJoinedAt: null, status: 'failed', disposition: 'no_answer' }],
    ['no agent talked', { agentJoinedAt: null }],
    ['its words were deleted', { transcriptDeletedAt: noon }],
  ] as const)('waits for nothing when %s', async (_, facts) => {
    await listen()
    await talkedCall(facts)
    await deliver()
    expect(eventsOf()).toEqual(['call.ended'])
  })

  it('goes only to the end-call URL of its own assistant, and that hears of nothing else', async () => {
    const settings = {
      agentName: 'ann',
      prompt: '',
      greeting: '',
      aiDisclosure: '',
      questions: [],
      stt: {},
      llm: {},
      tts: {},
      trunkId: null,
    }
    const make = (name: string) =>
      createAssistant(apiDeps(), workspace.who, {
        ...{ ...settings, name, assistantEndCallUrl: `${receiver.url}/${name}` },
      })
    const [ann, bob] = [await make('ann'), await make('bob')]
    const callId = await talkedCall({ assistantId: bob.id, transcript })
    const { workspaceId } = workspace.who
    await world.db.transaction((tx) =>
      writeNotices(tx, [
        { workspaceId, event: 'call.answered', callId, data: {}, now: at },
        { workspaceId, event: 'campaign.paused', data: {}, now: at },
      ]),
    )
    await deliver()
    expect(receiver.received.map(({ path, body }) => [path, body.type])).toEqual([['/hook/bob', 'call.ended']])
    expect(receiver.received[0]?.body.data.assistant_name).toBe('bob')
    await archiveAssistant(world.apiDeps, workspace.who, { assistantId: bob.id })
    await changeAssistant(apiDeps(), workspace.who, { assistantId: ann.id, changes: { assistantEndCallUrl: null } })
    await talkedCall({ assistantId: ann.id, transcript })
    await talkedCall({ assistantId: bob.id, transcript })
    await deliver()
    expect(receiver.received).toHaveLength(1)
  })
})

describe('the URL of an assistant', () => {
  const ownEndpoint = async () =>
    one(
      (await world.db.select().from(noticeEndpoints).where(eq(noticeEndpoints.assistantId, workspace.assistantId)))[0],
    )
  const change = (assistantEndCallUrl: string | null) =>
    changeAssistant(apiDeps(), workspace.who, {
      ...{ assistantId: workspace.assistantId, changes: { assistantEndCallUrl } },
    })

  it('keeps its secret when it changes, goes and comes back', async () => {
    await change('https://one.example.com/')
    const first = await ownEndpoint()
    expect(first).toMatchObject({ url: 'https://one.example.com/', events: ['call.ended'], archivedAt: null })
    await change('https://two.example.com/')
    await change(null)
    expect(await ownEndpoint()).toMatchObject({ archivedAt: noon })
    await change('https://two.example.com/')
    expect(await ownEndpoint()).toMatchObject({
      ...{ id: first.id, secret: first.secret, url: 'https://two.example.com/', archivedAt: null },
    })
  })

  it('starts anew when it changes, and stays as it is when something else does', async () => {
    await change('https://one.example.com/')
    const failing = { failures: 3, failingSince: noon, switchedOffAt: noon, switchedOffReason: 'failing' }
    await world.db.update(noticeEndpoints).set(failing)
    await changeAssistant(apiDeps(), workspace.who, {
      ...{ assistantId: workspace.assistantId, changes: { greeting: 'Hello' } },
    })
    expect(await ownEndpoint()).toMatchObject(failing)
    await change('https://two.example.com/')
    expect(await ownEndpoint()).toMatchObject({ failures: 0, failingSince: null, switchedOffAt: null })
  })
})

it('tells the story of a campaign and its call as it happens', async () => {
  await listen()
  const { campaignId } = await addCampaign(world, workspace, { contacts: ['+14155550177'], settings: { retry: {} } })
  await start(world, workspace, campaignId)
  await deliver()
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const callId = one((await permitAll(world, campaignId, noon))[0])
  await deliver()
  await tell(world, callId, { kind: 'answered', at: after(8_000) })
  await tell(world, callId, { kind: 'agent_joined', at: after(9_000) })
  at = after(9_000)
  await deliver()
  await tell(world, callId, { kind: 'agent_report', at: after(60_000), outcome: 'interested', transcript })
  await tell(world, callId, {
    ...{ kind: 'leg_left', at: after(68_000), reason: 'left', wasAnswered: true },
  })
  at = after(69_000)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: at })
  await deliver()
  expect(eventsOf().slice(0, 3)).toEqual(['campaign.started', 'call.started', 'call.answered'])
  expect(eventsOf().slice(3).toSorted()).toEqual(['call.ended', 'call.outcome', 'campaign.completed'])
  for (const { body } of receiver.received) {
    expect(body.data.campaign_id).toBe(campaignId)
    const isOfCall = body.type.startsWith('call.')
    expect(body.data).toMatchObject(isOfCall ? { call_id: callId, assistant_name: 'Ann' } : { campaign_name: 'Spring' })
  }
  const ended = receiver.received.find(({ body }) => body.type === 'call.ended')
  expect(ended?.body.data).toMatchObject({ outcome: 'interested', disposition: 'completed', call_duration_minutes: 1 })
  expect(ended?.body.data.transcripts).toHaveLength(2)
})
