/** A call that comes in has no worker: the scheduler notices that it was answered, and LiveKit's webhooks tell the rest. */
import { recordings } from '@outdial/database/schema/recordings'
import { createRecorder } from '@outdial/dialing/recordings/recorder'
import { tendRecordings } from '@outdial/dialing/recordings/tend-recordings'
import { livekitKeys } from '@outdial/dialing/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, type InboundWorld, openInboundWorld } from './testing/inbound-world.ts'

let world: InboundWorld
beforeAll(async () => {
  world = await openInboundWorld()
})
afterAll(() => world.close())

it('is recorded like one that was dialed, and the end of its recording is told', async () => {
  const to = '+12125550101'
  await world.addNumber(to)
  const { simulator, clock } = world
  const bucket = {
    bucket: 'calls',
    accessKey: 'AK',
    secretKey: 'SK',
    region: 'us-east-1',
    endpoint: `${simulator.url}/_s3`,
  }
  const livekit = { url: simulator.url, ...livekitKeys }
  const recorder = createRecorder({ when: 'always', bucket, keyPrefix: '' }, { livekit, clock })
  const roomName = await world.callIn({ from: '+14155550123', to, outcome: 'interested', talkMs: 60_000 })
  const recordingOf = async () => {
    const call = await world.callOf(roomName)
    const rows = await world.db.select().from(recordings)
    return rows.find(({ callId }) => callId === call?.id)
  }
  await eventually(world, async () => {
    await tendRecordings({ ...world.deps, recorder }, clock.now())
    return recordingOf()
  })
  const complete = await eventually(world, async () => {
    const recording = await recordingOf()
    return recording?.status === 'complete' && recording
  })
  expect(complete).toMatchObject({ source: 'livekit', bucket: 'calls', error: null, tryAt: null })
  expect(complete.durationMs).toBeGreaterThan(10_000)
  const call = await eventually(world, async () => {
    const now = await world.callOf(roomName)
    return now?.settledAt ? now : undefined
  })
  expect(call).toMatchObject({ origin: 'inbound', status: 'completed', outcome: 'interested' })
})
