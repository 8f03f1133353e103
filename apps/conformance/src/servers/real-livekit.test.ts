import { once } from 'node:events'
import { access, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { LiveKit } from '@outdial/telephony/livekit'
import { type LiveKitWebhook, receiveLiveKitWebhook } from '@outdial/telephony/livekit-webhook'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Phone, startPhone } from '../phone/phone.ts'
import { measureTone } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import { decodeWave } from '../sound/wav.ts'
import { startAgentWorker } from '../worker/agent-worker.ts'
import { findPrograms } from './programs.ts'
import { type RealLiveKit, startRealLiveKit } from './real-livekit.ts'
import { sayLeftOut } from './say-left-out.ts'

const { missing } = await findPrograms()
const servers = missing.filter((name) => name !== 'sipp')
/** Of the energy. Another tone has less than a fiftieth of it; a machine that has no time for sound tears it to pieces. */
const clearly = 0.3
const patience = { timeout: 20_000, interval: 50 }

if (missing.length > 0) sayLeftOut('calls over real LiveKit servers', missing)
if (servers.length > 0) {
  test(`real LiveKit servers are LEFT OUT: ${servers.join(', ')} missing, and the error says how to get that`, async () => {
    await expect(startRealLiveKit()).rejects.toThrow(servers[0])
  })
} else if (missing.includes('sipp')) {
  test('calls over real LiveKit servers are LEFT OUT (sipp is missing); the servers start and stop', async () => {
    const real = await startRealLiveKit()
    await new LiveKit(real).ping()
    await real.stop()
    await expect(access(real.directory)).rejects.toThrow('ENOENT')
  })
} else {
  describe('a call over real LiveKit servers', callsOverRealServers)
}

