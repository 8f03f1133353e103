import { expect, test } from 'vitest'
import type { PhoneCall } from '../phone/phone-calls.ts'
import type { JobStory } from '../worker/script.ts'
import { toLedger } from './ledger.ts'

const labels = new Map([['waits', 'c2']])

const moment = (realMs: number) => ({ at: new Date(realMs).toISOString(), realMs })
const invited = moment(1_000)

function ledgerOf(call: Partial<PhoneCall>, story?: Partial<JobStory>) {
  const seen: PhoneCall = {
    ...{ callId: 'x', sipCallId: 'SCL_1', to: '+12015550101', from: '+12125550100', behaviour: 'answers', invites: 1 },
    ...{ headers: { 'x-account-code': 'c1' }, invited, ...call },
  }
  const stories = story ? [{ job: { roomName: 'call-c1' }, reported: [], ...story } as unknown as JobStory] : []
  const [row] = toLedger([seen], { stories, trunkId: 'ST_1', ringTimeoutMs: 15_000, labels })
  return row
}

test('an INVITE belongs to the call whose id is its account code', () => {
  expect(ledgerOf({})).toEqual({
    sipCallId: 'SCL_1',
    roomName: 'call-c1',
    to: '+12015550101',
    trunkId: 'ST_1',
    invited,
  })
  expect(ledgerOf({ headers: {} })?.roomName).toBe('call-x')
  expect(ledgerOf({ headers: { 'x-account-code': 'waits' } })?.roomName).toBe('call-c2')
})

test('a ring that ends at the timeout was nobody’s wish, an earlier end was asked for', () => {
  const canceled = { ending: 'canceled', hungUpBy: 'livekit' } as const
  expect(ledgerOf({ ...canceled, ended: moment(16_000) })?.hungUpBy).toBe('ringing_timeout')
  expect(ledgerOf({ ...canceled, ended: moment(5_000) })?.hungUpBy).toBe('api')
})

test('of those who hang up the agent is told from the dialer, and the callee from both', () => {
  const hungUp = { answered: moment(2_000), ended: moment(4_000), ending: 'hung_up' } as const
  expect(ledgerOf({ ...hungUp, hungUpBy: 'livekit' }, { ending: 'hung_up' })?.hungUpBy).toBe('agent')
  expect(ledgerOf({ ...hungUp, hungUpBy: 'livekit' }, { ending: 'room_gone' })?.hungUpBy).toBe('api')
  expect(ledgerOf({ ...hungUp, hungUpBy: 'callee' }, { ending: 'room_gone' })?.hungUpBy).toBe('callee')
})

test('what the agent did and heard comes along', () => {
  const reported = [
    { report: { outcome: 'interested' }, status: 202 },
    { report: { summary: 'Fine.' }, status: 202 },
  ]
  const row = ledgerOf({}, { joinedMs: 1_500, reported })
  expect(row).toMatchObject({ agentJoined: moment(1_500), outcome: 'interested' })
})
