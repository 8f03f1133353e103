import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localDay } from './calling-window.ts'
import { decideNext, defaultRetry, type EndedCall, retriableEndings, retrySchema } from './retry.ts'
import { dispositions, outcomes } from './states.ts'

const now = new Date('2027-06-01T15:00:00Z')

const ended: EndedCall = {
  disposition: 'no_answer',
  outcome: null,
  callbackAt: null,
  burnsAttempt: true,
  attempts: 1,
  sameEndings: 1,
  attemptsToday: 1,
  maxAttemptsPerContact: 5,
  maxAttemptsPerDay: 3,
  retry: defaultRetry,
  timezone: 'America/New_York',
  jitter: 0.5,
  now,
}

function next(changes: Partial<EndedCall>): string {
  const decided = decideNext({ ...ended, ...changes })
  return decided.kind === 'finish' ? decided.reason : decided.at.toISOString()
}

describe('after a call', () => {
  test.each<[string, Partial<EndedCall>, string]>([
    ['busy waits ten minutes', { disposition: 'busy' }, '2027-06-01T15:10:00.000Z'],
    ['no answer waits an hour', {}, '2027-06-01T16:00:00.000Z'],
    ['a trunk error waits two minutes', { disposition: 'trunk_error' }, '2027-06-01T15:02:00.000Z'],
    ['and four the second time', { disposition: 'trunk_error', sameEndings: 2 }, '2027-06-01T15:04:00.000Z'],
    ['a missing agent waits two minutes', { disposition: 'agent_error' }, '2027-06-01T15:02:00.000Z'],
    ['voicemail waits four hours', { disposition: 'completed', outcome: 'voicemail' }, '2027-06-01T19:00:00.000Z'],
    ['rejected is not retried', { disposition: 'rejected' }, 'not_retried'],
    ['unknown is not retried', { disposition: 'unknown' }, 'not_retried'],
    ['an invalid number is not retried', { disposition: 'invalid_number', burnsAttempt: false }, 'not_retried'],
    ['canceled is canceled', { disposition: 'canceled' }, 'canceled'],
    ['what was never dialed comes back', { disposition: 'canceled', burnsAttempt: false }, '2027-06-01T15:00:30.000Z'],
    ['completed is completed', { disposition: 'completed' }, 'completed'],
    ['a conversation counts, however the line ended', { outcome: 'not_interested' }, 'completed'],
    ['a callback without a time is done', { disposition: 'completed', outcome: 'callback' }, 'completed'],
    ['do not call means it', { disposition: 'agent_error', outcome: 'do_not_call', burnsAttempt: false }, 'suppressed'],
    ['the third busy was the last', { disposition: 'busy', sameEndings: 3, attempts: 3 }, 'exhausted'],
    ['the last attempt was the last', { attempts: 5 }, 'exhausted'],
    [
      'voicemail that is not listed is done',
      { disposition: 'completed', outcome: 'voicemail', retry: {} },
      'completed',
    ],
    [
      'a refusal costs nothing',
      { disposition: 'trunk_error', burnsAttempt: false, attempts: 5, sameEndings: 9, retry: {} },
      '2027-06-01T15:15:00.000Z',
    ],
    ['the first refusal waits least', { disposition: 'rejected', burnsAttempt: false }, '2027-06-01T15:00:30.000Z'],
    ['jitter shortens', { jitter: 0 }, '2027-06-01T15:54:00.000Z'],
    ['and lengthens', { jitter: 1 }, '2027-06-01T16:06:00.000Z'],
    ['and no more than that', { jitter: 7 }, '2027-06-01T16:06:00.000Z'],
    ['a day that has had its attempts is over', { attemptsToday: 3 }, '2027-06-02T04:00:00.000Z'],
    [
      'but not for a time on another day',
      { attemptsToday: 3, retry: { no_answer: { attempts: 3, delaySeconds: 86_400, backoff: 'fixed' } } },
      '2027-06-02T15:00:00.000Z',
    ],
  ])('%s', (_name, changes, expected) => {
    expect(next(changes)).toBe(expected)
  })

  test('a callback is made at its time, within the attempts of the contact and the day', () => {
    const callback: Partial<EndedCall> = {
      disposition: 'completed',
      outcome: 'callback',
      callbackAt: new Date('2027-06-01T18:30:00Z'),
    }
    expect(next(callback)).toBe('2027-06-01T18:30:00.000Z')
    expect(next({ ...callback, attemptsToday: 3 })).toBe('2027-06-02T04:00:00.000Z')
    expect(next({ ...callback, attempts: 5 })).toBe('exhausted')
    expect(next({ ...callback, callbackAt: now })).toBe('completed')
  })
})

