import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { JudgeOptions } from './judge.ts'
import { startMs, type World } from './testing/build-world.ts'
import {
  attemptsOf,
  callAt,
  entry,
  freedNumber,
  growingDelays,
  innocent,
  lateOnItsDay,
  loseContact,
  loweredCap,
  manyCalls,
  one,
  pausedAt,
  raisedCap,
  refusedOften,
  remove,
  reopened,
  runningCampaign,
  sameNumber,
  sameNumberAsked,
  sharedTrunk,
  spoiling,
  suppressedSingleCall,
  tellDisposition,
  tellNothing,
  tellTooLate,
  tellTooLateOfRequested,
  twoCalls,
  withoutLimit,
} from './testing/scenes.ts'
import type { RuleName } from './verdict.ts'

test('an innocent run is acquitted, and its figures are told', () => {
  const { violations, facts } = innocent().judge()
  expect(violations).toEqual([])
  expect(facts).toMatchObject({
    ...{ invites: 3, calls: 3, contacts: 2, finished: 2, unknown: 0, guessed: 0, unreported: 0, longestWaitMs: 0 },
    trunks: [{ trunkId: 't1', livekitTrunkId: 'ST_t1', invites: 3, peakConcurrency: 1, worstSecond: 1 }],
    shares: [],
  })
})

