import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { delayedTick, dialJob, queueNames, readPayload, requirePayload } from './jobs.ts'

describe('payloads', () => {
  test('ids pass, and nothing else comes along', () => {
    const id = randomUUID()
    expect(readPayload('tick', { trunkId: id, number: '+12025550123' })).toEqual({ trunkId: id })
    expect(readPayload('fill', { campaignId: id })).toEqual({ campaignId: id })
    expect(readPayload('dial', { callId: id })).toEqual({ callId: id })
    expect(readPayload('apply', null)).toEqual({})
    expect(readPayload('notify', {})).toEqual({})
  })

  test.each([null, undefined, 'x', 7, [], {}, { trunkId: 7 }, { trunkId: '' }, { trunkId: 'a:b' }, { callId: 'x' }])(
    '%j is no tick',
    (data) => expect(readPayload('tick', data)).toBeNull(),
  )

  test('a caller who passes no id is told so', () => {
    expect(() => requirePayload('fill', { campaignId: '' })).toThrow('fill needs a campaignId of 1 to 64')
    expect(() => dialJob({ callId: 'no id', delayMs: 0 })).toThrow('dial needs a callId')
    expect(() => dialJob({ callId: 'c', delayMs: Number.NaN })).toThrow('delayMs is not a number')
  })
})

describe('options that keep jobs from running twice', () => {
  test('every job is tried once and leaves nothing behind', () => {
    for (const { opts } of [dialJob({ callId: 'c', delayMs: 0 }), delayedTick('t', 10)]) {
      expect(opts).toMatchObject({ attempts: 1, removeOnComplete: true, removeOnFail: true })
    }
  })

  test('delays are whole, not negative and within what Redis can hold', () => {
    expect(dialJob({ callId: 'c', delayMs: 0.2 }).opts.delay).toBe(1)
    expect(dialJob({ callId: 'c', delayMs: -1 }).opts.delay).toBe(0)
    expect(delayedTick('t', Number.POSITIVE_INFINITY).opts.delay).toBe(30 * 24 * 3_600_000)
  })

  test('there are five queues', () => {
    expect(queueNames).toEqual(['tick', 'fill', 'dial', 'apply', 'notify'])
  })
})
