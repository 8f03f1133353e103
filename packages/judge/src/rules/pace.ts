import type { Case, Invite, Terms } from '../case/case.ts'
import { describe } from '../case/describe.ts'
import { inForceSinceClaim } from '../case/moments.ts'
import type { Timeline } from '../case/timeline.ts'
import type { RuleName, Violation } from '../verdict.ts'

/**
 * Calls per second of trunks, and calls per second and callDelayMs of campaigns, in every sliding window: a second of
 * the simulation, a real second, and as long as so many calls should take. What the way to the network may add to a
 * window is `paceJitterMs`, however long it is; what may be too many in it is `paceToleranceCalls`.
 */
export function judgePace(theCase: Case): Violation[] {
  const trunks = [...theCase.trunks.values()].flatMap(({ id, invites, limits }) =>
    judgeGroup(theCase, {
      ...{ rule: 'trunk-pace', of: `trunk ${id}`, invites, timeline: limits },
      gapMsOf: ({ callsPerSecond }) => 1_000 / callsPerSecond,
    }),
  )
  const campaigns = [...theCase.campaigns.values()].flatMap(({ id, invites, settings }) =>
    judgeGroup(theCase, {
      ...{ rule: 'campaign-pace', of: `campaign ${id}`, invites, timeline: settings },
      gapMsOf: ({ callsPerSecond, callDelayMs }) => Math.max(callDelayMs, callsPerSecond ? 1_000 / callsPerSecond : 0),
    }),
  )
  return [...trunks, ...campaigns]
}

/** A few calls show what comes in a lump, many a pace that is a little too fast all the time. */
const callsPerWindow = [10, 30, 100]

/** A window of three gaps holds three calls, although 3 × (1000 / 3) is not quite 1000. */
const rounding = 1e-6

type Group<T> = {
  rule: RuleName
  of: string
  invites: Invite[]
  timeline: Timeline<T>
  /** The least time between two calls, in ms of the simulation; 0 = none. */
  gapMsOf: (settings: T) => number
}

function judgeGroup<T>({ terms }: Case, group: Group<T>): Violation[] {
  // two decisions may have held; the kinder one counts
  const gaps = group.invites.map((invite) => {
    const held = inForceSinceClaim(group.timeline, invite, terms).map(group.gapMsOf)
    return held.length > 0 ? Math.min(...held) : 0
  })
  const longestGapMs = gaps.reduce((longest, gap) => Math.max(longest, gap), 0)
  const ofCalls = callsPerWindow.map((count) => Math.max(1_000, count * longestGapMs))
  const windows = new Set([1_000, 1_000 * Math.max(1, terms.clockSpeed), ...ofCalls])
  const [worst] = [...windows]
    .map((windowMs) => judgeWindow(group, { windowMs, gaps, terms }))
    .filter((violations) => violations.length > 0)
  return worst ?? []
}

function judgeWindow<T>(
  group: Group<T>,
  { windowMs, gaps, terms }: { windowMs: number; gaps: number[]; terms: Terms },
): Violation[] {
  const { invites } = group
  const violations: Violation[] = []
  const stretchedMs = windowMs + terms.paceJitterMs * terms.clockSpeed
  const shortest = slidingMinimum(gaps)
  let first = 0
  let reported = -1
  invites.forEach((invite, index) => {
    while ((invites[first]?.atMs ?? 0) <= invite.atMs - windowMs) first += 1
    const gapMs = shortest({ from: first, to: index })
    const count = index - first + 1
    const allowed = gapMs > 0 ? Math.ceil(stretchedMs / gapMs - rounding) + terms.paceToleranceCalls : count
    if (count <= allowed || first <= reported) return
    reported = index
    const message =
      `${count} calls left on ${group.of} within ${windowMs / 1_000} s up to ${invite.seen.invited.at}; ` +
      `one every ${Math.round(gapMs)} ms makes ${Math.ceil(windowMs / gapMs - rounding)}.`
    const evidence = {
      count,
      allowed,
      windowMs,
      gapMs,
      first: describe(invites[first] ?? invite),
      last: describe(invite),
    }
    violations.push({ rule: group.rule, message, evidence })
  })
  return violations
}

/** The least value between two indexes that only ever grow; each value is looked at twice at most. */
function slidingMinimum(values: number[]): (window: { from: number; to: number }) => number {
  const rising: number[] = []
  let head = 0
  let next = 0
  return ({ from, to }) => {
    for (; next <= to; next += 1) {
      const value = values[next] ?? 0
      while (rising.length > head && (values[rising.at(-1) ?? 0] ?? 0) >= value) rising.pop()
      rising.push(next)
    }
    while ((rising[head] ?? to) < from) head += 1
    return values[rising[head] ?? to] ?? 0
  }
}