/** Each breaks one rule and no other. */
const breaches: [rule: RuleName, how: string, build: () => World][] = [
  [
    'two-invites',
    'the request to dial is sent twice',
    spoiling(({ ledger, moment }) => ledger.push({ ...one(ledger), sipCallId: 'SCL_again', invited: moment(1) })),
  ],
  [
    'unlogged-invite',
    'a number is dialed that nobody claimed',
    spoiling(({ ledger }) => ledger.push({ ...one(ledger), roomName: 'call-of-nobody' })),
  ],
  ['unpermitted-invite', 'the permit is missing', spoiling((world) => remove(world.log, entry(world, 'permitted')))],
  ['unpermitted-invite', 'the mark is missing', spoiling((world) => remove(world.log, entry(world, 'dialed', 1)))],
  [
    'unpermitted-invite',
    'the permit comes after the INVITE',
    spoiling((world) => Object.assign(entry(world, 'permitted'), { recordedAt: new Date(startMs + 50).toISOString() })),
  ],
  [
    'released-but-dialed',
    'a call that was given back is dialed',
    spoiling(({ write }) =>
      write({ kind: 'released', second: -0.1, callId: 'c1', campaignId: 'k1', contactId: 'p1', details: {} }),
    ),
  ],
  [
    'too-many-attempts',
    'two are allowed in all, and there are two more',
    () => attemptsOf({ maxAttemptsPerContact: 1 }),
  ],
  ['too-many-attempts-in-a-day', 'one a day is allowed', () => attemptsOf({ maxAttemptsPerDay: 1 })],
  ['attempt-limit', 'a number is on two campaigns', () => sameNumber([0, 4_000, 8_000, 86_399])],
  ['attempt-limit', 'somebody asked for a call to a number before its last one', () => sameNumberAsked(4_000)],
  ['two-calls-at-once', 'two campaigns call a number at the same time', () => sameNumber([0, 4])],
  ['called-after-conversation', 'somebody who was interested is called again', () => twoCalls('interested', 7_200)],
  ['retried-against-settings', 'an ending is retried that has no rule', () => twoCalls('invalid', 7_200)],
  [
    'retried-against-settings',
    'an ending is retried more often than its rule says',
    () => twoCalls('busy', 7_200, { busy: { attempts: 1, delaySeconds: 600, backoff: 'fixed' } }),
  ],
  ['called-too-soon', 'the delay has not passed', () => twoCalls('busy', 530)],
  ['called-too-soon', 'a refusal of the carrier is repeated at once', () => twoCalls('refused', 20)],
  ['called-too-soon', 'the second delay is as short as the first', () => growingDelays([66, 66])],
  [
    'called-too-soon',
    'a callback comes before its time',
    () => {
      const world = twoCalls('callback', 900)
      entry(world, 'retried').details.dueAt = world.moment(1_000).at
      return world
    },
  ],
  [
    'finished-twice',
    'a contact is finished again',
    spoiling((world) => world.write({ ...entry(world, 'finished'), id: 900, second: 700, kind: 'finished' })),
  ],
  [
    'called-after-finish',
    'a contact is called although it was finished',
    spoiling((world) => {
      const earlier = entry(world, 'finished', 1)
      const second = 600
      remove(world.log, earlier)
      world.write({ ...earlier, recordedAt: world.moment(second).at, second })
    }),
  ],
  ['finished-twice', 'a contact that was taken up again is finished twice more', () => reopened(2)],
  ['contact-lost', 'a campaign is completed without somebody', spoiling((world) => loseContact(world))],
  [
    'contact-lost',
    'a campaign is not completed at the end',
    spoiling((world) => {
      remove(world.log, entry(world, 'campaign_completed'))
      one(world.told.campaigns).status = 'running'
    }),
  ],
  ['outside-window', 'a call leaves after the end of the window', () => callAt('2026-03-02T20:00:00-05:00')],
  [
    'while-not-running',
    'a call leaves after a pause',
    spoiling(({ write }) => {
      write({ kind: 'campaign_paused', second: 600, campaignId: 'k1' })
      write({ kind: 'campaign_resumed', second: 666, campaignId: 'k1' })
    }),
  ],
  [
    'while-not-running',
    'a campaign was never started',
    spoiling((world) => {
      const started = entry(world, 'campaign_started')
      started.kind = 'campaign_changed'
    }),
  ],
  [
    'suppressed',
    'a number is called that asked not to be',
    spoiling(({ write, ledger }) =>
      write({ kind: 'number_suppressed', second: 600, details: { phoneNumber: one(ledger).to, source: 'call' } }),
    ),
  ],
  ['suppressed', 'also where a person asks for the call', () => suppressedSingleCall()],
  ['daily-cap', 'one call too many on a day', () => innocent({ dailyCap: 2 })],
  ['trunk-concurrency', 'one call too many at once', () => manyCalls({ count: 11, gap: 1, maxConcurrency: 10 })],
  ['campaign-concurrency', 'one call too many of a campaign', () => manyCalls({ count: 11, gap: 1, ofCampaign: 10 })],
  ['trunk-pace', 'three too many in a second', () => manyCalls({ count: 13, gap: 0.07, callsPerSecond: 10 })],
  ['campaign-pace', 'a campaign is faster than its delay', () => manyCalls({ count: 30, gap: 1, callDelayMs: 2_000 })],
  ['unfair-share', 'the second campaign gets one start in four', () => sharedTrunk([3, 1])],
  [
    'wrong-counters',
    'the product counts a call too many',
    spoiling(({ told }) => Object.assign(one(told.campaigns).calls, { busy: 7 })),
  ],
  [
    'wrong-counters',
    'a contact counts as waiting',
    spoiling(({ told }) => Object.assign(one(told.campaigns).contacts, { waiting: 1 })),
  ],
  [
    'wrong-counters',
    'the product tells another status',
    spoiling(({ told }) => Object.assign(one(told.campaigns), { status: 'paused' })),
  ],
  ['never-ended', 'the product has an open call', spoiling(({ told }) => told.openCalls.push('c1'))],
  ['never-ended', 'an INVITE goes on', spoiling(({ ledger }) => Object.assign(one(ledger, -1), { ended: undefined }))],
  [
    'never-ended',
    'a call was claimed and forgotten',
    spoiling((world) => {
      const of = { campaignId: 'k1', contactId: 'p1', callId: 'c9', trunkId: 't1' }
      world.write({ kind: 'claimed', second: 800, ...of, details: { zoneKey: '' } })
      one(world.told.campaigns).calls.pending = 1
    }),
  ],
  ['wrong-disposition', 'a busy line counts as rejected', spoiling((world) => tellDisposition(world, 'rejected'))],
  ['wrong-disposition', 'the leg of a single call left before its end', () => tellTooLateOfRequested(-1)],
  ['wrong-disposition', 'an answer was told and forgotten', spoiling((world) => tellDisposition(world, 'unknown'))],
  [
    'wrong-disposition',
    'a call that was never dialed was busy',
    spoiling((world) => {
      remove(world.ledger, one(world.ledger))
    }),
  ],
  [
    'wrong-outcome',
    'an outcome was reported and forgotten',
    spoiling((world) => Object.assign(entry(world, 'finished').details, { outcome: null })),
  ],
  [
    'wrong-outcome',
    'an outcome that nobody heard',
    spoiling((world) => Object.assign(entry(world, 'retried').details, { outcome: 'voicemail_left' })),
  ],
]

test.each(breaches)('%s: %s', (rule, _, build) => {
  const { violations } = build().judge()
  expect([...new Set(violations.map((each) => each.rule))]).toEqual([rule])
  for (const { message, evidence } of violations) {
    expect(message).toMatch(/^[A-Z1-9].* .*\.$/)
    expect(Object.keys(evidence as object).length).toBeGreaterThan(0)
  }
})

