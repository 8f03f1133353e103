import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parkedSignals, signals } from '@outdial/database/schema/calls'
import type { Signal } from '@outdial/policy/signal'
import { LiveKit } from '@outdial/telephony/livekit'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { sweep } from '../sweep/sweep.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  livekitKeys,
  noon,
  one,
  openWorld,
  permitAll,
  start,
  tell,
  type World,
} from '../testing.ts'
import { hearProvider, matchParked } from './hear-provider.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let lastSid = 0

async function dialedCall() {
  const workspace = await addWorkspace(world, { provider: 'twilio', callsPerSecond: 100, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const callId = one((await permitAll(world, campaignId, noon))[0])
  lastSid += 1
  const read = async () => one((await callsOf(world, { campaignId }))[0])
  return { callId, sid: `CA${lastSid}`, read }
}

const busy: Signal = {
  ...{ kind: 'provider_ended', at: after(4_000), disposition: 'busy', reason: 'Twilio: The line was busy.' },
  sipStatusCode: 486,
}

const say = (sid: string, signal: Signal, changes: { eventId?: string; sids?: string[] } = {}) =>
  hearProvider(world.deps, {
    ...{ source: 'twilio', eventId: changes.eventId ?? `${sid}/${signal.kind}`, event: signal.kind },
    ...{ providerCallIds: changes.sids ?? [sid], content: [signal], receivedAt: after(4_500) },
  })

const legLeft = (sid: string): Signal => ({
  ...{ kind: 'leg_left', at: after(4_000), reason: 'rejected', wasAnswered: false, providerCallId: sid },
})

const parkedOf = (sid: string) =>
  world.db
    .select()
    .from(parkedSignals)
    .where(eq(parkedSignals.eventId, `${sid}/provider_ended`))
const signalsOf = (callId: string) =>
  world.db.select().from(signals).where(eq(signals.callId, callId)).orderBy(signals.id)

it('waits until LiveKit has told the id, and then says the same as if it had come later', async () => {
  const [early, late] = [await dialedCall(), await dialedCall()]
  expect(await say(early.sid, busy)).toBe('parked')
  expect((await signalsOf(early.callId)).length).toBe(0)
  await tell(world, early.callId, legLeft(early.sid))
  await matchParked(world.deps, after(6_000))
  expect(await parkedOf(early.sid)).toEqual([])

  await tell(world, late.callId, legLeft(late.sid))
  expect(await say(late.sid, busy)).toBe('recorded')

  const records = []
  for (const call of [early, late]) {
    await tell(world, call.callId, { kind: 'settle', at: after(10_000) })
    const { status, disposition, endedAt, sipStatusCode, endReason, providerNews } = await call.read()
    records.push({ status, disposition, endedAt, sipStatusCode, endReason, providerNews })
  }
  expect(records[0]).toMatchObject({ status: 'failed', disposition: 'busy', sipStatusCode: 486, endedAt: after(4_000) })
  expect(records[1]).toEqual(records[0])
})

it('is stored once, parked or not', async () => {
  const { callId, sid } = await dialedCall()
  expect([await say(sid, busy), await say(sid, busy)]).toEqual(['parked', 'parked'])
  expect(await parkedOf(sid)).toHaveLength(1)
  await tell(world, callId, legLeft(sid))
  expect(await say(sid, busy)).toBe('recorded')
  await sweep(world.deps, after(6_000))
  expect(await say(sid, busy)).toBe('repeated')
  expect(await parkedOf(sid)).toEqual([])
  expect((await signalsOf(callId)).filter(({ source }) => source === 'twilio')).toHaveLength(1)
})

it('is about the call that its parent leg belongs to', async () => {
  const { callId, sid } = await dialedCall()
  await tell(world, callId, legLeft(sid))
  expect(await say('CAchild', busy, { sids: ['CAchild', sid] })).toBe('recorded')
})

it('is tried less and less often, and forgotten after a day', async () => {
  await say('CAnobodys', busy)
  for (const [now, dueAfterMs] of [
    [after(6_000), 1_500],
    [after(60_000), 55_500],
    [after(3_600_000), 60_000],
  ] as const) {
    expect(await matchParked(world.deps, now)).toBe(0)
    expect(one((await parkedOf('CAnobodys'))[0]).dueAt).toEqual(after(dueAfterMs, now))
  }
  await matchParked(world.deps, after(26 * 3_600_000))
  expect(await parkedOf('CAnobodys')).toEqual([])
})

it('tells of an answer that nobody else told of', async () => {
  const { callId, sid, read } = await dialedCall()
  await say(sid, { kind: 'provider_answered', at: after(5_000) })
  await say(sid, { ...busy, disposition: 'completed', at: after(35_000) })
  await tell(world, callId, { kind: 'leg_joined', at: after(300), sipCallId: 'SCL_1', providerCallId: sid })
  await matchParked(world.deps, after(36_000))
  expect((await read()).status).toBe('calling')
  await tell(world, callId, { kind: 'settle', at: after(45_000) })
  expect(await read()).toMatchObject({ status: 'completed', answeredAt: after(5_000), endedAt: after(35_000) })
})

it('does not keep the provider waiting for a LiveKit that does not answer', async () => {
  let asked = 0
  const server = createServer(() => {
    asked += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const livekit = new LiveKit({ url: `http://127.0.0.1:${port}`, ...livekitKeys })
  const { sid, read } = await dialedCall()
  const status = await hearProvider(
    { ...world.deps, livekit },
    {
      ...{ source: 'twilio', eventId: `${sid}/ringing`, event: 'ringing', providerCallIds: [sid] },
      ...{ to: (await read()).phoneNumber, content: [{ kind: 'ringing', at: after(1_000) }], receivedAt: after(1_000) },
    },
  )
  expect(status).toBe('parked')
  expect(asked).toBeGreaterThan(0)
  expect(await new Promise((resolve) => server.getConnections((_, open) => resolve(open)))).toBeGreaterThan(0)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
