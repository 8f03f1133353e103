/**
 * How long somebody is tried to be told something. A notice has its own delays, for the one that this endpoint cannot
 * take; an endpoint that takes nothing at all is held as a whole, so that what piles up costs one try at a time.
 */

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** Before the second, third … try; close together through the first hour, since most outages are short. */
const delaysMs = [
  5 * secondMs,
  15 * secondMs,
  minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  15 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
  8 * hourMs,
  12 * hourMs,
  24 * hourMs,
  24 * hourMs,
]

/** One that fails may be about the notice; from the third on it is taken to be about the endpoint. */
const failuresAllowed = 2
const longestHoldMs = 5 * minuteMs

const longestFailingMs = 3 * 24 * hourMs
const failuresToSwitchOff = 10

/** Whether to try again to deliver one notice, after so many failures. `jitter` from 0 to 1 spreads it by 10 %. */
export function nextDelivery(input: { failures: number; jitter: number }): { delayMs: number } | 'give_up' {
  const delayMs = delaysMs[input.failures - 1]
  if (delayMs === undefined) return 'give_up'
  return { delayMs: Math.round(delayMs * (1 + 0.1 * Math.min(1, Math.max(0, input.jitter)))) }
}

/**
 * Answers of somebody who only stands in front: too many requests, bad gateway, unavailable, gateway timeout. Like no
 * answer at all they say nothing about the notice, so it may go as soon as the endpoint takes something again.
 */
export const nobodyThereStatuses: readonly number[] = [429, 502, 503, 504]

/** Whether the failures are taken to be about the endpoint, and no more about single notices. */
export function isTakenForDown(failures: number): boolean {
  return failures > failuresAllowed
}

export type EndpointHealth = {
  /** Failures since it last took something, this one included. */
  failures: number
  /** Since the first of these. */
  failingForMs: number
  /** It asked for that much time; 0 when it did not. */
  askedForMs: number
}

/** What a failure means for everything else that waits for the endpoint. */
export function afterFailure(health: EndpointHealth): { holdMs: number } | 'switch_off' {
  const { failures, failingForMs, askedForMs } = health
  if (failingForMs >= longestFailingMs && failures >= failuresToSwitchOff) return 'switch_off'
  const steps = failures - failuresAllowed
  const ownMs = isTakenForDown(failures) ? Math.min(5 * secondMs * 2 ** Math.min(steps - 1, 10), longestHoldMs) : 0
  return { holdMs: Math.max(ownMs, Math.min(askedForMs, longestHoldMs)) }
}