test('every rule has a test that breaks it', async () => {
  const verdicts = await readFile(fileURLToPath(new URL('verdict.ts', import.meta.url)), 'utf8')
  const names = [...verdicts.matchAll(/^ {2}\| '([\w-]+)'$/gm)].map((match) => match[1])
  expect(new Set(breaches.map(([rule]) => rule))).toEqual(new Set(names))
  expect((await readdir(fileURLToPath(new URL('rules', import.meta.url)))).length).toBeGreaterThan(10)
})

describe('what is no breach', () => {
  const cases: [string, () => World][] = [
    ['three calls to a number, and a fourth a day later', () => sameNumber([0, 4_000, 8_000, 86_401])],
    ['a workspace without a limit', () => withoutLimit(sameNumber([0, 4_000, 8_000, 12_000]))],
    ['a mailbox is called again', () => twoCalls('voicemail', 66)],
    ['a callback at its time', () => twoCalls('callback', 900)],
    ['delays that grow', () => growingDelays([66, 132])],
    ['a refusal of the carrier is no attempt', () => refusedOften()],
    ['a call within a second of the pause', () => pausedAt(664.5)],
    ['a call that was suppressed and set free', () => freedNumber()],
    ['a limit that was raised before the call', () => raisedCap()],
    ['a full trunk at full pace', () => manyCalls({ count: 100, gap: 0.1, callsPerSecond: 10, maxConcurrency: 51 })],
    ['shares by weight', () => sharedTrunk([3, 1], [3, 1])],
    ['a contact that a person took up again for a callback', () => reopened(1)],
    ['a cap that was lowered after the claim', () => loweredCap()],
    ['a call claimed and marked before midnight', () => lateOnItsDay()],
    ['nobody could tell how a call ended', () => tellNothing('unknown')],
    ['only the leg was heard leaving', () => tellNothing('rejected')],
    ['the leg was heard leaving after it was decided', () => tellTooLate(3)],
    ['the leg of a single call was heard leaving after its end', () => tellTooLateOfRequested(3)],
    ['the carrier refused a call that somebody asked for', () => sameNumberAsked(4_000, 'refused')],
  ]
  test.each(cases)('%s', (_, build) => expect(build().judge().violations).toEqual([]))

  const allowances: [string, Partial<JudgeOptions>, Partial<JudgeOptions>, () => World][] = [
    [
      'clocks apart, where a window opens',
      { clockSkewMs: 5 },
      { clockSkewMs: 3 },
      () => callAt('2026-03-03T08:59:59.996-05:00'),
    ],
    [
      'the way to the network',
      { paceJitterMs: 300 },
      {},
      () => manyCalls({ count: 13, gap: 0.07, callsPerSecond: 10 }),
    ],
    ['calls too many', { paceToleranceCalls: 3 }, {}, () => manyCalls({ count: 13, gap: 0.07, callsPerSecond: 10 })],
    ['time to hear of a pause', { pauseGraceMs: 2_000 }, {}, () => pausedAt(663.5)],
    ['time to hear of a call that was asked for', {}, { pauseGraceMs: 500 }, () => sameNumberAsked(0.7)],
    ['shares that are not quite fair', { fairness: { tolerance: 0.6, minStarts: 100 } }, {}, () => sharedTrunk([3, 1])],
    ['a small sample', { fairness: { tolerance: 0.25, minStarts: 1_000 } }, {}, () => sharedTrunk([3, 1])],
    ['what goes on', { expectFinished: false }, {}, () => runningCampaign()],
  ]
  test.each(allowances)('%s, as far as is allowed', (_, kind, strict, build) => {
    expect(build().judge(kind).violations).toEqual([])
    expect(build().judge(strict).violations).not.toEqual([])
  })

  test('but not a pace that is too fast all the time, by less than what the way adds to a second', () => {
    const world = manyCalls({ count: 100, gap: 0.08, callsPerSecond: 10 })
    const { violations } = world.judge({ paceJitterMs: 250 })
    expect(new Set(violations.map(({ rule }) => rule))).toEqual(new Set(['trunk-pace']))
  })

  test('but it is counted', () => {
    expect(tellNothing('unknown').judge().facts).toMatchObject({ unknown: 1, guessed: 0 })
    expect(tellNothing('rejected').judge().facts).toMatchObject({ unknown: 0, guessed: 1 })
    expect(sharedTrunk([3, 1], [3, 1]).judge().facts.shares).toMatchObject([
      { share: expect.closeTo(0.75, 2), fairShare: 0.75 },
    ])
  })
})
