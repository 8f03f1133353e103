import { expect, test } from 'vitest'
import type { Case } from './cases/case.ts'
import { compare, describeDifference, unexcused } from './compare.ts'
import { judgeLiveKit, judgeSimulator } from './judge-run.ts'

const livekit = { answer: { status: 429, code: 'busy' }, story: ['joined', 'left'] }

test('differences have a path, also where one side has nothing', () => {
  const simulator = { answer: { status: 429, code: 'canceled' }, story: ['joined'], more: true }
  expect(compare({ livekit, simulator }).map(describeDifference)).toEqual([
    'answer.code: LiveKit "busy", simulator "canceled"',
    'story.1: LiveKit "left", simulator nothing',
    'more: LiveKit nothing, simulator true',
  ])
  expect(compare({ livekit, simulator: structuredClone(livekit) })).toEqual([])
})

test('a reason counts for a path and all below it, not for names that begin alike', () => {
  const simulator = { answer: { status: 1, code: 'x' }, story: ['joined', 'left'] }
  const differences = compare({ livekit, simulator })
  expect(unexcused(differences, { answer: 'because' })).toEqual([])
  expect(unexcused(differences, { 'answer.cod': 'because' })).toHaveLength(2)
})

const each: Case = { name: 'a', title: 'A', run: async () => livekit, tell: () => '' }
const ran = (seen: typeof livekit | undefined, failures: string[] = []) => ({ name: 'a', seen, failures, lastedMs: 1 })

test('the simulator passes when it is equal, or differs where the case says why', () => {
  const other = { ...livekit, story: ['joined'] }
  expect(judgeSimulator(each, { ran: ran(livekit), reality: livekit }).failures).toEqual([])
  expect(judgeSimulator(each, { ran: ran(other), reality: livekit }).failures).toHaveLength(1)
  const excused = { ...each, differs: { story: 'because' } }
  expect(judgeSimulator(excused, { ran: ran(other), reality: livekit }).failures).toEqual([])
})

test('a reason that excuses nothing is wrong, and so is a case nobody asked the servers', () => {
  const excused = { ...each, differs: { story: 'because' } }
  expect(judgeSimulator(excused, { ran: ran(livekit), reality: livekit }).failures).toEqual([
    '"differs" names story, which is equal',
  ])
  expect(judgeSimulator(each, { ran: ran(livekit), reality: undefined }).failures[0]).toMatch(/--write/)
})

test('what broke down, or what Outdial relies on and did not get, fails on both', () => {
  expect(judgeSimulator(each, { ran: ran(undefined, ['no answer']), reality: livekit }).failures).toEqual(['no answer'])
  expect(judgeSimulator(each, { ran: ran(livekit, ['broken']), reality: livekit }).failures).toEqual(['broken'])
  expect(judgeLiveKit(ran(livekit, ['broken']), livekit).failures).toEqual(['broken'])
  expect(judgeLiveKit(ran({ ...livekit, story: [] }), livekit).failures[0]).toMatch(/^story.0: now undefined, recorded/)
  expect(judgeLiveKit(ran(livekit), undefined).failures).toEqual([])
})
