/**
 * Everything that is told of a call, over the wire as its tellers send it, in every order: before the request to dial has
 * returned, after the call has ended, twice. The record of the call must be the same.
 */
import { notices } from '@outdial/database/schema/calls'
import { matchParked } from '@outdial/dialing/calls/hear-provider'
import { hearSignal } from '@outdial/dialing/calls/record-signal'
import { after, contactsOf, one, tell } from '@outdial/dialing/testing'
import type { Signal } from '@outdial/policy/signal'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  agentReport,
  callOf,
  type DialedCall,
  dialedCalls,
  livekitEvent,
  openWebhooksWorld,
  twilioForm,
  type WebhooksWorld,
} from './testing/webhooks-world.ts'

let world: WebhooksWorld
beforeAll(async () => {
  world = await openWebhooksWorld()
  world.clock.at = after(60_000)
})
afterAll(() => world.close())

/** Tells one thing of a call. Everything is sent again the same way when it is told twice. */
type Teller = (call: DialedCall) => Promise<void>

const noonSecond = 1_772_452_800
const sidOf = ({ callId }: DialedCall) => `CA${callId.replaceAll('-', '')}`

type Participant = { identity: string; kind: 'SIP' | 'AGENT'; joinedAtMs: string; attributes?: Record<string, string> }

function livekit(event: string, seconds: number, participant?: Participant): Teller {
  return async (call) => {
    const { roomName, callId } = call
    const attributes = { 'sip.callID': 'SCL_1', 'sip.twilio.callSid': sidOf(call), ...participant?.attributes }
    const body = {
      ...{ event, id: `EV_${callId}_${event}_${participant?.kind ?? ''}`, createdAt: String(noonSecond + seconds) },
      room: { name: roomName, sid: 'RM_1' },
      ...(participant ? { participant: { sid: 'PA_1', ...participant, attributes } } : {}),
    }
    expect((await world.post('/api/livekit/webhook', await livekitEvent(body))).status).toBe(200)
  }
}

const leg = (callStatus: string, changes = {}): Participant => ({
  ...{ identity: 'callee', kind: 'SIP', joinedAtMs: String(noonSecond * 1_000 + 300), ...changes },
  attributes: { 'sip.callStatus': callStatus },
})
const agent: Participant = { identity: 'agent-1', kind: 'AGENT', joinedAtMs: String(noonSecond * 1_000 + 280) }

/** What LiveKit answers to the request to dial. */
function dialReturns(content: Signal): Teller {
  return async ({ callId }) => {
    const event = { source: 'dialer', eventId: `dial-${callId}`, event: content.kind } as const
    await hearSignal(world.deps, { ...event, about: { callId }, content: [content], receivedAt: after(60_000) })
  }
}

function twilio(CallStatus: string, sequence: number, seconds: number, changes: Record<string, string> = {}): Teller {
  return async (call) => {
    const path = '/api/v1/outbound-calls/status-callback'
    const Timestamp = new Date((noonSecond + seconds) * 1_000).toUTCString()
    const ids = { CallSid: sidOf(call), CallbackSource: 'call-progress-events', SequenceNumber: String(sequence) }
    const form = { ...ids, To: '+15550009999', CallStatus, Timestamp, ...changes }
    expect((await world.post(path, twilioForm(path, form))).status).toBe(200)
  }
}

function agentSays(report: Record<string, unknown> & { id: string }): Teller {
  return async ({ callId }) => {
    expect((await world.post(...agentReport(callId, report))).status).toBe(202)
  }
}

