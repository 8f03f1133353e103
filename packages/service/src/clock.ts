/** The time all domain decisions use. In production it is the wall clock; a demo may run it faster. */
export type Clock = {
  speed: number
  now(): Date
  /** For what is agreed with others outside, such as the expiry of a token. */
  realNow(): Date
  /** How long `ms` of domain time last in real milliseconds. */
  toRealMs(ms: number): number
  /** How much domain time passes in `realMs` real milliseconds. */
  toClockMs(realMs: number): number
  /** Real milliseconds until the clock shows `date`; 0 when it already has. */
  realDelayUntil(date: Date): number
}

export type ClockSettings = {
  speed: number
  /** When in real time the clock shows `startMs`, in ms since 1970. */
  originMs: number
  /** What it shows then; the same instant unless given. */
  startMs?: number | undefined
}

/**
 * A clock that shows `startMs` when real time is `originMs`, and runs `speed` times as fast from there.
 * Processes that must agree on the time are given the same three values and the same real time.
 */
export function createClock(settings: ClockSettings & { realNowMs?: () => number }): Clock {
  const { speed, originMs, startMs = originMs, realNowMs = Date.now } = settings
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed is ${speed}: give a number above 0`)
  for (const [name, ms] of Object.entries({ originMs, startMs })) {
    if (!Number.isFinite(ms)) throw new RangeError(`${name} is ${ms}: give milliseconds since 1970`)
  }
  const nowMs = () => startMs + (realNowMs() - originMs) * speed
  return {
    speed,
    now: () => new Date(nowMs()),
    realNow: () => new Date(realNowMs()),
    toRealMs: (ms) => ms / speed,
    toClockMs: (realMs) => realMs * speed,
    realDelayUntil: (date) => Math.max(0, (date.getTime() - nowMs()) / speed),
  }
}
