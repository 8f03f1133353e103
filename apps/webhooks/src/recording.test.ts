/** Recordings and words over the wire, as LiveKit and agents tell them, in every order. */
import { recordings } from '@outdial/database/schema/recordings'
import { reportToken } from '@outdial/dialing/calls/report-token'
import { after, one, tell } from '@outdial/dialing/testing'
import { shownTranscript } from '@outdial/policy/transcript'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  agentReport,
  callOf,
  type DialedCall,
  dialedCall,
  dialedCalls,
  livekitEvent,
  openWebhooksWorld,
  reportSecret,
  traces,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.clock.at = after(60_000)
})

const noonSecond = 1_772_452_800
const nanoseconds = (seconds: number) => `${noonSecond + seconds}000000000`

async function livekit(event: string, seconds: number, fields: Record<string, unknown>) {
  const id = `EV_${JSON.stringify([event, seconds, fields]).length}_${JSON.stringify(fields)}`.slice(0, 180)
  const body = { event, id: `${event}-${id}`, createdAt: String(noonSecond + seconds), ...fields }
  return world.post('/api/livekit/webhook', await livekitEvent(body))
}

type Teller = (call: DialedCall) => Promise<unknown>

function egress(event: string, seconds: number, changes: Record<string, unknown>): Teller {
  return ({ callId, roomName }) => {
    const fileName = `recordings/${callId}.ogg`
    const file = { filename: fileName, location: `https://b.s3.amazonaws.com/${fileName}` }
    const over = { endedAt: nanoseconds(40), fileResults: [{ ...file, duration: '34000000000', size: '140000' }] }
    const egressInfo = {
      ...{ egressId: `EG_${callId}`, roomName, startedAt: nanoseconds(6) },
      roomComposite: { roomName, audioOnly: true, fileOutputs: [{ filepath: fileName }] },
      ...(event === 'egress_ended' && over),
      ...changes,
    }
    return livekit(event, seconds, { egressInfo })
  }
}

function segment(event: string, seconds: number, line: Record<string, unknown>): Teller {
  return ({ roomName, callId }) => {
    const transcription = { transcribedParticipantIdentity: `callee-${callId}`, segments: [line] }
    return livekit(event, seconds, { room: { name: roomName }, transcription })
  }
}

const roomFinished: Teller = ({ roomName }) => livekit('room_finished', 40, { room: { name: roomName, sid: 'RM_1' } })
const report: Teller = ({ callId }) => {
  const transcript = [{ speaker: 'agent', text: 'Hello', at: '2026-03-02T12:00:05Z' }]
  return world.post(...agentReport(callId, { id: 'r', at: '2026-03-02T12:00:38Z', outcome: 'interested', transcript }))
}
const lines: Teller = ({ callId }) =>
  agentLines(callId, {
    id: 'l1',
    at: '2026-03-02T12:00:09Z',
    lines: [{ id: 'A1', speaker: 'agent', text: 'This is Ann.', at: '2026-03-02T12:00:06Z' }],
  })

function agentLines(callId: string, body: Record<string, unknown>, token = reportToken(reportSecret, callId)) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return world.post(`/api/agent/calls/${callId}/transcript`, { headers, body: JSON.stringify(body) })
}

const story: Teller[] = [
  ({ callId }) => tell(world, callId, { kind: 'answered', at: after(5_000) }),
  egress('egress_started', 6, {}),
  egress('egress_updated', 7, { status: 'EGRESS_ACTIVE' }),
  segment('transcription_received', 7, { id: 'SG_1', text: 'I would like', final: false }),
  segment('transcription_final', 9, { id: 'SG_1', text: 'I would like two.' }),
  lines,
  report,
  roomFinished,
  egress('egress_ended', 41, { status: 'EGRESS_COMPLETE' }),
]

async function recordOf({ callId }: DialedCall) {
  const call = await callOf(world, callId)
  const rows = (await world.db.select().from(recordings)).filter((row) => row.callId === callId)
  const kept = rows.map(({ id: _, workspaceId: __, createdAt: ___, ...row }) => row)
  const { status, disposition, outcome, answeredAt, endedAt } = call
  const record = { status, disposition, outcome, answeredAt, endedAt, words: shownTranscript(call), kept }
  return JSON.parse(JSON.stringify(record).replaceAll(callId, 'CALL')) as Record<string, unknown>
}