/** What is known of the call when everything was told, without its names and the moments of hearing. */
async function recordOf(call: DialedCall) {
  await matchParked(world.deps, after(300_000))
  await tell(world, call.callId, { kind: 'settle', at: after(400_000) })
  const { providerCallId, ...row } = await callOf(world, call.callId)
  const contact = (await contactsOf(world, call.campaignId)).find(({ contactId }) => contactId === row.contactId)
  const told = (await world.db.select().from(notices)).filter(({ callId }) => callId === call.callId)
  const names = { id: 0, contactId: 0, phoneNumber: 0, contactName: 0, roomName: 0, createdAt: 0, startsAt: 0 }
  const hearing = { settledAt: 0, checkAt: 0 }
  return {
    ...{ ...row, ...names, ...hearing, isTwilios: providerCallId === sidOf(call) },
    contact: { state: contact?.state, attempts: contact?.attempts, finishReason: contact?.finishReason },
    notices: told.map(({ event }) => event).toSorted(),
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}

async function recordsIn(orders: Teller[][]) {
  const calls = await dialedCalls(world, orders.length)
  expect(calls).toHaveLength(orders.length)
  const records = []
  for (const [i, order] of orders.entries()) {
    const call = one(calls[i])
    for (const say of order) await say(call)
    records.push(await recordOf(call))
  }
  return records
}

const conversation = {
  agentJoined: livekit('participant_joined', 0, agent),
  legJoined: livekit('participant_joined', 0, leg('dialing')),
  answered: dialReturns({ kind: 'answered', at: after(6_200), sipCallId: 'SCL_1' }),
  legLeft: livekit('participant_left', 36, leg('hangup', { disconnectReason: 'CLIENT_INITIATED' })),
  finished: livekit('room_finished', 56),
}

const reports = [
  agentSays({ id: 'first', at: '2026-03-02T12:00:20Z', outcome: 'callback', answers: { 'How many?': 2 } }),
  agentSays({ id: 'last', at: '2026-03-02T12:00:36Z', outcome: 'interested', summary: 'Wants two.' }),
]

const refusal = {
  legJoined: livekit('participant_joined', 0, leg('dialing')),
  refused: dialReturns({
    ...{
      kind: 'dial_failed',
      at: after(4_100),
      disposition: 'busy',
      reached: true,
      burnsAttempt: true,
      effect: 'none',
    },
    ...{ fault: 'callee', sipStatusCode: 486, reason: 'The line was busy (SIP 486).' },
  }),
  legLeft: livekit('participant_left', 4, leg('ringing', { disconnectReason: 'USER_REJECTED' })),
  finished: livekit('room_finished', 24),
}

const slow = 300_000

describe('the record of a call is the same', () => {
  it(
    'for a conversation, in every order of LiveKit’s webhooks and the answer to the dial',
    async () => {
      const records = await recordsIn(permutations(Object.values(conversation)))
      expect(records).toHaveLength(120)
      expect(records[0]).toMatchObject({
        ...{ status: 'completed', answeredAt: after(6_200), agentJoinedAt: after(280), endedAt: after(36_000) },
        ...{ isTwilios: true, notices: ['call.answered', 'call.ended', 'call.started'] },
      })
      for (const record of records) expect(record).toEqual(records[0])
    },
    slow,
  )

  it(
    'for a busy line, with what Twilio says, in every order',
    async () => {
      const told = [...Object.values(refusal), twilio('busy', 2, 4, { SipResponseCode: '486' })]
      const records = await recordsIn(permutations(told))
      expect(records[0]).toMatchObject({
        ...{ status: 'failed', disposition: 'busy', sipStatusCode: 486, endReason: 'The line was busy (SIP 486).' },
        ...{ notices: ['call.ended', 'call.started'], contact: { attempts: 1 } },
      })
      for (const record of records) expect(record).toEqual(records[0])
    },
    slow,
  )

  it(
    'for all that is ever told of a conversation, in any order and with repeats',
    async () => {
      const told = [
        ...[...Object.values(conversation), ...reports, twilio('ringing', 1, 1), twilio('in-progress', 2, 6)],
        twilio('completed', 3, 36, { CallDuration: '30', SipResponseCode: '200' }),
      ]
      const anyOrder = fc
        .tuple(fc.shuffledSubarray(told, { minLength: told.length }), fc.subarray(told))
        .map(([order, again]) => [...order, ...again])
      const records = await recordsIn([told, told.toReversed(), ...fc.sample(anyOrder, 20)])
      expect(records[0]).toMatchObject({
        ...{ status: 'completed', outcome: 'interested', summary: 'Wants two.', answers: { 'How many?': 2 } },
        ...{ ringingAt: after(1_000), answeredAt: after(6_200), endedAt: after(36_000) },
      })
      const { notices: told1, ...first } = one(records[0])
      for (const { notices: toldNow, ...record } of records) {
        expect(record).toEqual(first)
        // An outcome that was not the last word is told only where it came first.
        expect(toldNow.filter((event) => event !== 'call.outcome')).toEqual(
          told1.filter((event) => event !== 'call.outcome'),
        )
      }
    },
    slow,
  )
})