describe('retry settings', () => {
  test('take the endings that can be retried, with a fixed delay unless told', () => {
    expect(retrySchema.parse({ busy: { attempts: 2, delaySeconds: 60 } })).toEqual({
      busy: { attempts: 2, delaySeconds: 60, backoff: 'fixed' },
    })
    expect(retrySchema.parse(defaultRetry)).toEqual(defaultRetry)
  })

  test.each([
    [{ completed: { attempts: 2, delaySeconds: 60 } }, 'completed calls are never retried'],
    [{ canceled: { attempts: 2, delaySeconds: 60 } }, 'Retries can be set for'],
    [{ busy: { attempts: 0, delaySeconds: 60 } }, 'Use at least 1 attempt'],
    [{ busy: { attempts: 2, delaySeconds: -1 } }, 'Use a delay of 0 seconds or more'],
    [{ busy: { attempts: 2, delaySeconds: 60, backoff: 'wild' } }, 'Use "fixed" or "exponential"'],
  ])('%j is refused with what to write', (input, message) => {
    expect(JSON.stringify(retrySchema.safeParse(input).error?.issues)).toContain(JSON.stringify(message).slice(1, -1))
  })
})

const rules = fc.record({
  attempts: fc.integer({ min: 1, max: 6 }),
  delaySeconds: fc.integer({ min: 0, max: 200_000 }),
  backoff: fc.constantFrom('fixed' as const, 'exponential' as const),
})
const settings = fc.record({
  maxAttemptsPerContact: fc.integer({ min: 1, max: 8 }),
  maxAttemptsPerDay: fc.integer({ min: 1, max: 4 }),
  retry: fc.record(Object.fromEntries(retriableEndings.map((ending) => [ending, rules])), { requiredKeys: [] }),
  timezone: fc.constantFrom('America/New_York', 'Asia/Kathmandu', 'America/Havana'),
})
const endings = fc.record({
  disposition: fc.constantFrom(...dispositions),
  outcome: fc.option(fc.constantFrom(...outcomes)),
  callbackInMs: fc.option(fc.integer({ min: -1_000_000, max: 200_000_000 })),
  burnsAttempt: fc.boolean(),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  waitedMs: fc.integer({ min: 0, max: 50_000_000 }),
})

test('no order of endings calls a contact more often than allowed, in all or in a day', () => {
  fc.assert(
    fc.property(settings, fc.array(endings, { minLength: 1, maxLength: 60 }), (limits, story) => {
      const burned: { day: string; ending: string }[] = []
      let at = new Date('2027-03-12T20:00:00Z')
      for (const { callbackInMs, waitedMs, ...call } of story) {
        const ending = call.outcome === 'voicemail' ? 'voicemail' : call.disposition
        const day = localDay(limits.timezone, at)
        if (call.burnsAttempt) burned.push({ day, ending })
        const attemptsToday = burned.filter((attempt) => attempt.day === day).length
        const sameEndings = burned.filter((attempt) => attempt.ending === ending).length
        expect(burned.length).toBeLessThanOrEqual(limits.maxAttemptsPerContact)
        expect(attemptsToday).toBeLessThanOrEqual(limits.maxAttemptsPerDay)
        const callbackAt = callbackInMs === null ? null : new Date(at.getTime() + callbackInMs)
        const decided = decideNext({
          ...limits,
          ...call,
          callbackAt,
          attempts: burned.length,
          sameEndings,
          attemptsToday,
          now: at,
        })
        if (decided.kind === 'finish') return
        expect(decided.at.getTime()).toBeGreaterThanOrEqual(at.getTime())
        const over = call.burnsAttempt ? ['completed', 'canceled'] : ['completed']
        expect(over).not.toContain(call.outcome === null ? call.disposition : call.outcome)
        // a window may open later than the retry is due
        at = localDay(limits.timezone, decided.at) === day ? decided.at : new Date(decided.at.getTime() + waitedMs)
      }
    }),
    { numRuns: 500 },
  )
})

