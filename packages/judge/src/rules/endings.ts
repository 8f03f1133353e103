import type { CallStory, Case } from '../case/case.ts'
import { describe } from '../case/describe.ts'
import { dispositionOf, firstDecisionOf, signalsOf } from '../case/endings.ts'
import { type Entry, textOf } from '../case/entry.ts'
import { dispositionInLog, lastInvite } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** What the log says of a call, held against the network. `unknown`, `guessed` and `unreported` are no breach: nobody told. */
export type EndingVerdict = 'equal' | 'unknown' | 'guessed' | 'unreported' | 'wrong'

/** How a call may end that never left: given back, refused at LiveKit's door, or lost on the way there. */
const unseenEndings = new Set(['canceled', 'trunk_error', 'invalid_number', 'unknown'])
const unanswered = new Set(['busy', 'no_answer', 'rejected', 'trunk_error', 'invalid_number', 'canceled'])

/** A signal has come in a few ms after what was decided in the same transaction. */
const sameTransactionMs = 20

/** Every call ended as the network saw it, with the outcome that the agent heard, wherever somebody could tell. */
export function judgeEndings({ calls }: Case): Violation[] {
  return [...calls.values()].flatMap((call) => {
    const violations: Violation[] = []
    const invite = lastInvite(call)
    const logged = dispositionInLog(call)
    const seen = invite && dispositionOf(invite.seen)
    const evidence = { ...(invite ? describe(invite) : { callId: call.id }), logged, ledger: invite?.seen ?? null }
    if (judgeDisposition(call) === 'wrong') {
      const saw = invite ? `the network saw ${seen}` : 'the network saw no such call'
      violations.push({
        rule: 'wrong-disposition',
        message: `Call ${call.id} ended as ${logged}, but ${saw}.`,
        evidence,
      })
    }
    if (judgeOutcome(call) === 'wrong') {
      const outcome = outcomeInLog(call)?.outcome ?? 'none'
      const message = `Call ${call.id} has the outcome ${outcome}, but the agent heard ${invite?.seen.outcome ?? 'none'}.`
      violations.push({ rule: 'wrong-outcome', message, evidence })
    }
    return violations
  })
}

export function judgeDisposition(call: CallStory): EndingVerdict {
  const logged = dispositionInLog(call)
  const seen = lastInvite(call)?.seen
  if (logged === null) return 'equal'
  if (!seen) return unseenEndings.has(logged) ? (logged === 'unknown' ? 'unknown' : 'equal') : 'wrong'
  const expected = dispositionOf(seen)
  // what goes on has not ended; that is for another rule
  if (logged === expected || expected === undefined) return 'equal'
  // somebody may hang up through the API before the agent is there
  if (expected === 'agent_error' && logged === 'completed') return 'equal'
  // LiveKit refused to hang up, so the phone rang to its end: its answer is the same for both
  if (expected === 'no_answer' && logged === 'canceled' && seen.ending === 'canceled') return 'equal'
  // What comes after it was decided (a webhook that was held up, say) could not be known then.
  const decided = (firstDecisionOf(call)?.entry ?? firstSaid(call, logged))?.recordedMs ?? Number.POSITIVE_INFINITY
  const told = signalsOf(call, decided + sameTransactionMs)
  const wasTold = told.has('dial_failed') || told.has('answered')
  if (logged === 'unknown') return wasTold || told.has('leg_left') ? 'wrong' : 'unknown'
  return !wasTold && !seen.answered && unanswered.has(logged) ? 'guessed' : 'wrong'
}

/** Nothing follows from a call that somebody asked for: it is decided when the log first says how it ended. */
function firstSaid({ applied }: CallStory, disposition: string): Entry | undefined {
  return applied.find((entry) => textOf(entry, 'disposition') === disposition)
}

/** By what was decided when the call ended; by the last news of a call that somebody asked for. */
export function judgeOutcome(call: CallStory): EndingVerdict {
  const logged = outcomeInLog(call)
  if (!logged) return 'equal'
  const heard = lastInvite(call)?.seen.outcome ?? null
  if (logged.outcome === heard) return 'equal'
  const told = signalsOf(call, logged.untilMs)
  return logged.outcome === null && !told.has('agent_report') ? 'unreported' : 'wrong'
}

function outcomeInLog(call: CallStory): { outcome: string | null; untilMs: number } | null {
  const decision = firstDecisionOf(call)
  if (decision) return { outcome: decision.outcome, untilMs: decision.entry.recordedMs + sameTransactionMs }
  const last = call.applied.at(-1)
  if (call.campaignId || !last || dispositionInLog(call) === null) return null
  return { outcome: textOf(last, 'outcome'), untilMs: Number.POSITIVE_INFINITY }
}