function callsOverRealServers() {
  const events: LiveKitWebhook[] = []
  let real: RealLiveKit
  let phone: Phone
  let livekit: LiveKit
  let receiver: Server
  let trunkId: string

  beforeAll(async () => {
    const { promise: started, resolve } = Promise.withResolvers<RealLiveKit>()
    receiver = createServer((request, response) => {
      void started
        .then((keys) => readEvent(request, keys))
        .then((event) => events.push(event))
        .finally(() => response.end())
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const { port } = receiver.address() as AddressInfo
    phone = await startPhone({ ringMs: 300, talkMs: 500, audio: () => tone({ hz: 440, rate: 8_000, samples: 40_000 }) })
    real = await startRealLiveKit({ webhookUrls: [`http://127.0.0.1:${port}/`] })
    resolve(real)
    livekit = new LiveKit(real)
    const trunk = { name: 'phone', address: phone.address, transport: 'udp' as const, numbers: ['+12125550100'] }
    trunkId = (await livekit.createOutboundTrunk(trunk)).livekitTrunkId
  })
  afterAll(async () => {
    await real.stop()
    await phone.stop()
    receiver.close()
  })

  const room = async (roomName: string, agent: { name: string; metadata: string } | null = null) => {
    const timeouts = { emptyTimeoutMs: 30_000, departureTimeoutMs: 1_000 }
    await livekit.createRoom({ roomName, metadata: '', agent, ...timeouts, maxParticipants: 2 })
    return roomName
  }
  const dial = (roomName: string, { to, dtmf = '' }: { to: string; dtmf?: string }) => {
    const leg = { roomName, to, dtmf, livekitTrunkId: trunkId, identity: `callee-${roomName}` }
    return livekit.dial({ ...leg, ringTimeoutMs: 10_000, waitUntilAnswered: true })
  }
  const seen = async (to: string) => (await phone.calls()).find((call) => call.to === to)

  test('is answered and hung up by the callee, and every webhook is signed', async () => {
    const roomName = await room('hangs-up')
    expect(await dial(roomName, { to: '+12125550115' })).toMatchObject({ kind: 'answered' })
    const ofRoom = () => events.filter((event) => event.roomName === roomName).map(({ event }) => event)
    await expect.poll(ofRoom, patience).toContain('room_finished')
    expect(ofRoom()).toEqual(expect.arrayContaining(['room_started', 'participant_joined', 'participant_left']))
    expect(await seen('+12125550115')).toMatchObject({ ending: 'hung_up', hungUpBy: 'callee' })
  })

  test('is known to the telephone by the id that LiveKit gave it, and hears the keys that were dialed', async () => {
    const answer = await dial(await room('keys'), { to: '+12125550101', dtmf: '12#' })
    const call = await seen('+12125550101')
    expect(answer).toMatchObject({ kind: 'answered', sipCallId: call?.sipCallId })
    await expect.poll(() => call && phone.soundOf(call)?.dtmf, patience).toBe('12#')
    await livekit.hangUp('keys')
    await expect.poll(() => seen('+12125550101'), patience).toMatchObject({ hungUpBy: 'livekit' })
  })

  test('is transferred, or refused, as the target says', async () => {
    await dial(await room('transfers'), { to: '+12125550201' })
    const leg = { roomName: 'transfers', identity: 'callee-transfers' }
    await expect(livekit.transfer({ ...leg, to: 'tel:+12125550207' })).rejects.toThrow('486')
    await livekit.transfer({ ...leg, to: 'tel:+12125550299' })
    expect(await seen('+12125550201')).toMatchObject({ transfer: { to: '+12125550299', sipStatus: 200 } })
  })

  test('is answered in the moment in which it is canceled: the telephone knows of an answer, the dialer of none', async () => {
    const leg = { roomName: await room('race'), to: '+12125550133', livekitTrunkId: trunkId, identity: 'late' }
    const answer = await livekit.dial({ ...leg, ringTimeoutMs: 1_000, waitUntilAnswered: true })
    expect(answer).toMatchObject({ kind: 'failed', failure: { disposition: 'no_answer' } })
    const call = await seen('+12125550133')
    expect(call?.ringing).toBeDefined()
    expect(call?.answered).toBeDefined()
  })

  test('is made a room anew for the agent that was on its way when it was deleted, which is why that is told', async () => {
    const scriptOf = () => ({ joinDelayMs: 500 })
    const worker = await startAgentWorker({ ...real, agentName: 'late', scriptOf })
    const roomName = await room('late', { name: 'late', metadata: '' })
    await expect.poll(() => worker.stories()[0]?.assignedMs, patience).toBeDefined()
    await livekit.hangUp(roomName)
    const ofRoom = () => events.filter((event) => event.roomName === roomName).map(({ event }) => event)
    const anew = ['room_started', 'room_finished', 'room_started', 'participant_joined']
    await expect.poll(ofRoom, patience).toEqual(anew)
    await livekit.hangUp(roomName)
    await worker.idle()
    await worker.close()
    expect(worker.stories()[0]).toMatchObject({ ending: 'room_gone' })
  })

  test('has both sides hear each other', async () => {
    const recordTo = join(real.directory, 'conversation.wav')
    const scriptOf = () => ({ talkMs: 2_000, toneHz: 660, listenMs: 500, recordTo })
    const worker = await startAgentWorker({ ...real, agentName: 'scripted', scriptOf })
    const answer = await dial(await room('conversation', { name: 'scripted', metadata: '' }), { to: '+12125550301' })
    expect(answer).toMatchObject({ kind: 'answered' })
    await expect.poll(() => seen('+12125550301'), patience).toMatchObject({ ending: 'hung_up' })
    const call = await seen('+12125550301')
    await worker.idle()
    await worker.close()

    const atPhone = call && phone.soundOf(call)
    expect(measureTone(atPhone?.heard ?? new Int16Array(), { hz: 660, rate: 8_000 }).toneShare).toBeGreaterThan(clearly)
    const { rate, channels } = decodeWave(await readFile(recordTo))
    const [heard = new Int16Array(), said = new Int16Array()] = channels
    expect(measureTone(heard, { hz: 440, rate }).toneShare).toBeGreaterThan(clearly)
    expect(measureTone(said, { hz: 660, rate }).toneShare).toBeGreaterThan(clearly)
  })
}

async function readEvent(request: IncomingMessage, { apiKey, apiSecret }: RealLiveKit): Promise<LiveKitWebhook> {
  const rawBody = await buffer(request)
  return receiveLiveKitWebhook({
    rawBody,
    authorization: request.headers.authorization,
    apiKey,
    apiSecret,
    now: new Date(),
  })
}
