import { lanes, trunks } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { suppressions } from '@outdial/database/schema/contacts'
import { eventLog } from '@outdial/database/schema/event-log'
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { releaseCall, releasePending } from '../calls/release-call.ts'
import { patchCampaign } from '../campaigns/change-campaign.ts'
import { pauseCampaign, resumeCampaign, stopCampaign } from '../campaigns/lifecycle.ts'
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
  runtimeOf,
  start,
  type Workspace,
  type World,
} from '../testing.ts'
import { markDialed } from './mark-dialed.ts'
import { type PermittedCall, permitCall } from './permit.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function claimed(input: { contacts?: number; settings?: object; zoneKey?: string } = {}) {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const campaign = await addCampaign(world, workspace, { contacts: 1, ...input })
  await start(world, workspace, campaign.campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const pending = await callsOf(world, campaign)
  return { workspace, ...campaign, call: one(pending[0]), pending }
}

/** A claimed call to this number by a campaign of its own, on a trunk of its own. */
async function rivalFor(number: string, workspace: Workspace): Promise<string> {
  const { workspaceId } = workspace.who
  const [trunk] = await world.db
    .insert(trunks)
    .values({ workspaceId, name: 'Own', livekitTrunkId: crypto.randomUUID(), rampUpSeconds: 0 })
    .returning()
  const { id: trunkId } = one(trunk)
  const campaign = await addCampaign(world, workspace, { contacts: [number], settings: { trunkId } })
  await start(world, workspace, campaign.campaignId)
  await claimForLane(world.deps, { trunkId, now: noon })
  return one((await callsOf(world, campaign))[0]).id
}

describe('the permit to dial', () => {
  it('is given once, however many ask', async () => {
    const { call } = await claimed()
    const ask = () => permitCall(world.deps, { callId: call.id, now: noon })
    const answers = await Promise.all(Array.from({ length: 20 }, ask))
    expect(answers.filter((answer) => answer.kind === 'permitted')).toHaveLength(1)
    expect((await ask()).kind).toBe('gone')
  })

  it('is refused once the campaign is paused or stopped, and the contact loses no attempt', async () => {
    const { workspace, campaignId, call } = await claimed()
    await pauseCampaign(world.apiDeps, workspace.who, { campaignId })
    const answer = await permitCall(world.deps, { callId: call.id, now: noon })
    expect(answer).toEqual({ kind: 'refused', reason: 'The campaign is paused.', finish: null })
    await releaseCall(world.deps, { callId: call.id, reason: 'The campaign is paused.', finish: null, now: noon })
    expect((await callsOf(world, { campaignId }))[0]).toMatchObject({
      status: 'failed',
      disposition: 'canceled',
      dialDay: null,
    })
    expect((await contactsOf(world, campaignId))[0]).toMatchObject({ state: 'waiting', attempts: 0 })

    await resumeCampaign(world.apiDeps, workspace.who, { campaignId })
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: after(1_000) })
    const again = one((await callsOf(world, { campaignId, status: 'pending' }))[0])
    await stopCampaign(world.apiDeps, workspace.who, { campaignId })
    expect(await permitCall(world.deps, { callId: again.id, now: after(1_000) })).toMatchObject({ kind: 'refused' })
  })

  it('is refused after the person asked not to be called', async () => {
    const { workspace, campaignId, call } = await claimed()
    const { workspaceId } = workspace.who
    await world.db.insert(suppressions).values({ workspaceId, phoneNumber: call.phoneNumber, source: 'test' })
    const answer = await permitCall(world.deps, { callId: call.id, now: noon })
    expect(answer).toMatchObject({ kind: 'refused', finish: 'suppressed' })
    await releaseCall(world.deps, { callId: call.id, reason: 'Suppressed.', finish: 'suppressed', now: noon })
    expect((await contactsOf(world, campaignId))[0]).toMatchObject({ state: 'finished', finishReason: 'suppressed' })
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsFinished: 1, contactsClaimed: 0 })
  })

  it('is refused when the window has closed or the day has changed since the claim', async () => {
    const evening = await claimed({ settings: { startHour: 8, endHour: 13 } })
    expect(await permitCall(world.deps, { callId: evening.call.id, now: after(3_600_000) })).toMatchObject({
      kind: 'refused',
    })
    const capped = await claimed({ settings: { dailyCap: 5 } })
    const tomorrow = after(24 * 3_600_000)
    expect(await permitCall(world.deps, { callId: capped.call.id, now: tomorrow })).toMatchObject({ kind: 'refused' })
  })

  it('is given to one campaign only when several want the same number at once', async () => {
    const number = '+15557770002'
    const workspace = await addWorkspace(world)
    const rivals = await Promise.all([1, 2, 3].map(() => rivalFor(number, workspace)))
    const answers = await Promise.all(rivals.map((callId) => permitCall(world.deps, { callId, now: noon })))
    expect(answers.filter((answer) => answer.kind === 'permitted')).toHaveLength(1)
    expect(answers.find((answer) => answer.kind === 'refused')).toMatchObject({
      reason: 'The number is in another call.',
      until: after(60_000),
    })
  })

  it('and a release never both happen', async () => {
    const { pending } = await claimed({ contacts: 30 })
    await Promise.all(
      pending.flatMap(({ id }) => [
        permitCall(world.deps, { callId: id, now: noon }),
        releaseCall(world.deps, { callId: id, reason: 'Test.', finish: null, now: noon }),
      ]),
    )
    const states = await Promise.all(pending.map(({ id }) => world.db.select().from(calls).where(eq(calls.id, id))))
    for (const [call] of states) {
      expect(['calling', 'failed']).toContain(one(call).status)
      expect(one(call).permittedAt === null).toBe(one(call).status === 'failed')
    }
  })
})

