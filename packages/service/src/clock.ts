/** The time all domain decisions use. In production it is the wall clock; a demo may run it faster. */
export type Clock = {
  speed: number
  now(): Date
  /** How long `ms` of domain time last in real milliseconds. */
  toRealMs(ms: number): number
  /** How much domain time passes in `realMs` real milliseconds. */
  toClockMs(realMs: number): number
  /** Real milliseconds until the clock shows `date`; 0 when it already has. */
  realDelayUntil(date: Date): number
}

/**
 * A clock that shows `originMs` (ms epoch) when the wall clock does, and runs `speed` times as fast from there.
 * Processes that must agree on the time are given the same two values.
 */
export function createClock({ speed, originMs }: { speed: number; originMs: number }): Clock {
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed is ${speed}: give a number above 0`)
  if (!Number.isFinite(originMs)) throw new RangeError(`originMs is ${originMs}: give milliseconds since 1970`)
  const nowMs = () => originMs + (Date.now() - originMs) * speed
  return {
    speed,
    now: () => new Date(nowMs()),
    toRealMs: (ms) => ms / speed,
    toClockMs: (realMs) => realMs * speed,
    realDelayUntil: (date) => Math.max(0, (date.getTime() - nowMs()) / speed),
  }
}