describe('egress, transcription, room and report', () => {
  it('give the same record in every order, and when all of them come twice', async () => {
    const [first, ...others] = await dialedCalls(world, 16)
    for (const teller of story) await teller(one(first))
    const told = await recordOf(one(first))
    expect(told).toMatchObject({
      ...{ status: 'completed', outcome: 'interested', endedAt: after(40_000).toISOString() },
      words: [{ text: 'This is Ann.' }, { text: 'I would like two.' }],
      kept: [
        {
          ...{ source: 'livekit', externalId: 'EG_CALL', status: 'complete', fileKey: 'recordings/CALL.ogg' },
          ...{ startedAt: after(6_000).toISOString(), endedAt: after(40_000).toISOString() },
          ...{ durationMs: 34_000, sizeBytes: 140_000 },
        },
      ],
    })
    const twice = [...story.keys(), ...story.keys()]
    const orders = fc.sample(fc.shuffledSubarray(twice, { minLength: twice.length }), { numRuns: 15, seed: 3 })
    for (const [n, call] of others.entries()) {
      for (const at of orders[n] ?? []) await one(story[at])(call)
      expect(await recordOf(call), `order ${String(orders[n])}`).toEqual(told)
    }
  })
})

describe('events that nobody should believe, or read', () => {
  it('are refused without a trace', async () => {
    const { roomName } = await dialedCall(world)
    const before = await traces(world)
    const event = { event: 'transcription_final', id: 'EV_x', createdAt: String(noonSecond), room: { name: roomName } }
    const spoken = { ...event, transcription: { speaker: 'agent', text: 'Hello' } }
    const wrong = await livekitEvent(spoken, { secret: 'another-secret-of-at-least-32-characters' })
    expect((await world.post('/api/livekit/webhook', wrong)).status).toBe(401)
    const changed = await livekitEvent(spoken, { change: (body) => body.replace('Hello', 'Hallo') })
    expect((await world.post('/api/livekit/webhook', changed)).status).toBe(401)
    expect(await world.post('/api/livekit/webhook', await livekitEvent(event))).toMatchObject({ status: 400 })
    expect(await traces(world)).toEqual(before)
  })

  it('about rooms of others are no concern', async () => {
    const answer = await livekit('egress_ended', 5, { egressInfo: { egressId: 'EG_9', roomName: 'theirs' } })
    expect(answer).toMatchObject({ status: 200, body: { status: 'not_ours' } })
  })
})

describe('POST /api/agent/calls/:callId/transcript', () => {
  const line = { id: 'A1', speaker: 'agent', text: 'Hello', at: '2026-03-02T12:00:06Z' }

  it('takes lines as they are said, each request once', async () => {
    const call = await dialedCall(world)
    await tell(world, call.callId, { kind: 'answered', at: after(5_000) })
    const interim = { id: 'l1', at: '2026-03-02T12:00:07Z', lines: [{ ...line, text: 'Hel', isFinal: false }] }
    expect(await agentLines(call.callId, interim)).toMatchObject({ status: 202, body: { status: 'recorded' } })
    expect(await agentLines(call.callId, interim)).toMatchObject({ status: 202, body: { status: 'repeated' } })
    expect(await recordOf(call)).toMatchObject({ words: [{ text: 'Hel', isInterim: true }] })
    await agentLines(call.callId, { id: 'l2', at: '2026-03-02T12:00:08Z', lines: [line] })
    expect((await recordOf(call)).words).toEqual([{ speaker: 'agent', text: 'Hello', at: '2026-03-02T12:00:06.000Z' }])
  })

  it('wants the token of this call', async () => {
    const { callId } = await dialedCall(world)
    const other = reportToken(reportSecret, crypto.randomUUID())
    const answer = await agentLines(callId, { id: 'l1', at: line.at, lines: [line] }, other)
    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json' })
    const nobody = crypto.randomUUID()
    expect((await agentLines(nobody, { id: 'l1', at: line.at, lines: [line] })).status).toBe(404)
  })

  it.each([
    [{ lines: [line], at: line.at }, 'id'],
    [{ id: 'l1', at: line.at, lines: [] }, 'lines'],
    [{ id: 'l1', at: line.at, lines: [{ ...line, speaker: 'user' }] }, 'lines.0.speaker'],
    [{ id: 'l1', at: line.at, lines: [{ ...line, at: 'now' }] }, 'lines.0.at'],
    [{ id: 'l1', at: line.at, lines: [{ ...line, id: '' }] }, 'lines.0.id'],
  ])('refuses %j and names the field', async (body, field) => {
    const { callId } = await dialedCall(world)
    expect(await agentLines(callId, body)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})
