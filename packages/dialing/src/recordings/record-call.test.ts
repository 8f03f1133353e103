/**
 * Recordings against the simulator, which records, uploads and checks signatures as LiveKit and a storage do. No webhook
 * arrives here: what is known comes from asking, as after an outage.
 */
import { calls } from '@outdial/database/schema/calls'
import type { campaigns } from '@outdial/database/schema/campaigns'
import { recordings } from '@outdial/database/schema/recordings'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import type { Deps } from '../deps.ts'
import { dialCall } from '../dial/dial-call.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  livekitKeys,
  noon,
  one,
  permitAll,
  start,
  tell,
} from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { recordCall } from './record-call.ts'
import { createRecorder, type RecordingSettings } from './recorder.ts'
import { tendRecordings } from './tend-recordings.ts'

const clock = { now: () => after(11_000), realNow: () => new Date(), realDelayUntil: () => 0 }
const patience = { timeout: 10_000 }

let world: SimulatedWorld
beforeAll(async () => {
  world = await openSimulatedWorld({ speed: 8 })
})
afterAll(() => world.close())

function recording(changes: Partial<RecordingSettings> = {}, livekitUrl = world.simulator.url): Deps {
  const storage = { bucket: 'calls', accessKey: 'AK', secretKey: 'SK', region: 'eu-central-1' }
  const settings = {
    ...{ when: 'always' as const, keyPrefix: 'outdial/' },
    bucket: { ...storage, endpoint: `${world.simulator.url}/_s3` },
    ...changes,
  }
  return { ...world.deps, recorder: createRecorder(settings, { livekit: { url: livekitUrl, ...livekitKeys }, clock }) }
}

async function claimed(number: string, settings: Partial<typeof campaigns.$inferInsert> = {}): Promise<string> {
  const workspace = await addWorkspace(world, { callsPerSecond: 1_000, maxConcurrency: 10 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: [number], settings })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return one((await callsOf(world, { campaignId }))[0]).id
}

/** A conversation in the books only: LiveKit has no room of it. */
async function talking(settings: Partial<typeof campaigns.$inferInsert> = {}): Promise<string> {
  const callId = await claimed('+15005550018', settings)
  const call = one((await callsOf(world)).find(({ id }) => id === callId))
  await permitAll(world, call.campaignId ?? '', noon)
  await tell(world, callId, { kind: 'answered', at: after(5_000) })
  return callId
}

const recordingOf = async (callId: string) =>
  (await world.db.select().from(recordings).where(eq(recordings.callId, callId)))[0]

