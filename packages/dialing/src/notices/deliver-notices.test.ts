import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { notices } from '@outdial/database/schema/calls'
import { noticeDeliveries, noticeEndpoints } from '@outdial/database/schema/notices'
import { auditLog } from '@outdial/database/schema/workspaces'
import { and, asc, eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addWorkspace, after, noon, one, openWorld, type Workspace, type World } from '../testing.ts'
import { deliverNotices } from './deliver-notices.ts'
import { changeEndpoint, createEndpoint, removeEndpoint, rotateSecret } from './endpoints.ts'
import { redeliverFailed, redeliverNotice } from './notices.ts'
import { openReceiver, type Receiver } from './testing.ts'
import { wakePostmen } from './wake-postmen.ts'
import { type NoticeEvent, writeNotices } from './write-notices.ts'

const [secondMs, minuteMs, hourMs, dayMs] = [1_000, 60_000, 3_600_000, 86_400_000]

let world: World
let workspace: Workspace
let receiver: Receiver
/** What the clock shows; tests move it. */
let at: Date

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  at = noon
  workspace = await addWorkspace(world)
  receiver = await openReceiver()
})
afterEach(async () => {
  await receiver.close()
  await world.db.delete(noticeDeliveries)
  await world.db.delete(notices)
  await world.db.update(noticeEndpoints).set({ archivedAt: noon })
})

const realNow = () => new Date('2026-03-02T12:00:30.900Z')
const clock = { now: () => at, realNow }
const inside = () => ({ ...world.deps, allowPrivateNotices: true })
const deliver = (options = {}) => deliverNotices(inside(), clock, { timeoutMs: 1_000, ...options })

async function addEndpoint(input: { url?: string; events?: NoticeEvent[] | null; active?: boolean } = {}) {
  const settings = { url: receiver.url, events: null, description: '', active: true, ...input }
  return createEndpoint({ ...world.apiDeps, allowPrivateNotices: true }, workspace.who, settings)
}

/** Campaign notices, since they need no call. */
async function write(count: number, event: NoticeEvent = 'campaign.paused'): Promise<void> {
  const { workspaceId } = workspace.who
  const told = Array.from({ length: count }, (_, i) => ({ workspaceId, event, data: { number: i }, now: at }))
  await world.db.transaction((tx) => writeNotices(tx, told))
}

const idsOf = () => receiver.received.map(({ headers }) => String(headers['webhook-id']))
const all = () => world.db.select().from(notices).orderBy(asc(notices.id))
const deliveries = () => world.db.select().from(noticeDeliveries).orderBy(asc(noticeDeliveries.id))
const endpointOf = async (id: string) =>
  one((await world.db.select().from(noticeEndpoints).where(eq(noticeEndpoints.id, id)))[0])

/** Moves the clock step by step, and delivers at each. */
async function passTime(ms: number, stepMs: number): Promise<void> {
  const end = after(ms, at)
  while (at < end) {
    at = after(stepMs, at)
    await deliver()
  }
}

