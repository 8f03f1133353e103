/**
 * How many calls may start, when, and whose.
 *
 * A lane (a trunk) plans calls one interval apart. Where they are dialed, its pace holds: no sliding second ever holds
 * more starts than its calls per second, and what came late is made up for within that. A ramp lets it begin with a
 * tenth of them and grow to all, since carriers refuse calls that come in numbers out of silence. Campaigns share the
 * lane by stride scheduling: each start advances the campaign's pass by 1/weight, and the lowest pass goes next. A
 * campaign that was idle re-enters at the lane's pass and saves no credit.
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

/** The rate grows evenly from a tenth to all of it, from `fromMs` (ms since the epoch) for `durationMs`. */
export type Ramp = { fromMs: number; durationMs: number }

export type Plan = {
  starts: { campaignId: string; atMs: number }[]
  lane: Lane
  contenders: Contender[]
  /** When the next start would be due that time alone kept out of this plan; null when something else is missing. */
  nextMs: number | null
}

const rampBeginsAt = 0.1

/**
 * How long as many intervals last as a trunk has calls per second, in ms. Longer than a second by what a call may lose on
 * its way to the carrier: without it, one that comes a little late and the next second's worth would be one too many.
 */
export const spacedSecondMs = 1_010

/** The time between two planned starts of a trunk, in ms. */
export const intervalOf = (callsPerSecond: number): number => spacedSecondMs / callsPerSecond

/**
 * What holds where calls are dialed: of `starts` + 1 starts in a row the last comes at least `withinMs` after the first,
 * and no two are closer together than `apartMs`.
 */
export type Pace = { starts: number; withinMs: number; apartMs: number }

/** As many starts of a trunk are remembered at most; a faster one is held to its rate over an even part of a second. */
const remembered = 100

/** A start that came late is made up for by the next ones, which follow each other so much closer than an interval. */
const closest = 0.8

/**
 * The pace of a trunk. A whole second's worth is held against a second, and not each start against the one before it:
 * a start that comes late costs the trunk its lateness once a second, not every time.
 */
export function paceOf(callsPerSecond: number): Pace {
  const intervalMs = intervalOf(callsPerSecond)
  const parts = Math.ceil(callsPerSecond / remembered)
  const starts = Math.max(Math.floor(callsPerSecond / parts), 1)
  return { starts, withinMs: starts * intervalMs, apartMs: starts === 1 ? intervalMs : closest * intervalMs }
}

/**
 * Plans the starts from `nowMs` up to `horizonMs` later, at most `slots`, at least `intervalMs` apart, and further
 * apart while a ramp lasts. Pure arithmetic: the caller holds the rows' locks and stores what comes back.
 */
export function planStarts(options: {
  nowMs: number
  horizonMs: number
  intervalMs: number
  ramp?: Ramp | null
  slots: number
  lane: Lane
  contenders: readonly Contender[]
}): Plan {
  const { nowMs, intervalMs, ramp = null, slots } = options
  const endMs = nowMs + options.horizonMs
  const lane = { ...options.lane }
  const contenders = options.contenders.map((c) => ({ ...c, pass: Math.max(c.pass, lane.pass) }))
  const starts: Plan['starts'] = []
  let atMs = Math.max(nowMs, lane.nextStartMs)
  while (starts.length < slots) {
    const next = soonest(contenders, atMs)
    if (next && next.atMs > endMs) return { starts, lane, contenders, nextMs: next.atMs }
    if (!next) break
    const { contender } = next
    starts.push({ campaignId: contender.campaignId, atMs: next.atMs })
    lane.pass = contender.pass
    contender.pass += 1 / contender.weight
    contender.nextStartMs = next.atMs + contender.gapMs
    contender.atMost -= 1
    atMs = lane.nextStartMs = startAfter(next.atMs, { intervalMs, ramp })
  }
  return { starts, lane, contenders, nextMs: null }
}

/**
 * When the lane may start its next call after one at `startMs`, in ms since the epoch: as soon as the rate has added up
 * to one call. Without a ramp that is one interval later, during one up to ten.
 */
export function startAfter(startMs: number, pace: { intervalMs: number; ramp: Ramp | null }): number {
  const { intervalMs, ramp } = pace
  const fullMs = startMs + intervalMs
  if (!ramp || ramp.durationMs <= 0 || startMs >= ramp.fromMs + ramp.durationMs) return fullMs
  const due = worthOf(startMs - ramp.fromMs, ramp.durationMs) + intervalMs
  return Math.max(fullMs, ramp.fromMs + timeToGrow(due, ramp.durationMs))
}

/** How much time at the full rate `elapsedMs` since the ramp began are worth: the integral of the rate's share. */
function worthOf(elapsedMs: number, durationMs: number): number {
  if (elapsedMs <= 0) return rampBeginsAt * elapsedMs
  const rampMs = Math.min(elapsedMs, durationMs)
  return rampBeginsAt * rampMs + ((1 - rampBeginsAt) * rampMs ** 2) / (2 * durationMs) + (elapsedMs - rampMs)
}

/** The inverse: how long after the ramp's begin that much has come together. */
function timeToGrow(worthMs: number, durationMs: number): number {
  if (worthMs <= 0) return worthMs / rampBeginsAt
  const rampWorthMs = worthOf(durationMs, durationMs)
  if (worthMs >= rampWorthMs) return durationMs + (worthMs - rampWorthMs)
  const growth = (1 - rampBeginsAt) / durationMs
  return (Math.sqrt(rampBeginsAt ** 2 + 2 * growth * worthMs) - rampBeginsAt) / growth
}

/** Who may start first, from `atMs` on; among those who may at once, the one with the lowest pass. */
function soonest(contenders: readonly Contender[], atMs: number): { contender: Contender; atMs: number } | null {
  let best: { contender: Contender; atMs: number } | null = null
  for (const contender of contenders) {
    const fromMs = Math.max(atMs, contender.nextStartMs)
    if (contender.atMost <= 0 || fromMs >= contender.untilMs) continue
    const isBetter = !best || fromMs < best.atMs || (fromMs === best.atMs && contender.pass < best.contender.pass)
    if (isBetter) best = { contender, atMs: fromMs }
  }
  return best
}
