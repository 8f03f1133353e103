import type { Case, Invite } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { inForceSinceClaim } from '../case/moments.ts'
import type { Timeline } from '../case/timeline.ts'
import type { RuleName, Violation } from '../verdict.ts'

/** Never more calls at once than the trunk, and than the campaign, allows: from the INVITE to the end, on the network. */
export function judgeConcurrency(theCase: Case): Violation[] {
  const trunks = [...theCase.trunks.values()].flatMap(({ id, invites, limits }) =>
    judgeGroup(theCase, {
      ...{ rule: 'trunk-concurrency', of: `trunk ${id}`, invites, timeline: limits },
      limitOf: ({ maxConcurrency }) => maxConcurrency,
    }),
  )
  const campaigns = [...theCase.campaigns.values()].flatMap(({ id, invites, settings }) =>
    judgeGroup(theCase, {
      ...{ rule: 'campaign-concurrency', of: `campaign ${id}`, invites, timeline: settings },
      limitOf: ({ maxConcurrency }) => maxConcurrency,
    }),
  )
  return [...trunks, ...campaigns]
}

/** How many calls were open right after each INVITE, itself included; the INVITEs in order of time. */
export function openCallsAt(invites: readonly Invite[]): number[] {
  const ends = invites.map(({ endedRealMs }) => endedRealMs).sort((one, other) => one - other)
  let ended = 0
  return invites.map(({ realMs }, index) => {
    while ((ends[ended] ?? Number.POSITIVE_INFINITY) <= realMs) ended += 1
    return Math.max(1, index + 1 - ended)
  })
}

function judgeGroup<T>(
  { terms }: Case,
  group: {
    rule: RuleName
    of: string
    invites: Invite[]
    timeline: Timeline<T>
    limitOf: (settings: T) => number | null
  },
): Violation[] {
  const open = openCallsAt(group.invites)
  return group.invites.flatMap((invite, index) => {
    const held = inForceSinceClaim(group.timeline, invite, terms)
    if (held.length === 0) return []
    const limit = Math.max(...held.map((each) => group.limitOf(each) ?? Number.POSITIVE_INFINITY))
    const count = open[index] ?? 0
    if (count <= limit) return []
    const message = `${nameOf(invite)} made ${count} calls at once on ${group.of}, which allows ${limit}.`
    return [{ rule: group.rule, message, evidence: { ...describe(invite), atOnce: count, limit } }]
  })
}
