/**
 * How many calls may start, when, and whose.
 *
 * A lane (a trunk) starts calls at least one interval apart: GCRA without burst, so no sliding second ever holds more
 * than its calls per second. Campaigns share the lane by stride scheduling: each start advances the campaign's pass by
 * 1/weight, and the lowest pass goes next. A campaign that was idle re-enters at the lane's pass and saves no credit.
 */

export type Lane = {
  /** No call may start before this, in ms since the epoch. */
  nextStartMs: number
  pass: number
}

export type Contender = {
  campaignId: string
  weight: number
  pass: number
  nextStartMs: number
  /** The least time between two starts of this campaign, in ms; 0 for none. */
  gapMs: number
  /** As many as it has callable contacts, free slots and cap left. */
  atMost: number
  /** It may start nothing at or after this, in ms since the epoch (the cap counts by day). */
  untilMs: number
}

export type Plan = {
  starts: { campaignId: string; atMs: number }[]
  lane: Lane
  contenders: Contender[]
  /** When the next start would be due that time alone kept out of this plan; null when something else is missing. */
  nextMs: number | null
}

/**
 * Plans the starts from `nowMs` up to `horizonMs` later, at most `slots`, at least `intervalMs` apart.
 * Pure arithmetic: the caller holds the rows' locks and stores what comes back.
 */
export function planStarts(options: {
  nowMs: number
  horizonMs: number
  intervalMs: number
  slots: number
  lane: Lane
  contenders: readonly Contender[]
}): Plan {
  const endMs = options.nowMs + options.horizonMs
  const lane = { ...options.lane }
  const contenders = options.contenders.map((c) => ({ ...c, pass: Math.max(c.pass, lane.pass) }))
  const starts: Plan['starts'] = []
  let atMs = Math.max(options.nowMs, lane.nextStartMs)
  for (;;) {
    const ready = contenders
      .filter((c) => c.atMost > 0 && starts.length < options.slots)
      .map((contender) => ({ contender, fromMs: Math.max(atMs, contender.nextStartMs) }))
      .filter(({ contender, fromMs }) => fromMs < contender.untilMs)
    if (ready.length === 0) return { starts, lane, contenders, nextMs: null }
    const soonestMs = Math.min(...ready.map(({ fromMs }) => fromMs))
    if (soonestMs > endMs) return { starts, lane, contenders, nextMs: soonestMs }
    const next = ready
      .filter(({ fromMs }) => fromMs === soonestMs)
      .map(({ contender }) => contender)
      .reduce((a, b) => (b.pass < a.pass ? b : a))
    starts.push({ campaignId: next.campaignId, atMs: soonestMs })
    lane.pass = next.pass
    next.pass += 1 / next.weight
    next.nextStartMs = soonestMs + next.gapMs
    next.atMost -= 1
    lane.nextStartMs = soonestMs + options.intervalMs
    atMs = lane.nextStartMs
  }
}
