import type { LedgerCall } from '../evidence.ts'
import type { CallStory } from './case.ts'
import { type Entry, textOf } from './entry.ts'

const byStatus: Record<number, string> = {
  402: 'rejected',
  403: 'rejected',
  404: 'invalid_number',
  408: 'no_answer',
  410: 'invalid_number',
  480: 'no_answer',
  484: 'invalid_number',
  485: 'invalid_number',
  486: 'busy',
  487: 'canceled',
  600: 'busy',
  603: 'rejected',
  604: 'invalid_number',
  607: 'rejected',
  608: 'rejected',
}

/** What an INVITE's end means by the SIP standard (RFC 3261 §21); undefined while it goes on. */
export function dispositionOf({ ended, answered, agentJoined, hungUpBy, sipStatus }: LedgerCall): string | undefined {
  if (!ended) return undefined
  // Who hangs up before the agent is there has had an answered call; the dialer itself hangs up for want of an agent.
  if (answered) return !agentJoined && hungUpBy === 'api' ? 'agent_error' : 'completed'
  if (hungUpBy === 'ringing_timeout') return 'no_answer'
  return byStatus[sipStatus ?? 0] ?? (hasMoved(sipStatus) ? 'invalid_number' : 'trunk_error')
}

/** Nobody is to be reached at that number any more, or not now. */
function hasMoved(sipStatus = 0): boolean {
  return sipStatus >= 300 && sipStatus < 400
}

/** Statuses that speak of the callee: somebody was reached, or the number is nobody's. */
const ofCallee = new Set([404, 408, 410, 480, 484, 485, 486, 600, 603, 604, 607, 608])

/**
 * Whether a call counts as an attempt at its contact. What rang counts, whatever the log says; what the carrier refused
 * for reasons of its own does not when the log says so.
 */
export function isAttempt({ seen }: { seen: LedgerCall }, call: CallStory | undefined): boolean {
  if (seen.ringing || seen.answered || ofCallee.has(seen.sipStatus ?? 0) || hasMoved(seen.sipStatus)) return true
  return call?.applied.at(-1)?.details.burned !== false
}

/** A call in which somebody talked, as far as the network can tell. */
export function wasConversation(seen: LedgerCall): boolean {
  return dispositionOf(seen) === 'completed'
}

/** The kinds of signals that were applied to a call up to a moment of the real clock. */
export function signalsOf(call: CallStory, untilMs = Number.POSITIVE_INFINITY): Set<string> {
  const kinds = call.applied
    .filter((entry) => entry.recordedMs <= untilMs)
    .flatMap(({ details }) => (Array.isArray(details.signals) ? details.signals.map(String) : []))
  return new Set(kinds)
}

export type Decision = { entry: Entry; disposition: string | null; outcome: string | null; burned: boolean }

/** What was decided last for the contact of a call; undefined while nothing is. */
export function decisionOf({ decisions }: CallStory): Decision | undefined {
  const entry = decisions.at(-1)
  return entry && toDecision(entry)
}

/** What was decided when the call ended, whatever a person said later. */
export function firstDecisionOf({ decisions }: CallStory): Decision | undefined {
  return decisions[0] && toDecision(decisions[0])
}

function toDecision(entry: Entry): Decision {
  return {
    entry,
    disposition: textOf(entry, 'disposition'),
    outcome: textOf(entry, 'outcome'),
    burned: entry.details.burned !== false,
  }
}
