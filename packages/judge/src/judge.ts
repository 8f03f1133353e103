import type { Rule, Terms } from './case/case.ts'
import { openCase } from './case/open-case.ts'
import { sharesOf } from './case/sharing.ts'
import type { Evidence } from './evidence.ts'
import { gatherFacts } from './facts.ts'
import { judgeAttempts } from './rules/attempts.ts'
import { judgeConcurrency } from './rules/concurrency.ts'
import { judgeCounters } from './rules/counters.ts'
import { judgeDailyCap } from './rules/daily-cap.ts'
import { judgeEndings } from './rules/endings.ts'
import { judgeFairness } from './rules/fairness.ts'
import { judgeFinishing } from './rules/finishing.ts'
import { judgeInFlight } from './rules/in-flight.ts'
import { judgeInvites } from './rules/invites.ts'
import { judgeNumbers } from './rules/numbers.ts'
import { judgePace } from './rules/pace.ts'
import { judgePauses } from './rules/pauses.ts'
import { judgeRepeats } from './rules/repeats.ts'
import { judgeSuppressions } from './rules/suppressions.ts'
import { judgeWindows } from './rules/windows.ts'
import type { Verdict } from './verdict.ts'

export type JudgeOptions = {
  /** Seconds of the simulation per real second. */
  clockSpeed: number
  /** How many calls too many in a window are still fine; default 1. */
  paceToleranceCalls?: number
  /** By how much the way from the dialer to the network may differ between calls, in real ms; default 0. */
  paceJitterMs?: number
  /** How long after a pause, stop, edit or suppression a call that was under way may still leave, in real ms; default 1000. */
  pauseGraceMs?: number
  /** How far the clocks of the dialer and of the network may be apart, in real ms; default 5. */
  clockSkewMs?: number
  /** Whether everything has come to its end: campaigns are completed or stopped, and nothing is open. */
  expectFinished: boolean
  /** How far from its share a campaign may be, as a part of the share, and from how many starts on; default 0.25, 100. */
  fairness?: { tolerance: number; minStarts: number }
}

const rules: readonly Rule[] = [
  judgeInvites,
  judgeAttempts,
  judgeNumbers,
  judgeRepeats,
  judgeFinishing,
  judgeWindows,
  judgePauses,
  judgeSuppressions,
  judgeDailyCap,
  judgeConcurrency,
  judgePace,
  judgeEndings,
  judgeInFlight,
  judgeCounters,
]

/**
 * Holds the log of decisions and what the product tells against what the telephone network saw, rule by rule. Pure;
 * takes a hundred thousand calls in seconds. The page docs/judge.md says what each rule means.
 * @throws EvidenceError when settings in the log make no sense
 */
export function judge({ options, ...evidence }: Evidence & { options: JudgeOptions }): Verdict {
  const terms = withDefaults(options)
  const theCase = openCase(evidence, terms)
  const shares = sharesOf(theCase)
  return {
    violations: [...rules.flatMap((rule) => rule(theCase)), ...judgeFairness(shares, terms)],
    facts: gatherFacts(theCase, shares),
  }
}

function withDefaults(options: JudgeOptions): Terms {
  return {
    clockSpeed: options.clockSpeed,
    paceToleranceCalls: options.paceToleranceCalls ?? 1,
    paceJitterMs: options.paceJitterMs ?? 0,
    pauseGraceMs: options.pauseGraceMs ?? 1_000,
    skewMs: (options.clockSkewMs ?? 5) * options.clockSpeed,
    expectFinished: options.expectFinished,
    fairness: options.fairness ?? { tolerance: 0.25, minStarts: 100 },
  }
}
