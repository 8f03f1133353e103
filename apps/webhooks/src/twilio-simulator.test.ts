/**
 * Twilio's callbacks as the simulator sends them: signed, each a request of its own, in no sure order. LiveKit's webhooks
 * come or get lost, and the process that dialed lives or is killed before it has told what LiveKit answered.
 */
import { calls, parkedSignals } from '@outdial/database/schema/calls'
import { recordings } from '@outdial/database/schema/recordings'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import type { Deps } from '@outdial/dialing/deps'
import { dialCall } from '@outdial/dialing/dial/dial-call'
import { sweep } from '@outdial/dialing/sweep/sweep'
import {
  addCampaign,
  addWorkspace,
  livekitKeys,
  noon,
  one,
  openWorld,
  permitAll,
  start,
  type World,
} from '@outdial/dialing/testing'
import { createClock } from '@outdial/service/clock'
import { listen } from '@outdial/service/http'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createWebhooks } from './webhooks.ts'

const twilioAuthToken = '12345'
const time = { speed: 30, originMs: Date.now(), startMs: noon.getTime() }
const clock = createClock(time)
const patience = { timeout: 20_000, interval: 50 }

let simulator: Simulator
let world: World
let deps: Deps
let close: () => Promise<void>

beforeAll(async () => {
  const app = new Hono()
  const server = await listen(app, { port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${server.port}`
  simulator = await startSimulator({
    ...{
      port: 0,
      speed: time.speed,
      clockOriginMs: time.originMs,
      clockStartMs: time.startMs,
      seed: 3,
      ...livekitKeys,
    },
    webhookUrls: [`${url}/api/livekit/webhook`],
    trunks: [{ sipTrunkId: 'ST_test', address: 'example.pstn.twilio.com', numbers: ['+14155550100'] }],
    twilio: {
      authToken: twilioAuthToken,
      statusCallbackUrl: `${url}/api/v1/outbound-calls/status-callback#rc=5&rp=all`,
      recordingCallbackUrl: `${url}/api/v1/recording/status`,
    },
  })
  world = await openWorld({ livekitUrl: simulator.url })
  const agentReports = { baseUrl: url, secret: 'secret' }
  deps = { ...world.deps, clockSpeed: time.speed, agentReports }
  app.route('/', createWebhooks({ deps, clock, livekit: livekitKeys, providers: { twilioAuthToken } }))
  close = () => server.close()
})
afterAll(async () => {
  await simulator.close()
  await close()
  await world.close()
})

const control = (path: string, body: object, method = 'POST') =>
  fetch(`${simulator.url}/_network/${path}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

async function claimed(number: string) {
  const workspace = await addWorkspace(world, { provider: 'twilio', callsPerSecond: 1_000, maxConcurrency: 10 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: [number] })
  await start(world, workspace, campaignId)
  await claimForLane(deps, { trunkId: workspace.trunkId, now: clock.now() })
  const call = async () => one((await world.db.select().from(calls)).find((each) => each.campaignId === campaignId))
  return { campaignId, call }
}

/** As a worker that is killed in the moment in which LiveKit has the request. */
async function dialAndDie(campaignId: string) {
  const callId = one((await permitAll(world, campaignId, clock.now()))[0])
  const { roomName, phoneNumber: to } = one((await world.db.select().from(calls)).find(({ id }) => id === callId))
  const times = { emptyTimeoutMs: 60_000, departureTimeoutMs: 20_000 }
  await deps.livekit.createRoom({ roomName, metadata: '', agent: null, ...times, maxParticipants: 2 })
  const terms = { ringTimeoutMs: 30_000, waitUntilAnswered: false }
  await deps.livekit.dial({ roomName, livekitTrunkId: 'ST_test', to, identity: `callee-${callId}`, ...terms })
  return roomName
}

/** What the scheduler would do, later than it is: nobody waits for real seconds of grace here. */
const sweepLater = () => sweep(deps, new Date(clock.now().getTime() + 3_600_000))

describe('where LiveKit’s webhooks are lost and the worker is killed, Twilio’s word is the true end', () => {
  it.each([
    ['+15005550009', { status: 'failed', disposition: 'rejected', sipStatusCode: 603 }],
    ['+15005550008', { status: 'failed', disposition: 'no_answer' }],
    ['+15005550002', { status: 'completed', disposition: 'completed' }],
  ])('%s', async (number, ending) => {
    await control('faults', { on: 'webhook', action: 'drop' })
    const { campaignId, call } = await claimed(number)
    const roomName = await dialAndDie(campaignId)
    await vi.waitFor(async () => expect((await call()).providerNews?.end).toBeTruthy(), patience)
    await vi.waitFor(async () => {
      await sweepLater()
      expect((await call()).settledAt).not.toBeNull()
    }, patience)
    const { twilioCallSid, ended, answered } = one(simulator.ledger().calls.find((each) => each.roomName === roomName))
    const row = await call()
    expect(row).toMatchObject({ ...ending, providerCallId: twilioCallSid })
    const secondsOff = (told: Date | null, moment?: { at: string }) =>
      Math.abs((told?.getTime() ?? 0) - Date.parse(moment?.at ?? '1970-01-01T00:00:00Z')) / 1_000
    expect(secondsOff(row.endedAt, ended)).toBeLessThan(1)
    expect(secondsOff(row.answeredAt ?? new Date(0), answered)).toBeLessThan(1)
    await control('faults', {}, 'DELETE')
  })
})

describe('where everything comes, and twice', () => {
  it('the call ends as LiveKit says, and keeps Twilio’s id and its recording', async () => {
    for (const on of ['webhook', 'twilio']) await control('faults', { on, action: 'double' })
    const { call } = await claimed('+15005550003')
    expect(await dialCall(deps, { callId: (await call()).id, clock })).toBe('answered')
    await vi.waitFor(async () => expect((await call()).status).toBe('completed'), patience)
    const { id, roomName } = await call()
    await vi.waitFor(async () => {
      await sweepLater()
      expect((await call()).providerNews?.end).toMatchObject({ disposition: 'completed' })
      const mine = (await world.db.select().from(recordings)).filter(({ callId }) => callId === id)
      expect(mine).toMatchObject([{ source: 'twilio', status: 'complete', location: expect.stringMatching(/^https:/) }])
    }, patience)
    const { twilioCallSid } = one(simulator.ledger().calls.find((each) => each.roomName === roomName))
    expect(await call()).toMatchObject({ disposition: 'completed', providerCallId: twilioCallSid, outcome: 'callback' })
    const parked = await world.db.select().from(parkedSignals)
    expect(parked.filter(({ providerCallIds }) => providerCallIds.includes(twilioCallSid ?? ''))).toEqual([])
  })
})
