/**
 * What a killed process leaves behind, and what the sweep makes of it. The simulator's ledger is the witness: it saw
 * every INVITE. No webhook arrives here, as if the webhooks process were down all the time.
 */
import { laneWakes } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { eventLog } from '@outdial/database/schema/event-log'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { applySignals } from '../calls/apply-signals.ts'
import { releaseCall } from '../calls/release-call.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { dialCall } from '../dial/dial-call.ts'
import { permitCall } from '../dial/permit.ts'
import { addCampaign, addWorkspace, after, callsOf, contactsOf, markDialed, noon, one, start } from '../testing.ts'
import { openSimulatedWorld, type SimulatedWorld } from '../testing-simulator.ts'
import { sweep } from './sweep.ts'

const patience = { timeout: 10_000 }
const clock = { now: () => after(11_000), realNow: () => new Date(), realDelayUntil: () => 0 }

let world: SimulatedWorld
beforeAll(async () => {
  // The telephone network runs faster than the dialer's clock, which stands: nobody waits long for it to ring.
  world = await openSimulatedWorld({ speed: 8 })
})
afterAll(() => world.close())

async function claimed(number: string, settings = {}) {
  const workspace = await addWorkspace(world, { callsPerSecond: 1000, maxConcurrency: 10 })
  const campaign = await addCampaign(world, workspace, { contacts: [number], settings })
  await start(world, workspace, campaign.campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return { workspace, ...campaign, callId: one((await callsOf(world, campaign))[0]).id }
}

async function sweepAt(now: Date) {
  const found = await sweep(world.deps, now)
  await applySignals(world.deps, now)
  return found
}

const read = async (campaignId: string) => ({
  call: one((await callsOf(world, { campaignId })).at(-1)),
  contact: one((await contactsOf(world, campaignId))[0]),
})
const invitesOf = (callId: string) =>
  world.simulator.ledger().calls.filter((call) => call.roomName === `call-${callId}`)

/** The request to LiveKit leaves, and the process that sent it is never heard of again. */
async function dialAndVanish(callId: string, to: string) {
  await permitCall(world.deps, { callId, now: noon })
  await markDialed(world, callId, noon)
  const { livekit } = world.deps
  const room = { metadata: '{}', emptyTimeoutMs: 120_000, departureTimeoutMs: 10_000, maxParticipants: 1 }
  await livekit.createRoom({ roomName: `call-${callId}`, agent: { name: 'ann', metadata: '{}' }, ...room })
  const leg = { roomName: `call-${callId}`, livekitTrunkId: 'ST_test', to, identity: `callee-${callId}` }
  void livekit.dial({ ...leg, ringTimeoutMs: 30_000, waitUntilAnswered: true })
  await vi.waitFor(() => expect(invitesOf(callId)).toHaveLength(1), patience)
}

describe('the sweep', () => {
  it('delivers a claimed call whose job was lost, and the call is dialed once', async () => {
    const { campaignId, callId } = await claimed('+15005550001')
    expect((await sweep(world.deps, after(5_000))).dials).toBeGreaterThan(0)
    await Promise.all([1, 2, 3].map(() => dialCall(world.deps, { callId, clock })))
    await applySignals(world.deps, clock.now())
    expect(invitesOf(callId)).toHaveLength(1)
    expect((await read(campaignId)).call.answeredAt).not.toBeNull()
  })

  it('takes a call back whose job is held by a dead worker, so that its contact is claimed again', async () => {
    const { campaignId, callId } = await claimed('+15005550001')
    await sweepAt(after(10_000))
    const [call] = await world.db.select().from(calls).where(eq(calls.id, callId))
    expect(call).toMatchObject({ status: 'failed', disposition: 'canceled', burned: false })
    const { contact, call: next } = await read(campaignId)
    expect(contact).toMatchObject({ state: 'claimed', attempts: 0, callId: next.id })
    expect(next.id).not.toBe(callId)
    await dialCall(world.deps, { callId, clock })
    expect(invitesOf(callId)).toHaveLength(0)
  })

  it('claims by itself where ticks go to a dead scheduler', async () => {
    const { workspace, campaignId } = await claimed('+15005550001')
    const claims = () => callsOf(world, { campaignId })
    const { callId } = one(await contactsOf(world, campaignId).then(([contact]) => contact))
    await releaseCall(world.deps, { callId: callId ?? '', reason: 'Test.', finish: null, now: after(1_000) })
    await sweep(world.deps, after(1_000))
    expect(await claims()).toHaveLength(1)
    const { who, trunkId } = workspace
    const longAgo = new Date(Date.now() - 60_000)
    await world.db.insert(laneWakes).values({ workspaceId: who.workspaceId, trunkId, recordedAt: longAgo })
    await sweep(world.deps, after(2_000))
    expect(await claims()).toHaveLength(2)
    const left = await world.db.select().from(laneWakes).where(eq(laneWakes.trunkId, trunkId))
    expect(left).toEqual([])
  })

  it('gives a contact back whose worker died between the permit and the dial: nothing was dialed, nothing is lost', async () => {
    const { campaignId, callId } = await claimed('+15005550001')
    await permitCall(world.deps, { callId, now: noon })
    await sweepAt(after(10_000))
    expect((await read(campaignId)).call.status).toBe('calling')
    await sweepAt(after(30_000))
    const { call, contact } = await read(campaignId)
    expect(call).toMatchObject({ status: 'failed', disposition: 'canceled', burned: false, dialDay: null })
    expect(contact).toMatchObject({ state: 'waiting', attempts: 0 })
    await dialCall(world.deps, { callId, clock })
    expect(invitesOf(callId)).toHaveLength(0)
  })

  it('never dials a call again whose worker died while it dialed: it ends as unknown', async () => {
    const { campaignId, callId } = await claimed('+15005550001')
    await permitCall(world.deps, { callId, now: noon })
    await markDialed(world, callId, noon)
    await sweepAt(after(10_000))
    expect((await read(campaignId)).call.status).toBe('calling')
    await sweepAt(after(60_000))
    const { call, contact } = await read(campaignId)
    expect(call).toMatchObject({ status: 'failed', disposition: 'unknown' })
    expect(contact).toMatchObject({ state: 'finished', finishReason: 'not_retried', attempts: 1 })
    await dialCall(world.deps, { callId, clock })
    expect(invitesOf(callId)).toHaveLength(0)
  })

  it('counts from LiveKit’s answer what follows from it, however long that took', async () => {
    const { campaignId, callId } = await claimed('+15005550001')
    await permitCall(world.deps, { callId, now: noon })
    await markDialed(world, callId, noon)
    const slow = { on: 'ListParticipants', action: 'delay', delayMs: 400 }
    await world.teach('faults', slow)
    await sweepAt(after(60_000))
    await fetch(`${world.simulator.url}/_network/faults`, { method: 'DELETE' })
    const finished = and(eq(eventLog.campaignId, campaignId), eq(eventLog.kind, 'finished'))
    const [entry] = await world.db.select().from(eventLog).where(finished)
    expect(one(entry).at.getTime()).toBeGreaterThanOrEqual(after(60_400).getTime())
  })

  it('finds an answer that nobody told, and the end that nobody told', async () => {
    const { campaignId, callId } = await claimed('+15005550018')
    await dialAndVanish(callId, '+15005550018')
    await vi.waitFor(() => expect(one(invitesOf(callId)[0]).answered).toBeTruthy(), patience)
    await sweepAt(after(60_000))
    expect((await read(campaignId)).call).toMatchObject({ status: 'answered' })
    await world.deps.livekit.hangUp(`call-${callId}`)
    await sweepAt(after(120_000))
    expect((await read(campaignId)).call).toMatchObject({ status: 'completed', disposition: 'completed' })
    await sweepAt(after(180_000))
    expect((await read(campaignId)).contact).toMatchObject({ state: 'finished', finishReason: 'completed' })
    expect(invitesOf(callId)).toHaveLength(1)
  })

  it('ends a call as unknown when LiveKit knows nothing of it any more', async () => {
    const { campaignId, callId } = await claimed('+15005550007')
    await dialAndVanish(callId, '+15005550007')
    await vi.waitFor(() => expect(one(invitesOf(callId)[0]).ended).toBeTruthy(), patience)
    await sweepAt(after(60_000))
    expect((await read(campaignId)).call).toMatchObject({ status: 'failed', disposition: 'unknown' })
    expect(invitesOf(callId)).toHaveLength(1)
  })

  it('hangs up on a callee for whom no agent came', async () => {
    const { campaignId, callId } = await claimed('+15005550018')
    await permitCall(world.deps, { callId, now: noon })
    await markDialed(world, callId, noon)
    const leg = { roomName: `call-${callId}`, livekitTrunkId: 'ST_test', to: '+15005550018', identity: 'x' }
    await world.deps.livekit.createRoom({
      roomName: leg.roomName,
      metadata: '',
      agent: { name: 'missing-ann', metadata: '' },
      emptyTimeoutMs: 3_600_000,
      departureTimeoutMs: 10_000,
      maxParticipants: 1,
    })
    const answer = await world.deps.livekit.dial({ ...leg, ringTimeoutMs: 30_000, waitUntilAnswered: true })
    expect(answer.kind).toBe('answered')
    await sweepAt(after(60_000))
    expect((await read(campaignId)).call.status).toBe('answered')
    await sweepAt(after(90_000))
    expect((await read(campaignId)).call).toMatchObject({ status: 'failed', disposition: 'agent_error' })
    await vi.waitFor(() => expect(one(invitesOf(callId)[0]).ended).toBeTruthy(), patience)
  })

  it('wakes a lane whose wake-up was lost', async () => {
    const workspace = await addWorkspace(world)
    const settings = { startAt: after(3_600_000) }
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1, settings })
    await start(world, workspace, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const ticked: string[] = []
    const consumer = await world.deps.queue.work('tick', async ({ trunkId }) => void ticked.push(trunkId), {
      concurrency: 1,
    })
    await vi.waitFor(() => expect(ticked).toContain(workspace.trunkId), patience)
    ticked.length = 0
    await sweep(world.deps, after(3_600_001))
    await vi.waitFor(() => expect(ticked).toContain(workspace.trunkId), patience)
    await consumer.close()
  })
})
