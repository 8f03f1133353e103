/**
 * Somebody else's time, kept between the moments at which they are asked. It is carried by a clock of ours that only
 * ever goes on (`performance.now()`), so that nothing that is done to the host's clock can be seen in it.
 *
 * It never runs backwards. What is off by up to a second is made up for bit by bit; a lead of more than that makes it
 * stand still until the other time has caught up, since nothing may start at an hour that has not come yet.
 */

/** One question and its answer; `sentMs` and `receivedMs` by our clock, `answeredMs` by theirs. */
export type Sample = { sentMs: number; receivedMs: number; answeredMs: number }

export type Correction = {
  kind: 'none' | 'slewed' | 'jumped' | 'holding'
  /** How far their time was ahead of what we showed; negative when ours was ahead. */
  errorMs: number
}

export type SteadyTime = {
  /** Their time, in ms since 1970, when our clock shows `monotonicMs`. */
  at(monotonicMs: number): number
  /** Compares with new answers. Only the quickest one counts: it leaves least doubt about when it was given. */
  learn(samples: readonly Sample[], monotonicMs: number): Correction
}

/** From here on a difference is not drift: a clock was set, or the host slept. */
const stepMs = 1_000

/** How much faster or slower time runs while it makes up for a small difference. */
const slewRate = 0.1

/** @throws RangeError when there is no sample */
export function createSteadyTime(first: readonly Sample[]): SteadyTime {
  const { sentMs, receivedMs, answeredMs } = quickest(first)
  let anchor = { monotonicMs: (sentMs + receivedMs) / 2, ms: answeredMs, leftMs: 0, rate: 0 }
  const at = (monotonicMs: number) => {
    const elapsedMs = Math.max(0, monotonicMs - anchor.monotonicMs)
    const madeUpMs = Math.min(Math.abs(anchor.leftMs), elapsedMs * anchor.rate)
    return anchor.ms + elapsedMs + Math.sign(anchor.leftMs) * madeUpMs
  }
  return {
    at,
    learn(samples, monotonicMs) {
      const best = quickest(samples)
      const shownMs = at(monotonicMs)
      const earliestMs = best.answeredMs + (monotonicMs - best.receivedMs)
      const latestMs = best.answeredMs + (monotonicMs - best.sentMs)
      const errorMs = (earliestMs + latestMs) / 2 - shownMs
      // What the answer does not contradict stays: a slow answer says little.
      const isRight = shownMs >= earliestMs && shownMs <= latestMs
      const kind = isRight ? 'none' : errorMs > stepMs ? 'jumped' : errorMs < -stepMs ? 'holding' : 'slewed'
      if (kind === 'jumped') anchor = { monotonicMs, ms: shownMs + errorMs, leftMs: 0, rate: 0 }
      else anchor = { monotonicMs, ms: shownMs, leftMs: isRight ? 0 : errorMs, rate: kind === 'holding' ? 1 : slewRate }
      return { kind, errorMs }
    },
  }
}

function quickest(samples: readonly Sample[]): Sample {
  const [first, ...others] = samples
  if (!first) throw new RangeError('there is no sample: ask for the time at least once')
  return others.reduce((a, b) => (b.receivedMs - b.sentMs < a.receivedMs - a.sentMs ? b : a), first)
}
