import type { LedgerCall } from '@outdial/simulator/simulator'
import { describe, expect, test } from 'vitest'
import { judge, type ToldCall } from './judge.ts'

const at = (second: number) => ({ at: new Date(1_000 * second).toISOString(), realMs: 1_000 * second })

const told: ToldCall = {
  id: '1',
  roomName: 'call-1',
  status: 'failed',
  disposition: 'busy',
  outcome: null,
  startsAt: new Date(10_000),
  permittedAt: new Date(10_500),
}

const seen: LedgerCall = {
  sipCallId: 'SCL_1',
  roomName: 'call-1',
  participantIdentity: 'callee-1',
  to: '+12125550100',
  from: '+12125550199',
  trunkId: 'ST_1',
  trunkAddress: 'sip.example.com',
  headers: {},
  attempt: 1,
  behaviour: 'busy',
  invited: at(12),
  ended: at(13),
  ending: 'refused',
  hungUpBy: 'carrier',
  sipStatus: 486,
}

const answered: LedgerCall = { ...seen, answered: at(13), agentJoined: at(13), ending: 'hung_up', sipStatus: 200 }

test('a call that ended as the network saw it is no mismatch', () => {
  expect(judge([told], [seen])).toEqual({ invites: 1, callsWithTwoInvites: 0, mismatches: [], longestWaitMs: 2_000 })
})

describe('what is wrong is told', () => {
  const cases: [string, ToldCall[], LedgerCall[], RegExp][] = [
    ['two INVITEs for one call', [told], [seen, { ...seen, sipCallId: 'SCL_2' }], /dialed 2 times/],
    ['an INVITE of no call', [], [seen], /knows no such call/],
    ['a call that was never dialed', [told], [], /busy, but never dialed/],
    ['a call dialed without a permit', [{ ...told, permittedAt: null }], [seen], /without a permit/],
    ['another ending', [told], [{ ...seen, sipStatus: 603 }], /busy, but the network saw rejected/],
    ['a call that goes on', [told], [{ ...seen, ended: undefined }], /the network saw no end/],
    ['an answer that was missed', [told], [answered], /busy, but the network saw completed/],
    [
      'an outcome that was missed',
      [told],
      [{ ...seen, outcome: 'interested' }],
      /outcome none, but the agent heard interested/,
    ],
    [
      'an outcome nobody heard',
      [{ ...told, outcome: 'interested' }],
      [seen],
      /outcome interested, but the agent heard none/,
    ],
  ]
  test.each(cases)('%s', (_, calls, ledger, expected) => {
    const { mismatches, callsWithTwoInvites } = judge(calls, ledger)
    expect(mismatches).toEqual([expect.stringMatching(expected)])
    expect(callsWithTwoInvites).toBe(ledger.length > 1 ? 1 : 0)
  })
})

describe('endings', () => {
  const cases: [string, ToldCall['disposition'], Partial<LedgerCall>][] = [
    ['nobody answers', 'no_answer', { ending: 'canceled', hungUpBy: 'ringing_timeout', sipStatus: 487 }],
    ['the carrier says nothing', 'trunk_error', { ending: 'canceled', hungUpBy: 'carrier', sipStatus: undefined }],
    ['hung up while it rang', 'canceled', { ending: 'canceled', hungUpBy: 'api', sipStatus: 487 }],
    ['no agent came', 'agent_error', { ...answered, agentJoined: undefined, hungUpBy: 'api' }],
    ['the callee did not wait for the agent', 'completed', { ...answered, agentJoined: undefined, hungUpBy: 'callee' }],
    ['any other refusal', 'trunk_error', { sipStatus: 503 }],
  ]
  test.each(cases)('%s: %s', (_, disposition, facts) => {
    expect(judge([{ ...told, disposition }], [{ ...seen, ...facts }]).mismatches).toEqual([])
  })
})

test('a call that was given back before it was dialed has no INVITE', () => {
  const released: ToldCall = { ...told, disposition: 'canceled', permittedAt: null }
  expect(judge([released], [])).toMatchObject({ invites: 0, mismatches: [], longestWaitMs: 0 })
})
