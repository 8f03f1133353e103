import { describe, expect, test } from 'vitest'
import { type EndedLeg, hearOfTrunk, trunkFailingReason } from './trunk-faults.ts'

const at = new Date('2026-03-02T12:00:00Z')

const ended = (leg: Partial<EndedLeg>): EndedLeg => ({
  disposition: 'trunk_error',
  ringingAt: null,
  answeredAt: null,
  sipStatusCode: null,
  refusal: null,
  ...leg,
})
const by = (fault: 'callee' | 'carrier' | 'livekit' | 'configuration', rest: object = {}) =>
  ({ fault, effect: 'none', reached: true, ...rest }) as const

describe('what a call that has ended tells about its trunk', () => {
  test.each<[said: string, leg: Partial<EndedLeg>, news: ReturnType<typeof hearOfTrunk>]>([
    ['answered', { disposition: 'completed', answeredAt: at }, 'worked'],
    ['answered, and no agent came', { disposition: 'agent_error', answeredAt: at }, 'worked'],
    ['a phone rang before the trunk failed', { ringingAt: at, refusal: by('carrier') }, 'worked'],
    ['486 busy', { disposition: 'busy', sipStatusCode: 486, refusal: by('callee') }, 'worked'],
    ['480 no answer', { disposition: 'no_answer', sipStatusCode: 480, refusal: by('callee') }, 'worked'],
    ['603 declined', { disposition: 'rejected', sipStatusCode: 603, refusal: by('callee') }, 'worked'],
    ['404 no such number', { disposition: 'invalid_number', sipStatusCode: 404, refusal: by('callee') }, 'worked'],
    ['403 forbidden', { disposition: 'rejected', sipStatusCode: 403, refusal: by('carrier') }, 'failed'],
    ['488 not acceptable', { sipStatusCode: 488, refusal: by('configuration') }, 'failed'],
    ['500 of the carrier', { sipStatusCode: 500, refusal: by('carrier') }, 'failed'],
    ['a silent carrier', { refusal: by('carrier') }, 'failed'],
    ['LiveKit refuses the request', { refusal: by('configuration', { reached: false }) }, 'failed'],
    [
      'LiveKit refuses the number',
      { disposition: 'invalid_number', refusal: by('callee', { reached: false }) },
      'nothing',
    ],
    ['LiveKit shuts down', { refusal: by('livekit') }, 'nothing'],
    ['too many calls at once', { sipStatusCode: 503, refusal: by('carrier', { effect: 'slow_lane' }) }, 'nothing'],
    ['401, which stops at once', { refusal: by('configuration', { effect: 'stop_campaign' }) }, 'nothing'],
    ['taken back before the dial', { disposition: 'canceled', refusal: by('configuration') }, 'nothing'],
    ['nobody knows', { disposition: 'unknown' }, 'nothing'],
    ['not ended', { disposition: null }, 'nothing'],
    ['the leg left without a word', {}, 'failed'],
    ['the leg was rejected, nobody said by whom', { disposition: 'rejected' }, 'worked'],
    ['403 without a fault', { disposition: 'rejected', sipStatusCode: 403 }, 'failed'],
    ['a refusal without a fault', { refusal: { effect: 'slow_lane', reached: true } }, 'nothing'],
  ])('%s', (_said, leg, news) => {
    expect(hearOfTrunk(ended(leg))).toBe(news)
  })
})

test('the reason quotes the last answer and says what to do', () => {
  const reason = trunkFailingReason(10, 'The carrier does not permit this call (SIP 403).')
  expect(reason).toContain('the last 10 calls')
  expect(reason).toContain('“The carrier does not permit this call (SIP 403).”')
  expect(reason).toMatch(/Then resume\.$/)
  expect(trunkFailingReason(10, null)).not.toContain('“')
})
