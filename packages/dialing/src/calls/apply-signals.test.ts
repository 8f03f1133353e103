import { notices, signals } from '@outdial/database/schema/calls'
import { suppressions } from '@outdial/database/schema/contacts'
import type { Signal } from '@outdial/policy/signal'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  noon,
  one,
  openWorld,
  permitAll,
  runtimeOf,
  start,
  tell,
  type World,
} from '../testing.ts'
import { applySignals } from './apply-signals.ts'
import { recordSignal } from './record-signal.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const refused = (signal: Partial<Signal & { kind: 'dial_failed' }> = {}): Signal => ({
  kind: 'dial_failed',
  at: after(10_000),
  disposition: 'busy',
  reached: true,
  burnsAttempt: true,
  effect: 'none',
  sipStatusCode: 486,
  reason: 'Busy Here',
  ...signal,
})
const answered: Signal = { kind: 'answered', at: after(8_000), sipCallId: 'SCL_1' }
const left: Signal = { kind: 'leg_left', at: after(68_000), reason: 'left', wasAnswered: true }
const report = (outcome: 'interested' | 'do_not_call'): Signal => ({ kind: 'agent_report', at: after(67_000), outcome })

async function callInProgress(settings = {}) {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1, settings })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const [callId] = await permitAll(world, campaignId, noon)
  return { workspace, campaignId, callId: one(callId) }
}

const read = async (campaignId: string) => ({
  call: one((await callsOf(world, { campaignId })).at(-1)),
  contact: one((await contactsOf(world, campaignId))[0]),
  runtime: await runtimeOf(world, campaignId),
})

