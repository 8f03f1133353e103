import type { CallStory, Case } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { dispositionInLog } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** Nothing stays in flight for ever: every call that was claimed has ended, in the log, in the product, on the network. */
export function judgeInFlight({ calls, invites, told, terms }: Case): Violation[] {
  if (!terms.expectFinished) return []
  const rule = 'never-ended'
  return [
    ...[...calls.values()]
      .filter((call) => dispositionInLog(call) === null && call.claimed)
      .map((call) => {
        const message = `Call ${call.id} was ${stageOf(call)} and never ended, says the log.`
        return { rule, message, evidence: { callId: call.id, claimed: call.claimed, permits: call.permits } } as const
      }),
    ...invites
      .filter(({ seen }) => !seen.ended)
      .map((invite) => {
        const message = `${nameOf(invite)} is still going on, says the network.`
        return { rule, message, evidence: describe(invite) } as const
      }),
    ...(told?.openCalls ?? []).map((callId) => {
      const message = `Call ${callId} is still open, says the product, and holds a slot of its trunk.`
      return { rule, message, evidence: { callId } } as const
    }),
  ]
}

function stageOf({ permits, marks }: CallStory): string {
  return marks.length > 0 ? 'dialed' : permits.length > 0 ? 'permitted' : 'claimed'
}