describe('a conversation that is to be recorded', () => {
  it('is recorded from the answer on, and can be listened to and deleted when it is over', async () => {
    const deps = recording()
    const callId = await claimed('+15005550018')
    expect(await dialCall(deps, { callId, clock })).toBe('answered')
    const started = one(await recordingOf(callId))
    const { workspaceId } = started
    expect(started).toMatchObject({
      ...{ id: callId, status: 'starting', externalId: expect.stringMatching(/^EG_/), bucket: 'calls' },
      fileKey: `outdial/${workspaceId}/2026/03/02/${callId}.ogg`,
    })

    const roomName = `call-${callId}`
    let seconds = 60
    const statusLater = async () => {
      seconds += 400
      await tendRecordings(deps, after(seconds * 1_000))
      return (await recordingOf(callId))?.status
    }
    await vi.waitFor(async () => expect(await statusLater()).toBe('recording'), patience)
    await world.deps.livekit.hangUp(roomName)
    await vi.waitFor(async () => expect(await statusLater()).toBe('complete'), patience)
    const done = one(await recordingOf(callId))
    expect(done).toMatchObject({ error: null, tryAt: null, durationMs: expect.any(Number), endedAt: expect.any(Date) })

    const file = { bucket: 'calls', fileKey: done.fileKey ?? '' }
    const link = deps.recorder?.files.linkTo(file, { expiresInSeconds: 60, fileName: 'call.ogg' })
    const listened = await fetch(link?.url ?? '')
    expect([listened.status, listened.headers.get('content-type')]).toEqual([200, 'audio/ogg'])
    expect((await listened.arrayBuffer()).byteLength).toBe(done.sizeBytes)
    expect((await fetch(link?.url.replace(callId, crypto.randomUUID()) ?? '')).status).toBe(404)
    expect((await fetch(link?.url.replace('Expires=60', 'Expires=61') ?? '')).status).toBe(403)

    await world.db.update(recordings).set({ deleteRequestedAt: noon, tryAt: noon }).where(eq(recordings.id, callId))
    await tendRecordings(deps, after(1_000))
    expect(await recordingOf(callId)).toMatchObject({ status: 'deleted', deletedAt: after(1_000), location: null })
    expect((await fetch(link?.url ?? '')).status).toBe(404)
  })

  it('is recorded once, whoever notices first', async () => {
    const deps = recording()
    const callId = await claimed('+15005550018')
    await dialCall(world.deps, { callId, clock })
    await Promise.all([
      tendRecordings(deps, after(12_000)),
      recordCall(deps, { callId, now: after(12_000) }),
      tendRecordings(deps, after(12_000)),
    ])
    expect(await recordingOf(callId)).toMatchObject({ status: 'starting', tries: 1 })
    const found = await deps.recorder?.egress.find({ roomName: `call-${callId}`, now: noon })
    expect(found).toHaveLength(1)
  })

  it('is not begun again after a start of which no answer came', async () => {
    const deps = recording()
    const callId = await claimed('+15005550018')
    await world.teach('faults', { on: 'StartRoomCompositeEgress', action: 'reset', when: 'after', count: 1 })
    await dialCall(deps, { callId, clock })
    expect(await recordingOf(callId)).toMatchObject({ status: 'wanted', externalId: null })
    await tendRecordings(deps, after(60_000))
    expect(await recordingOf(callId)).toMatchObject({ status: expect.stringMatching(/starting|recording/), tries: 2 })
    expect(await deps.recorder?.egress.find({ roomName: `call-${callId}`, now: noon })).toHaveLength(1)
  })

  it('is begun again after a start that LiveKit refused for the moment', async () => {
    const deps = recording()
    const callId = await claimed('+15005550018')
    await world.teach('faults', { on: 'StartRoomCompositeEgress', action: '5xx', when: 'before', count: 1 })
    await dialCall(deps, { callId, clock })
    expect(await recordingOf(callId)).toMatchObject({ status: 'wanted' })
    await tendRecordings(deps, after(60_000))
    expect(await recordingOf(callId)).toMatchObject({ status: 'starting', tries: 2, error: null })
  })

  it('is given up where its room is gone, and says so', async () => {
    const callId = await talking()
    await recordCall(recording(), { callId, now: after(6_000) })
    expect(await recordingOf(callId)).toMatchObject({
      status: 'failed',
      error: 'LiveKit did not start it (not_found).',
      tryAt: null,
    })
  })

  it('is given up where LiveKit never started it before the call ended', async () => {
    const callId = await talking()
    const away = recording({}, 'http://127.0.0.1:9')
    await recordCall(away, { callId, now: after(6_000) })
    expect(await recordingOf(callId)).toMatchObject({ status: 'wanted' })
    await tell(world, callId, { kind: 'leg_left', at: after(9_000), reason: 'left', wasAnswered: true })
    await tendRecordings(recording(), after(60_000))
    expect(await recordingOf(callId)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('ended before'),
    })
  })
})

describe('whether a conversation is recorded', () => {
  it.each([
    ['always', null, undefined, true],
    ['always', false, undefined, false],
    ['always', false, true, true],
    ['always', true, false, false],
    ['always', null, 'no', true],
    ['on-request', null, undefined, false],
    ['on-request', true, undefined, true],
    ['on-request', null, true, true],
    ['never', true, true, false],
  ] as const)('installation: %s, campaign: %s, call: %s → %s', async (when, ofCampaign, ofCall, isRecorded) => {
    const callId = await talking({ recording: ofCampaign, metadata: ofCall === undefined ? {} : { recording: ofCall } })
    await recordCall(recording({ when }), { callId, now: after(6_000) })
    expect((await recordingOf(callId)) !== undefined).toBe(isRecorded)
    await world.db
      .update(calls)
      .set({ checkAt: after(7_000) })
      .where(eq(calls.id, callId))
  })

  it('does not matter where there is no storage', async () => {
    const callId = await talking({ recording: true })
    await recordCall(world.deps, { callId, now: after(6_000) })
    await tendRecordings(world.deps, after(6_000))
    expect(await recordingOf(callId)).toBeUndefined()
  })
})