const again = (changes: Partial<EndedCall>) => {
  const decided = decideNext({ ...ended, maxAttemptsPerContact: 100, maxAttemptsPerDay: 100, ...changes })
  return decided.kind === 'again' ? decided.at.getTime() - now.getTime() : null
}
const jitter = fc.double({ min: 0, max: 1, noNaN: true })

test('the wait after an ending is its delay, doubled by back-off each time, give or take a tenth, and 33 days at most', () => {
  const ending = fc.constantFrom('busy' as const, 'no_answer' as const, 'trunk_error' as const, 'agent_error' as const)
  const rule = fc.record({
    attempts: fc.constant(20),
    delaySeconds: fc.integer({ min: 0, max: 2_592_000 }),
    backoff: fc.constantFrom('fixed' as const, 'exponential' as const),
  })
  fc.assert(
    fc.property(ending, rule, fc.integer({ min: 1, max: 19 }), jitter, (disposition, given, sameEndings, luck) => {
      const waitMs = again({ disposition, retry: { [disposition]: given }, sameEndings, jitter: luck }) ?? Number.NaN
      const growth = given.backoff === 'exponential' ? 2 ** (sameEndings - 1) : 1
      const meantMs = Math.min(given.delaySeconds * 1_000 * growth, 30 * 86_400_000)
      expect(waitMs).toBeGreaterThanOrEqual(meantMs * 0.9 - 1)
      expect(waitMs).toBeLessThanOrEqual(meantMs * 1.1 + 1)
    }),
  )
})

test('a refusal is tried again after half a minute to a quarter of an hour, however often it was, and costs nothing', () => {
  const refused = fc.constantFrom('trunk_error' as const, 'rejected' as const, 'canceled' as const, 'busy' as const)
  fc.assert(
    fc.property(refused, fc.integer({ min: 1, max: 2_000 }), jitter, (disposition, sameEndings, luck) => {
      const waitMs = again({ disposition, burnsAttempt: false, retry: {}, sameEndings, jitter: luck }) ?? Number.NaN
      expect(waitMs).toBeGreaterThanOrEqual(27_000)
      expect(waitMs).toBeLessThanOrEqual(990_000)
    }),
  )
})

test('more luck never means a shorter wait, and later endings never a shorter one either', () => {
  fc.assert(
    fc.property(jitter, jitter, fc.integer({ min: 1, max: 18 }), (a, b, sameEndings) => {
      const rule = { attempts: 20, delaySeconds: 60, backoff: 'exponential' as const }
      const wait = (luck: number, endings: number) =>
        again({ disposition: 'busy', retry: { busy: rule }, sameEndings: endings, jitter: luck }) ?? Number.NaN
      expect(wait(Math.max(a, b), sameEndings)).toBeGreaterThanOrEqual(wait(Math.min(a, b), sameEndings))
      expect(wait(a, sameEndings + 1)).toBeGreaterThanOrEqual(wait(a, sameEndings))
    }),
  )
})

test('whoever asked not to be called, talked, or has had all attempts is never called again', () => {
  const call = fc.record({
    disposition: fc.constantFrom(...dispositions),
    outcome: fc.constantFrom(...outcomes, null),
    burnsAttempt: fc.boolean(),
    attempts: fc.integer({ min: 0, max: 9 }),
    sameEndings: fc.integer({ min: 0, max: 9 }),
    callbackAt: fc.option(
      fc.integer({ min: -10, max: 10 }).map((hours) => new Date(now.getTime() + hours * 3_600_000)),
    ),
  })
  fc.assert(
    fc.property(call, (given) => {
      const decided = decideNext({ ...ended, ...given })
      if (given.outcome === 'do_not_call') expect(decided).toEqual({ kind: 'finish', reason: 'suppressed' })
      const hasTalked = ['interested', 'not_interested', 'wrong_number'].includes(given.outcome ?? '')
      const isCanceled = given.disposition === 'canceled' && !given.burnsAttempt
      if (hasTalked && !isCanceled) expect(decided.kind).toBe('finish')
      const isRefusal = !given.burnsAttempt && given.outcome === null
      if (given.attempts >= ended.maxAttemptsPerContact && !isRefusal && !isCanceled)
        expect(decided.kind).toBe('finish')
    }),
  )
})
