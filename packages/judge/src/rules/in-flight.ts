import type { CallStory, Case } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { dispositionInLog } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/**
 * Nothing stays in flight for ever: what the log says has ended has ended on the network, and at the end every call
 * that was claimed has ended, in the log, in the product, on the network.
 */
export function judgeInFlight({ calls, invites, told, terms }: Case): Violation[] {
  const ongoing = invites.filter(({ seen, call }) => !seen.ended && (terms.expectFinished || hasEnded(call)))
  const forgotten = [...calls.values()].filter((call) => terms.expectFinished && call.claimed && !hasEnded(call))
  const open = terms.expectFinished ? (told?.openCalls ?? []) : []
  const rule = 'never-ended'
  return [
    ...forgotten.map((call) => {
      const message = `Call ${call.id} was ${stageOf(call)} and never ended, says the log.`
      return { rule, message, evidence: { callId: call.id, claimed: call.claimed, permits: call.permits } } as const
    }),
    ...ongoing.map((invite) => {
      const log = hasEnded(invite.call) ? `, and the log says that it ended` : ''
      const message = `${nameOf(invite)} is still going on, says the network${log}.`
      return { rule, message, evidence: describe(invite) } as const
    }),
    ...open.map((callId) => {
      const message = `Call ${callId} is still open, says the product, and holds a slot of its trunk.`
      return { rule, message, evidence: { callId } } as const
    }),
  ]
}

function hasEnded(call: CallStory | undefined): boolean {
  return call !== undefined && dispositionInLog(call) !== null
}

function stageOf({ permits, marks }: CallStory): string {
  return marks.length > 0 ? 'dialed' : permits.length > 0 ? 'permitted' : 'claimed'
}