describe('the mark', () => {
  const mark = (dial: PermittedCall) => markDialed(world.deps, { dial, now: noon, checkAt: after(60_000) })

  async function permitted(input: { contacts: number }) {
    const claim = await claimed(input)
    const answers = await Promise.all(claim.pending.map(({ id }) => permitCall(world.deps, { callId: id, now: noon })))
    return { ...claim, dials: answers.flatMap((answer) => (answer.kind === 'permitted' ? [answer.dial] : [])) }
  }

  it('marks the call as dialed and says so in the log, but not when nobody wants the call any more', async () => {
    const { workspace, campaignId, dials } = await permitted({ contacts: 4 })
    const [wanted, hungUp, edited, paused] = dials
    expect(await mark(one(wanted))).toBe(true)
    // Whoever holds a permit that a crashed server forgot, while another one was given.
    const forgotten = { ...one(wanted), call: { ...one(wanted).call, permittedAt: after(-1_000) } }
    expect(await mark(forgotten)).toBe(false)
    await world.db
      .update(calls)
      .set({ hangupRequestedAt: noon })
      .where(eq(calls.id, one(hungUp).call.id))
    expect(await mark(one(hungUp))).toBe(false)
    await patchCampaign(world.apiDeps, { ...workspace.who, now: after(1) }, { campaignId, patch: { endAt: noon } })
    expect(await mark(one(edited))).toBe(false)
    await pauseCampaign(world.apiDeps, workspace.who, { campaignId })
    expect(await mark(one(paused))).toBe(false)
    const marked = (await callsOf(world, { campaignId })).filter((call) => call.dialedAt)
    expect(marked.map((call) => call.id)).toEqual([one(wanted).call.id])
    const logged = await world.db
      .select()
      .from(eventLog)
      .where(and(eq(eventLog.campaignId, campaignId), eq(eventLog.kind, 'dialed')))
    expect(logged.map((entry) => entry.callId)).toEqual([one(wanted).call.id])
  })

  it('is not given to a campaign whose number is in a call that somebody asked for at the same moment', async () => {
    const { workspace, dials } = await permitted({ contacts: 1 })
    const dial = one(dials[0])
    const { who, assistantId, trunkId } = workspace
    const wish = { phoneNumber: dial.call.phoneNumber, assistantId, metadata: {} }
    const single = await initiateCall(world.apiDeps, who, wish)
    await claimForLane(world.deps, { trunkId, now: noon })
    const answer = await permitCall(world.deps, { callId: single.id, now: noon })
    expect(answer).toMatchObject({ kind: 'permitted' })
    expect(await mark(dial)).toBe(false)
    expect(answer.kind === 'permitted' && (await mark(answer.dial))).toBe(true)
  })
})

/** Until a statement waits for the row of a call that somebody else holds: it has the lock of the tuple then. */
async function untilSomebodyWaits(): Promise<void> {
  const waiting = () =>
    world.db.execute(sql`
      select from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.locktype = 'tuple' and l.relation = 'calls'::regclass`)
  await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0)
}

describe('a single call', () => {
  it('that is given back while its permit is asked for gets none: it waits for another start', async () => {
    const { who, assistantId, trunkId } = await addWorkspace(world)
    const wish = { phoneNumber: '+15550200001', assistantId, metadata: {} }
    const { id: callId } = await initiateCall(world.apiDeps, who, wish)
    await claimForLane(world.deps, { trunkId, now: noon })
    const asked = await world.db.transaction(async (tx) => {
      await releasePending(tx, { callId, reason: 'Test.', finish: null, now: noon })
      const answer = permitCall(world.deps, { callId, now: noon })
      await untilSomebodyWaits()
      return { answer }
    })
    expect(await asked.answer).toEqual({ kind: 'gone' })
    const [call] = await world.db.select().from(calls).where(eq(calls.id, callId))
    expect(one(call)).toMatchObject({ status: 'pending', startsAt: null, permittedAt: null })
  })

  it('waits for another start when its trunk needs a rest, and goes before any campaign', async () => {
    const { workspace, campaignId } = await claimed({ contacts: 5 })
    const { who, assistantId, trunkId } = workspace
    const input = { phoneNumber: '+15550200000', assistantId, metadata: {} }
    const call = await initiateCall(world.apiDeps, who, input)
    await claimForLane(world.deps, { trunkId, now: noon })
    await world.db
      .update(lanes)
      .set({ slowedUntil: after(4_000), slowedReason: 'CPS' })
      .where(eq(lanes.trunkId, trunkId))
    const answer = await permitCall(world.deps, { callId: call.id, now: after(100) })
    expect(answer).toMatchObject({ kind: 'refused', finish: null })
    await releaseCall(world.deps, { callId: call.id, reason: 'CPS', finish: null, now: after(100) })
    expect((await claimForLane(world.deps, { trunkId, now: after(200) })).nextWakeAt).toEqual(after(4_000))
    await claimForLane(world.deps, { trunkId, now: after(4_000) })
    const [again] = await world.db.select().from(calls).where(eq(calls.id, call.id))
    expect(one(again)).toMatchObject({ status: 'pending', startsAt: after(4_000) })
    expect((await callsOf(world, { campaignId })).length).toBe(5)
  })
})