function signatureOf(secret: string, { headers, text }: Receiver['received'][number]): string {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`
  return `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(signed)
    .digest('base64')}`
}

describe('a notice', () => {
  it('goes to every endpoint that wants it, signed for each, with one id for all', async () => {
    const [everything, some] = [await addEndpoint(), await addEndpoint({ events: ['campaign.paused'] })]
    await addEndpoint({ events: ['call.ended'] })
    await addEndpoint({ active: false })
    await write(1)
    expect(await deliver()).toBe(2)
    const [notice] = await all()
    expect(idsOf()).toEqual([notice?.id, notice?.id])
    expect(notice).toMatchObject({ status: 'delivered', tries: 2, deliveredAt: noon, lastError: null })
    const signatures = receiver.received.map(({ headers }) => String(headers['webhook-signature']))
    const [got] = receiver.received
    expect(signatures.toSorted()).toEqual(
      [everything, some].map(({ secret }) => signatureOf(secret, one(got))).toSorted(),
    )
    expect(got?.headers['webhook-timestamp']).toBe(String(Date.UTC(2026, 2, 2, 12, 0, 30) / 1_000))
    expect(got?.body).toMatchObject({
      success: true,
      message: 'The campaign is paused.',
      type: 'campaign.paused',
      data: { number: 0 },
    })
    expect(await deliver()).toBe(0)
  })

  it('stays within its workspace', async () => {
    const other = await addWorkspace(world)
    await addEndpoint()
    await world.db.transaction((tx) =>
      writeNotices(tx, [{ workspaceId: other.who.workspaceId, event: 'campaign.paused', data: {}, now: at }]),
    )
    expect(await deliver()).toBe(0)
    expect(await all()).toEqual([])
  })

  it('that nobody wants goes away without waking anybody', async () => {
    await addEndpoint({ events: ['call.ended'] })
    await write(3)
    expect(await wakePostmen(world.deps, at)).toBe(false)
    expect(await all()).toEqual([])
    await addEndpoint()
    await write(1)
    expect(await wakePostmen(world.deps, at)).toBe(true)
    expect(await all()).toHaveLength(1)
  })

  it('is tried four times within two minutes', async () => {
    await addEndpoint()
    receiver.answer = (response) => response.writeHead(500).end()
    await write(1)
    await deliver()
    await passTime(2 * minuteMs, secondMs)
    expect(receiver.received).toHaveLength(4)
    expect(new Set(idsOf()).size).toBe(1)
    const [delivery] = await deliveries()
    expect(delivery?.log).toHaveLength(4)
    expect(delivery?.log[0]).toEqual({
      at: noon.toISOString(),
      status: 500,
      error: 'It answered 500.',
      durationMs: expect.any(Number),
    })
    expect(delivery).toMatchObject({ status: 'pending', tries: 4, failures: 4, lastStatus: 500 })
  })

  it('is given up when its tries are used up, and can be sent again then', async () => {
    await addEndpoint()
    receiver.answer = (response, { body }) => response.writeHead(body.data.number === 0 ? 422 : 200).end()
    await write(1)
    for (let tries = 1; tries <= 15; tries += 1) {
      expect(await deliver()).toBe(1)
      // Others get through, so that the endpoint stays on.
      await world.db.update(noticeEndpoints).set({ failures: 0, failingSince: null, heldUntil: null })
      at = after(2 * dayMs, at)
    }
    expect(await deliver()).toBe(0)
    const [notice] = await all()
    expect(notice).toMatchObject({ status: 'failed', tries: 15, lastError: 'It answered 422.' })
    receiver.answer = (response) => response.writeHead(200).end()
    const who = { ...workspace.who, now: at }
    await redeliverNotice(world.apiDeps, who, { noticeId: one(notice).id })
    expect(await deliver()).toBe(1)
    expect((await all())[0]).toMatchObject({ status: 'delivered', tries: 16, lastError: null })
    expect(new Set(idsOf()).size).toBe(1)
  })
})

describe('a notice that only this endpoint cannot take', () => {
  it('keeps its own delays, however often others get through and the endpoint comes back', async () => {
    await addEndpoint()
    await write(5)
    const refused = (await all()).map(({ id }) => id)
    receiver.answer = (response, { headers }) => {
      response.writeHead(refused.includes(String(headers['webhook-id'])) ? 422 : 200).end()
    }
    await deliver()
    for (let second = 0; second < 120; second += 1) {
      at = after(secondMs, at)
      await write(1)
      await deliver()
    }
    const statuses = await all()
    expect(statuses.filter(({ id }) => refused.includes(id)).map(({ status, tries }) => [status, tries])).toEqual(
      refused.map(() => ['sending', 4]),
    )
    expect(statuses.filter(({ status }) => status === 'delivered').length).toBeGreaterThan(100)
  })
})

describe('an endpoint that answers 200 too late', () => {
  it('gets the same notice again under the same id, and never one under another', async () => {
    await addEndpoint()
    receiver.answer = (response) => void setTimeout(() => response.writeHead(200).end(), 5_500)
    await write(1)
    // Five seconds, as in production.
    await deliverNotices(inside(), clock)
    receiver.answer = (response) => void setTimeout(() => response.writeHead(200).end(), 300)
    at = after(10 * secondMs, at)
    await deliver({ timeoutMs: 100 })
    at = after(minuteMs, at)
    await deliver({ timeoutMs: 5_000 })
    const [notice] = await all()
    expect(notice).toMatchObject({ status: 'delivered', tries: 3 })
    expect(idsOf()).toEqual([notice?.id, notice?.id, notice?.id])
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1)
    const [delivery] = await deliveries()
    expect(delivery?.log.map(({ status }) => status)).toEqual([null, null, 200])
    expect(delivery?.log[0]?.error).toContain('did not answer in time')
  }, 20_000)

  it('leaves room for the others', async () => {
    const quick = await openReceiver()
    await addEndpoint()
    await addEndpoint({ url: quick.url })
    const held: ServerResponse[] = []
    receiver.answer = (response) => void held.push(response)
    await write(40)
    const isDone = deliver({ timeoutMs: 60_000 })
    await expect.poll(() => quick.received.length, { timeout: 50_000 }).toBe(40)
    expect(held.length).toBeLessThanOrEqual(10)
    receiver.answer = (response) => response.writeHead(200).end()
    for (const response of held) response.writeHead(200).end()
    await isDone
    expect((await all()).every(({ status }) => status === 'delivered')).toBe(true)
    await quick.close()
  }, 60_000)
})

describe('an endpoint that is down for an hour', () => {
  it('gets every notice afterwards, once each, whoever delivers', async () => {
    const endpoint = await addEndpoint()
    await receiver.goDown()
    for (let minute = 0; minute < 60; minute += 1) {
      await write(2)
      await deliver()
      at = after(minuteMs, at)
    }
    expect(await endpointOf(endpoint.id)).toMatchObject({ failingSince: noon })
    const failing = await all()
    expect(failing).toHaveLength(120)
    expect(failing.every(({ status }) => status === 'sending')).toBe(true)
    // Held as a whole: what piles up is not tried again and again.
    expect(failing.reduce((tries, notice) => tries + notice.tries, 0)).toBeLessThan(40)

    await receiver.comeBack()
    // Every process is another one, as after a restart: all there is of the past is in the database.
    const others = await openWorldBeside()
    at = after(5 * minuteMs, at)
    await Promise.all([deliver(), deliverNotices({ ...others.deps, allowPrivateNotices: true }, clock)])
    await others.close()
    expect(idsOf().toSorted()).toEqual(failing.map(({ id }) => id).toSorted())
    expect((await all()).every(({ status }) => status === 'delivered')).toBe(true)
    expect(await endpointOf(endpoint.id)).toMatchObject({ failures: 0, failingSince: null, heldUntil: null })
  })

  it('is asked one at a time, and every five minutes at the longest', async () => {
    await addEndpoint()
    receiver.answer = (response) => response.writeHead(503).end()
    await write(30)
    await deliver()
    const afterBurst = receiver.received.length
    expect(afterBurst).toBeLessThanOrEqual(12)
    await passTime(hourMs, minuteMs / 2)
    const perHour = receiver.received.length - afterBurst
    expect(perHour).toBeGreaterThanOrEqual(12)
    expect(perHour).toBeLessThan(30)
  })

  it('is left alone for as long as it asks', async () => {
    await addEndpoint()
    receiver.answer = (response) => response.writeHead(429, { 'retry-after': '120' }).end()
    await write(1)
    await deliver()
    at = after(119 * secondMs, at)
    await write(1)
    expect(await deliver()).toBe(0)
    at = after(secondMs, at)
    expect(await deliver()).toBeGreaterThan(0)
  })
})

/** Connections and a queue of their own on the same database. */
async function openWorldBeside() {
  const { connect } = await import('@outdial/database/client')
  const database = connect({ url: world.databaseUrl, role: 'engine', maxConnections: 2 })
  return { deps: { ...world.deps, db: database.db }, close: () => database.close() }
}

describe('an endpoint that fails for days', () => {
  it('is switched off, says so, and tells the others; switched on again it gets what waited', async () => {
    const endpoint = await addEndpoint({ events: ['campaign.paused'] })
    const witness = await openReceiver()
    await addEndpoint({ url: witness.url, events: ['endpoint.switched_off'] })
    receiver.answer = (response) => response.writeHead(500).end()
    await write(1)
    await deliver()
    await passTime(3 * dayMs, 2 * hourMs)
    await write(1)
    await passTime(10 * minuteMs, minuteMs)
    const off = await endpointOf(endpoint.id)
    expect(off).toMatchObject({ switchedOffReason: 'failing', failingSince: noon })
    expect(off.switchedOffAt?.getTime()).toBeGreaterThanOrEqual(after(3 * dayMs).getTime())
    const triesUntilOff = receiver.received.length
    await write(1)
    await passTime(dayMs, hourMs)
    expect(receiver.received).toHaveLength(triesUntilOff)
    expect(witness.received.map(({ body }) => body)).toMatchObject([
      {
        type: 'endpoint.switched_off',
        data: { endpoint_id: endpoint.id, reason: 'failing', last_error: 'It answered 500.' },
      },
    ])
    const entries = await world.db.select().from(auditLog).where(eq(auditLog.entityId, endpoint.id))
    expect(entries).toContainEqual(
      expect.objectContaining({ actor: 'notices', action: 'notice_endpoint.switched_off' }),
    )

    receiver.answer = (response) => response.writeHead(200).end()
    await changeEndpoint(
      world.apiDeps,
      { ...workspace.who, now: at },
      { endpointId: endpoint.id, changes: { active: true } },
    )
    await deliver()
    // The one that was written while it was off was for nobody.
    expect((await all()).filter(({ event }) => event === 'campaign.paused')).toHaveLength(2)
    expect((await deliveries()).filter(({ status }) => status !== 'delivered')).toEqual([])
    await witness.close()
  })

  it('or says that it is gone, is switched off at once', async () => {
    const endpoint = await addEndpoint()
    receiver.answer = (response) => response.writeHead(410).end()
    await write(1)
    await deliver()
    expect(await endpointOf(endpoint.id)).toMatchObject({ switchedOffReason: 'gone', switchedOffAt: noon })
  })
})

describe('a postman who is killed', () => {
  it('loses the claim after a while, and the notice arrives under the same id', async () => {
    await addEndpoint()
    await write(1)
    receiver.answer = () => {}
    await deliver({ timeoutMs: 50 })
    // As if nothing had been put down.
    const claimedUntil = after(30 * secondMs, at)
    await world.db
      .update(noticeDeliveries)
      .set({ claimedUntil, nextTryAt: noon, failures: 0, log: [], lastError: null })
    await world.db.update(noticeEndpoints).set({ failures: 0, failingSince: null, heldUntil: null })
    receiver.answer = (response) => response.writeHead(200).end()
    at = after(29 * secondMs, at)
    expect(await deliver()).toBe(0)
    at = after(secondMs, at)
    expect(await deliver()).toBe(1)
    expect(new Set(idsOf()).size).toBe(1)
    expect((await all())[0]).toMatchObject({ status: 'delivered', tries: 2 })
  })

  it('leaves nothing twice to do for several at once', async () => {
    await addEndpoint()
    await write(60)
    await Promise.all([deliver(), deliver(), deliver()])
    expect(new Set(idsOf()).size).toBe(60)
    expect(receiver.received).toHaveLength(60)
    expect((await all()).every(({ status }) => status === 'delivered')).toBe(true)
  })
})

describe('an endpoint', () => {
  it('that leads to a private address gets nothing, and the log says why', async () => {
    await addEndpoint()
    await write(1)
    await deliverNotices(world.deps, clock)
    expect(receiver.received).toEqual([])
    expect((await deliveries())[0]).toMatchObject({ lastStatus: null, lastError: expect.stringContaining('private') })
  })

  it('changes its secret while the one before is good for another day', async () => {
    const endpoint = await addEndpoint()
    const rotated = await rotateSecret(world.apiDeps, workspace.who, { endpointId: endpoint.id })
    expect(rotated.secret).not.toBe(endpoint.secret)
    await write(1)
    await deliver()
    at = after(dayMs, at)
    await write(1)
    await deliver()
    const [first, second] = receiver.received.map((got) => ({ got, signed: got.headers['webhook-signature'] }))
    expect(first?.signed).toBe([rotated, endpoint].map(({ secret }) => signatureOf(secret, one(first).got)).join(' '))
    expect(second?.signed).toBe(signatureOf(rotated.secret, one(second).got))
  })

  it('that is moved gets what is on its way at its new address', async () => {
    const endpoint = await addEndpoint({ url: 'http://127.0.0.1:1/' })
    await write(1)
    await deliver()
    const deps = { ...world.apiDeps, allowPrivateNotices: true }
    await changeEndpoint(deps, workspace.who, { endpointId: endpoint.id, changes: { url: receiver.url } })
    at = after(10 * secondMs, at)
    await deliver()
    expect(idsOf()).toEqual([(await all())[0]?.id])
  })

  it('that is removed gives up what was on its way', async () => {
    const endpoint = await addEndpoint({ url: 'http://127.0.0.1:1/' })
    await write(1)
    await deliver()
    await removeEndpoint(world.apiDeps, workspace.who, { endpointId: endpoint.id })
    expect((await all())[0]).toMatchObject({ status: 'failed', lastError: 'The endpoint was removed.' })
    at = after(dayMs, at)
    expect(await deliver()).toBe(0)
  })

  it('gets everything again that it did not get', async () => {
    const endpoint = await addEndpoint()
    await write(3)
    await deliver()
    const failed = and(eq(noticeDeliveries.endpointId, endpoint.id), eq(noticeDeliveries.status, 'delivered'))
    await world.db.update(noticeDeliveries).set({ status: 'failed', deliveredAt: null }).where(failed)
    const again = await redeliverFailed(world.apiDeps, workspace.who, { endpointId: endpoint.id })
    expect(again).toEqual({ redelivered: 3 })
    await deliver()
    expect(receiver.received).toHaveLength(6)
    expect(new Set(idsOf()).size).toBe(3)
    const since = new Date(Date.now() + hourMs)
    const none = await redeliverFailed(world.apiDeps, workspace.who, { endpointId: endpoint.id, since })
    expect(none).toEqual({ redelivered: 0 })
  })
})

it('forgets notices after a month', async () => {
  await addEndpoint()
  await write(2)
  await deliver()
  const [old] = await all()
  await world.db.delete(noticeDeliveries).where(eq(noticeDeliveries.noticeId, one(old).id))
  const monthsAgo = '01900000-0000-7000-8000-000000000001'
  await world.db
    .update(notices)
    .set({ id: monthsAgo })
    .where(eq(notices.id, one(old).id))
  await wakePostmen(world.deps, at)
  const left = await all()
  expect(left).toHaveLength(1)
  expect(left[0]?.id).not.toBe(monthsAgo)
})
