import { z } from 'zod'
import { localDay, nextLocalDay } from './calling-window.ts'
import { minuteMs } from './local-time.ts'
import type { Disposition, FinishReason, Outcome } from './states.ts'

/** Endings after which a contact can be called again; `voicemail` is a completed call with that outcome. */
export const retriableEndings = [
  'busy',
  'no_answer',
  'rejected',
  'trunk_error',
  'agent_error',
  'unknown',
  'voicemail',
] as const
export type RetriableEnding = (typeof retriableEndings)[number]

const retryRule = z.strictObject({
  /** How many calls may end this way before the contact is finished; 1 = no second call. */
  attempts: z.int().min(1, 'Use at least 1 attempt; 1 means no retry.').max(20, 'Use at most 20 attempts.'),
  delaySeconds: z.int().min(0, 'Use a delay of 0 seconds or more.').max(2_592_000, 'Use a delay of at most 30 days.'),
  backoff: z.enum(['fixed', 'exponential'], 'Use "fixed" or "exponential".').default('fixed'),
})

/** When a contact is called again, by how the call ended; endings that are not listed are not retried. */
export const retrySchema = z.strictObject(
  {
    busy: retryRule.optional(),
    no_answer: retryRule.optional(),
    rejected: retryRule.optional(),
    trunk_error: retryRule.optional(),
    agent_error: retryRule.optional(),
    unknown: retryRule.optional(),
    voicemail: retryRule.optional(),
  } satisfies Record<RetriableEnding, unknown>,
  {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `Retries can be set for ${retriableEndings.join(', ')}; completed calls are never retried.`
        : undefined,
  },
)
export type Retry = z.infer<typeof retrySchema>

export const defaultRetry: Retry = {
  busy: { attempts: 3, delaySeconds: 600, backoff: 'fixed' },
  no_answer: { attempts: 3, delaySeconds: 3_600, backoff: 'fixed' },
  trunk_error: { attempts: 3, delaySeconds: 120, backoff: 'exponential' },
  agent_error: { attempts: 2, delaySeconds: 120, backoff: 'fixed' },
  voicemail: { attempts: 2, delaySeconds: 14_400, backoff: 'fixed' },
}

export type EndedCall = {
  disposition: Disposition
  outcome: Outcome | null
  callbackAt: Date | null
  /** False when the carrier or LiveKit refused for reasons of its own. */
  burnsAttempt: boolean
  /** Attempts of this contact that count, this one included. */
  attempts: number
  /** Calls of this contact that ended this way, this one included. */
  sameEndings: number
  /** Attempts of this contact in today's local day, this one included. */
  attemptsToday: number
  maxAttemptsPerContact: number
  maxAttemptsPerDay: number
  retry: Retry
  /** The zone whose midnight begins a new day of attempts. */
  timezone: string
  /** 0 to 1, from the caller's random source; spreads retries by ±10 %. */
  jitter: number
  now: Date
}

export type Next = { kind: 'finish'; reason: FinishReason } | { kind: 'again'; at: Date }

/** A refusal costs the contact nothing, so it is tried again soon, and less and less soon while refusals go on. */
const refusalDelayMs = 30_000
const longestRefusalDelayMs = 15 * minuteMs
const longestDelayMs = 30 * 24 * 60 * minuteMs

/** Whether and when the contact of a call that has ended is called again. The calling windows still apply to `at`. */
export function decideNext(call: EndedCall): Next {
  if (call.outcome === 'do_not_call') return finish('suppressed')
  if (call.disposition === 'canceled') return call.burnsAttempt ? finish('canceled') : afterRefusal(call)
  if (call.outcome === 'voicemail') return afterEnding(call, 'voicemail')
  if (call.outcome === 'callback' && call.callbackAt && call.callbackAt > call.now) {
    return withinAttempts(call, call.callbackAt)
  }
  // whoever has had a conversation is done, whatever ended the line
  if (call.outcome !== null || call.disposition === 'completed') return finish('completed')
  if (call.disposition === 'invalid_number') return finish('not_retried')
  return call.burnsAttempt ? afterEnding(call, call.disposition) : afterRefusal(call)
}

function afterEnding(call: EndedCall, ending: RetriableEnding): Next {
  const rule = call.retry[ending]
  if (!rule) return finish(ending === 'voicemail' ? 'completed' : 'not_retried')
  if (call.attempts >= call.maxAttemptsPerContact || call.sameEndings >= rule.attempts) return finish('exhausted')
  const growth = rule.backoff === 'exponential' ? 2 ** Math.max(0, call.sameEndings - 1) : 1
  return againAfter(call, Math.min(rule.delaySeconds * 1_000 * growth, longestDelayMs))
}

function afterRefusal(call: EndedCall): Next {
  return againAfter(call, Math.min(refusalDelayMs * 2 ** Math.max(0, call.sameEndings - 1), longestRefusalDelayMs))
}

function againAfter(call: EndedCall, delayMs: number): Next {
  const spread = 0.9 + 0.2 * Math.min(1, Math.max(0, call.jitter))
  return again(call, new Date(call.now.getTime() + Math.round(delayMs * spread)))
}

/** How often a contact was called, and how often it may be; the zone's midnight begins a new day. */
export type Attempts = Pick<
  EndedCall,
  'attempts' | 'attemptsToday' | 'maxAttemptsPerContact' | 'maxAttemptsPerDay' | 'timezone' | 'now'
>

/** Whether a contact may be called at `at`, another day, or not any more. */
export function withinAttempts(contact: Attempts, at: Date): Next {
  return contact.attempts >= contact.maxAttemptsPerContact ? finish('exhausted') : again(contact, at)
}

/** A day that has had its attempts is over for this contact. */
function again({ attemptsToday, maxAttemptsPerDay, timezone, now }: Attempts, at: Date): Next {
  const isTooMuch = attemptsToday >= maxAttemptsPerDay && localDay(timezone, at) === localDay(timezone, now)
  return { kind: 'again', at: isTooMuch ? nextLocalDay(timezone, now) : at }
}

function finish(reason: FinishReason): Next {
  return { kind: 'finish', reason }
}