describe('applying signals', () => {
  it('completes a conversation with its outcome, and tells the customer', async () => {
    const { campaignId, callId } = await callInProgress()
    await tell(world, callId, answered)
    await tell(world, callId, report('interested'))
    await tell(world, callId, left)
    const { call, contact, runtime } = await read(campaignId)
    expect(call).toMatchObject({ status: 'completed', disposition: 'completed', outcome: 'interested' })
    expect([call.answeredAt, call.endedAt]).toEqual([after(8_000), after(68_000)])
    expect(contact).toMatchObject({ state: 'finished', finishReason: 'completed', attempts: 1, callId: null })
    expect([runtime.contactsClaimed, runtime.contactsFinished]).toEqual([0, 1])
    const told = await world.db.select().from(notices).where(eq(notices.callId, callId))
    expect(told.map((notice) => notice.event).sort()).toEqual([
      'call.answered',
      'call.ended',
      'call.outcome',
      'call.started',
    ])
  })

  it('comes to the same whatever the order and however often it is told', async () => {
    for (const order of [
      [answered, left, report('interested')],
      [left, answered, report('interested')],
      [report('interested'), left, answered],
      [left, left, report('interested'), report('interested'), answered, answered],
    ]) {
      const { campaignId, callId } = await callInProgress()
      for (const signal of order) await tell(world, callId, signal)
      const { call, contact, runtime } = await read(campaignId)
      expect(call).toMatchObject({
        status: 'completed',
        outcome: 'interested',
        answeredAt: after(8_000),
        endedAt: after(68_000),
      })
      expect(contact).toMatchObject({ state: 'finished', attempts: 1 })
      expect(runtime.contactsFinished).toBe(1)
    }
  })

  it('stores a repeated event once', async () => {
    const { callId } = await callInProgress()
    const event = {
      source: 'livekit',
      eventId: `EV_${callId}`,
      event: 'x',
      about: { callId },
      content: [answered],
      receivedAt: noon,
    } as const
    const results = await Promise.all(
      Array.from({ length: 6 }, () => recordSignal(world.deps, { ...event, content: [answered] })),
    )
    expect(results.filter((result) => result === 'recorded')).toHaveLength(1)
    expect(await world.db.select().from(signals).where(eq(signals.eventId, event.eventId))).toHaveLength(1)
  })

  it('ignores what belongs to no call of ours', async () => {
    const about = { roomName: 'somebody-elses-room' }
    const event = {
      source: 'livekit',
      eventId: 'EV_other',
      event: 'x',
      about,
      content: [answered],
      receivedAt: noon,
    } as const
    expect(await recordSignal(world.deps, { ...event, content: [answered] })).toBe('not_ours')
  })

  it('calls again after busy, as often as the campaign says', async () => {
    const { workspace, campaignId, callId } = await callInProgress({
      retry: { busy: { attempts: 2, delaySeconds: 600, backoff: 'fixed' } },
    })
    await tell(world, callId, refused())
    const { contact } = await read(campaignId)
    expect(contact).toMatchObject({ state: 'waiting', attempts: 1 })
    const waitMs = contact.dueAt.getTime() - after(10_000).getTime()
    expect(Math.abs(waitMs - 600_000)).toBeLessThanOrEqual(60_000)

    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: contact.dueAt })
    const [again] = await permitAll(world, campaignId, contact.dueAt)
    expect(again).not.toBe(callId)
    await tell(world, one(again), refused({ at: after(10_000, contact.dueAt) }))
    expect((await read(campaignId)).contact).toMatchObject({
      state: 'finished',
      finishReason: 'exhausted',
      attempts: 2,
    })
  })

  it('counts the wait for a retry from when the end was heard, not from when the batch began', async () => {
    const { campaignId, callId } = await callInProgress({ retry: { busy: { attempts: 2, delaySeconds: 600 } } })
    const event = { source: 'dialer', eventId: `late-${callId}`, event: 'x', about: { callId } } as const
    const heardAt = after(30_000)
    await recordSignal(world.deps, { ...event, content: [refused({ at: heardAt })], receivedAt: heardAt })
    await applySignals(world.deps, after(1_000))
    const { contact } = await read(campaignId)
    expect(contact.dueAt.getTime()).toBeGreaterThanOrEqual(after(540_000, heardAt).getTime())
  })

  it('decides on what is known once it knows all that was told, in whatever order it came', async () => {
    const { campaignId, callId } = await callInProgress()
    const told = [{ kind: 'settle', at: after(90_000) } as const, answered, left]
    for (const signal of told) {
      const event = { source: 'sweep', eventId: `${signal.kind}-${callId}`, event: 'x', about: { callId } } as const
      await recordSignal(world.deps, { ...event, content: [signal], receivedAt: noon })
    }
    await applySignals(world.deps, noon)
    expect((await read(campaignId)).call).toMatchObject({ status: 'completed', disposition: 'completed' })
  })

  it('suppresses at once, while the call still goes on', async () => {
    const { workspace, campaignId, callId } = await callInProgress()
    await tell(world, callId, answered)
    await tell(world, callId, report('do_not_call'))
    const { call } = await read(campaignId)
    expect(call.status).toBe('answered')
    const rows = await world.db
      .select()
      .from(suppressions)
      .where(eq(suppressions.workspaceId, workspace.who.workspaceId))
    expect(rows.map((row) => [row.phoneNumber, row.callId])).toEqual([[call.phoneNumber, callId]])
  })

  it('burns no attempt and slows the lane when the carrier refuses for reasons of its own', async () => {
    const { workspace, campaignId, callId } = await callInProgress()
    const reason = 'Trunk CPS limit exceeded'
    await tell(
      world,
      callId,
      refused({ disposition: 'trunk_error', burnsAttempt: false, effect: 'slow_lane', sipStatusCode: 503, reason }),
    )
    const { contact, runtime } = await read(campaignId)
    expect(contact).toMatchObject({ state: 'waiting', attempts: 0 })
    expect(runtime.status).toBe('running')
    const look = await claimForLane(world.deps, { trunkId: workspace.trunkId, now: after(10_500) })
    expect(look).toEqual({ claimed: 0, nextWakeAt: after(12_000) })
    expect((await runtimeOf(world, campaignId)).blockedReason).toBe(reason)
  })

  it('stops a campaign that cannot work, with a reason, and keeps the contact', async () => {
    const { campaignId, callId } = await callInProgress()
    const reason = 'LiveKit does not know the trunk.'
    await tell(
      world,
      callId,
      refused({ disposition: 'trunk_error', reached: false, burnsAttempt: false, effect: 'stop_campaign', reason }),
    )
    const { call, contact, runtime } = await read(campaignId)
    expect(runtime).toMatchObject({ status: 'error', errorReason: reason })
    expect(contact).toMatchObject({ state: 'waiting', attempts: 0 })
    expect(call.dialDay).toBeNull()
  })

  it('waits for the agent’s report after a conversation, but not for ever', async () => {
    const { campaignId, callId } = await callInProgress()
    await tell(world, callId, answered, left)
    expect(await read(campaignId)).toMatchObject({
      call: { status: 'completed', settledAt: null },
      contact: { state: 'claimed' },
    })
    await tell(world, callId, { kind: 'settle', at: after(80_000) })
    expect(await read(campaignId)).toMatchObject({ call: { checkAt: null }, contact: { state: 'finished' } })
  })

  it('applies what several consumers are woken for exactly once', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => callInProgress()))
    for (const { callId } of many) {
      const event = {
        source: 'dialer',
        eventId: `busy-${callId}`,
        event: 'x',
        about: { callId },
        receivedAt: noon,
      } as const
      await recordSignal(world.deps, { ...event, content: [refused()] })
    }
    await Promise.all(Array.from({ length: 4 }, () => applySignals(world.deps, after(10_000))))
    for (const { campaignId } of many) {
      const { contact, runtime } = await read(campaignId)
      expect(contact).toMatchObject({ state: 'waiting', attempts: 1 })
      expect([runtime.contactsWaiting, runtime.contactsClaimed, runtime.contactsFinished]).toEqual([1, 0, 0])
    }
  })

  it('goes on with the others when the signals of one call make no sense', async () => {
    const sick = await callInProgress()
    const healthy = await callInProgress()
    await recordSignal(world.deps, {
      source: 'livekit',
      eventId: `EV_${sick.callId}`,
      event: 'x',
      about: { callId: sick.callId },
      content: [{ kind: 'nonsense' } as unknown as Signal],
      receivedAt: noon,
    })
    await tell(world, healthy.callId, refused())
    expect((await read(healthy.campaignId)).call.disposition).toBe('busy')
    const [kept] = await world.db.select().from(signals).where(eq(signals.callId, sick.callId))
    expect(kept).toMatchObject({ appliedAt: null })
    expect(one(kept).problem).toContain('kind')
  })
})
