import type { Case, Observations } from './cases/case.ts'
import { compare, type Difference, describeDifference, isExcused, unexcused } from './compare.ts'
import type { Ran } from './run-case.ts'

export type Judged = {
  /** Why the case does not pass; nothing when it passes. */
  failures: string[]
  /** All differences between the real servers and what ran, those that have a reason too. */
  differences: Difference[]
}

/**
 * Holds what the simulator did against what the real servers did. A difference needs a reason in the case, and a
 * reason that excuses nothing any more is wrong as well.
 */
export function judgeSimulator(each: Case, { ran, reality }: { ran: Ran; reality: Observations | undefined }): Judged {
  if (!ran.seen) return { failures: ran.failures, differences: [] }
  if (!reality) {
    const message = 'The real servers were never asked. Run: npm run conformance -- --target livekit --write'
    return { failures: [...ran.failures, message], differences: [] }
  }
  const differences = compare({ livekit: reality, simulator: ran.seen })
  const unexplained = unexcused(differences, each.differs).map(describeDifference)
  const idle = Object.keys(each.differs ?? {})
    .filter((path) => !differences.some((difference) => isExcused(difference, path)))
    .map((path) => `"differs" names ${path}, which is equal`)
  return { failures: [...ran.failures, ...unexplained, ...idle], differences }
}

/** Holds what the real servers do now against what they did when they were recorded. */
export function judgeLiveKit(ran: Ran, recorded: Observations | undefined): Judged {
  if (!ran.seen || !recorded) return { failures: ran.failures, differences: [] }
  const differences = compare({ livekit: ran.seen, simulator: recorded })
  const changed = differences.map(
    ({ path, livekit, simulator: before }) =>
      `${path}: now ${JSON.stringify(livekit)}, recorded ${JSON.stringify(before)}. If that is right: --write`,
  )
  return { failures: [...ran.failures, ...changed], differences }
}
