import type { Case, Invite, Terms, WorkspaceStory } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { isAttempt } from '../case/endings.ts'
import { inForceAt, leftAtMs } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

const hourMs = 3_600_000

/**
 * A number belongs to a person, whoever lists it: all campaigns of a workspace together call it no more often than the
 * workspace's attemptLimit, and never twice at once. Calls that people asked for one by one count and are not limited.
 */
export function judgeNumbers(theCase: Case): Violation[] {
  return [...theCase.workspaces.values()].flatMap((workspace) =>
    [...workspace.numbers.values()].flatMap((invites) => [
      ...judgeLimit(theCase, workspace, invites),
      ...judgeOverlaps(invites),
    ]),
  )
}

function judgeLimit({ terms }: Case, workspace: WorkspaceStory, invites: Invite[]): Violation[] {
  const attempts = invites.filter((invite) => isAttempt(invite, invite.call))
  const leftAt = attempts.map((invite) => leftAtMs(invite, terms))
  const violations: Violation[] = []
  let earlier = 0
  for (const invite of invites) {
    while ((attempts[earlier]?.realMs ?? Number.POSITIVE_INFINITY) < invite.realMs) earlier += 1
    if (!invite.call?.campaignId) continue
    const limits = inForceAt(workspace.attemptLimits, invite, terms)
    // the kindest of those that may have held
    const exceeded = limits.map((limit) => {
      if (!limit) return null
      const sinceMs = invite.atMs - limit.hours * hourMs + terms.skewMs
      const recent = attempts
        .slice(0, earlier)
        .filter((attempt, index) => (leftAt[index] ?? 0) > sinceMs && isKnown(attempt, { to: invite, terms }))
      return recent.length >= limit.calls ? { limit, recent } : null
    })
    const [worst] = exceeded
    if (!worst || exceeded.includes(null)) continue
    const { calls, hours } = worst.limit
    const message = `${nameOf(invite)} is call ${worst.recent.length + 1} to this number within ${hours} hours; the workspace allows ${calls}.`
    violations.push({
      rule: 'attempt-limit',
      message,
      evidence: { ...describe(invite), earlier: worst.recent.map(describe) },
    })
  }
  return violations
}

/** A call that somebody asks for waits for nobody, so one that is about to leave may not have heard of it. */
function isKnown(earlier: Invite, { to, terms }: { to: Invite; terms: Terms }): boolean {
  return Boolean(earlier.call?.campaignId) || earlier.realMs <= to.realMs - terms.pauseGraceMs
}

function judgeOverlaps(invites: Invite[]): Violation[] {
  const violations: Violation[] = []
  let longest: Invite | undefined
  for (const invite of invites) {
    if (!invite.call?.campaignId) continue
    // a second INVITE of the same call is a breach of its own
    if (longest && longest.endedRealMs > invite.realMs && longest.callId !== invite.callId) {
      const message = `${nameOf(invite)} was dialed while call ${longest.callId} to the same number was going on.`
      violations.push({
        rule: 'two-calls-at-once',
        message,
        evidence: { ...describe(invite), other: describe(longest) },
      })
    }
    if (!longest || invite.endedRealMs > longest.endedRealMs) longest = invite
  }
  return violations
}
