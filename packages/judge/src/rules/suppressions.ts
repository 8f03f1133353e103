import type { Case } from '../case/case.ts'
import { describe, nameOf, realTime } from '../case/describe.ts'
import { inForceAt } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** Nobody calls a number that was suppressed in the workspace: no campaign, and no person either. */
export function judgeSuppressions(theCase: Case): Violation[] {
  return theCase.invites.flatMap((invite) => {
    const { call, seen, realMs } = invite
    const suppressions = call && theCase.workspaces.get(call.workspaceId)?.suppressions.get(seen.to)
    if (!suppressions) return []
    // before its first entry a number was free
    const timeline = [{ fromMs: Number.NEGATIVE_INFINITY, value: false }, ...suppressions]
    if (inForceAt(timeline, invite, theCase.terms).includes(false)) return []
    const since = suppressions.findLast(({ fromMs }) => fromMs <= realMs)
    const message = `${nameOf(invite)} was dialed at ${realTime(realMs)}; the number is suppressed since ${realTime(since?.fromMs ?? 0)}.`
    return [{ rule: 'suppressed', message, evidence: describe(invite) } as const]
  })
}
