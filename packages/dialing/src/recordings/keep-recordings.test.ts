import { recordings } from '@outdial/database/schema/recordings'
import type { Signal } from '@outdial/policy/signal'
import { shownTranscript } from '@outdial/policy/transcript'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  noon,
  one,
  openWorld,
  permitAll,
  start,
  tell,
  type World,
} from '../testing.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function dialed(contacts: number): Promise<string[]> {
  const workspace = await addWorkspace(world, { callsPerSecond: 1_000, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return permitAll(world, campaignId, noon)
}

const recordingsOf = (callId: string) =>
  world.db.select().from(recordings).where(eq(recordings.callId, callId)).orderBy(recordings.externalId)

type Recording = Signal & { kind: 'recording' }
const egress = (seconds: number, changes: Partial<Recording>): Recording => ({
  ...{ kind: 'recording', at: after(seconds * 1_000), source: 'livekit', externalId: 'EG_1', status: 'starting' },
  ...changes,
})
const said = (seconds: number, line: { id: string; text: string; isFinal: boolean }): Signal => {
  const at = after(seconds * 1_000)
  return { kind: 'said', at, line: { ...line, speaker: 'callee', at } }
}

/** What a recorded conversation makes the outside say, in the order in which it happens. */
function storyOf(callId: string): Signal[] {
  const externalId = `EG_${callId}`
  const file = { externalId, fileKey: `${callId}.ogg`, startedAt: after(6_000) }
  const over = { endedAt: after(36_000), durationMs: 30_000, sizeBytes: 120_000, location: `s3://b/${callId}.ogg` }
  const transcript = [{ speaker: 'agent' as const, text: 'Hello', at: after(5_500) }]
  return [
    { kind: 'answered', at: after(5_000) },
    egress(5, file),
    egress(6, { ...file, status: 'recording' }),
    said(7, { id: 'SG_1', text: 'I would', isFinal: false }),
    said(8, { id: 'SG_1', text: 'I would like two.', isFinal: true }),
    said(9, { id: 'SG_2', text: 'Thank you.', isFinal: true }),
    { kind: 'agent_report', at: after(34_000), outcome: 'interested', transcript },
    { kind: 'leg_left', at: after(35_000), reason: 'left', wasAnswered: true },
    { kind: 'room_finished', at: after(35_000) },
    egress(37, { ...file, ...over, status: 'complete' }),
  ]
}

async function recordOf(callId: string) {
  const call = one((await callsOf(world)).find(({ id }) => id === callId))
  const { status, disposition, outcome, answeredAt, endedAt } = call
  const kept = (await recordingsOf(callId)).map(({ id: _, createdAt: __, workspaceId: ___, ...row }) => row)
  const shown = shownTranscript(call)
  const text = JSON.stringify({ status, disposition, outcome, answeredAt, endedAt, shown, kept })
  return JSON.parse(text.replaceAll(callId, 'CALL')) as Record<string, unknown>
}

describe('a recorded conversation', () => {
  it('gives the same record in whatever order its events come, and when they come twice', async () => {
    const [first = '', ...others] = await dialed(20)
    for (const signal of storyOf(first)) await tell(world, first, signal)
    const told = await recordOf(first)
    expect(told).toMatchObject({
      status: 'completed',
      outcome: 'interested',
      kept: [{ status: 'complete', fileKey: 'CALL.ogg', durationMs: 30_000, sizeBytes: 120_000, tryAt: null }],
      shown: [{ text: 'I would like two.' }, { text: 'Thank you.' }],
    })
    const orders = fc.sample(
      fc.shuffledSubarray([...storyOf('').keys(), ...storyOf('').keys()], { minLength: 2 * storyOf('').length }),
      { numRuns: others.length, seed: 7 },
    )
    for (const [n, callId] of others.entries()) {
      const story = storyOf(callId)
      for (const at of orders[n] ?? []) await tell(world, callId, one(story[at]))
      expect(await recordOf(callId), `order ${String(orders[n])}`).toEqual(told)
    }
  })
})

describe('a recording', () => {
  it('that was wanted here is recognised by its file before LiveKit’s id is known', async () => {
    const [callId = ''] = await dialed(1)
    const { workspaceId } = one((await callsOf(world)).find(({ id }) => id === callId))
    const wanted = { id: callId, callId, workspaceId, source: 'livekit', status: 'wanted', fileKey: 'a.ogg' } as const
    await world.db.insert(recordings).values({ ...wanted, bucket: 'b', tries: 1, tryAt: after(20_000) })
    await tell(world, callId, egress(5, { externalId: 'EG_other', fileKey: 'elsewhere.ogg' }))
    await tell(world, callId, egress(6, { externalId: 'EG_a', fileKey: 'a.ogg', status: 'recording' }))
    expect(await recordingsOf(callId)).toMatchObject([
      { id: callId, externalId: 'EG_a', status: 'recording', bucket: 'b', tryAt: after(20_000) },
      { externalId: 'EG_other', status: 'starting', bucket: null },
    ])
    await tell(world, callId, egress(7, { externalId: 'EG_a', status: 'failed', error: 'No space.' }))
    expect((await recordingsOf(callId))[0]).toMatchObject({ status: 'failed', error: 'No space.', tryAt: null })
  })

  it('moves nothing about its call', async () => {
    const [callId = ''] = await dialed(1)
    const before = one((await callsOf(world)).find(({ id }) => id === callId))
    await tell(world, callId, egress(5, { externalId: `EG_${callId}` }))
    expect(one((await callsOf(world)).find(({ id }) => id === callId))).toEqual(before)
  })
})
