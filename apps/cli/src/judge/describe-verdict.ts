import type { Facts, Verdict, Violation } from '@outdial/judge/verdict'

const shownPerRule = 20

/** A verdict for people: every violation by rule, then what there was to judge. */
export function describeVerdict({ violations, facts }: Verdict): string[] {
  const byRule = [...Map.groupBy(violations, ({ rule }) => rule)]
  return [
    ...byRule.flatMap(([rule, broken]) => [`${rule} (${broken.length})`, ...explain(broken), '']),
    ...describeFacts(facts),
    '',
    violations.length === 0 ? 'No rule was broken.' : `Broken: ${byRule.map(([rule]) => rule).join(', ')}.`,
  ]
}

function explain(broken: Violation[]): string[] {
  const shown = broken
    .slice(0, shownPerRule)
    .flatMap(({ message, evidence }) => [`  ${message}`, `    ${shorten(JSON.stringify(evidence))}`])
  const rest = broken.length - shownPerRule
  return rest > 0 ? [...shown, `  and ${rest} more (--json prints all)`] : shown
}

function shorten(text: string): string {
  return text.length > 600 ? `${text.slice(0, 600)}… (--json prints all)` : text
}

function describeFacts(facts: Facts): string[] {
  const { invites, calls, contacts, finished, unknown, guessed, unreported, longestWaitMs } = facts
  return [
    `${invites} INVITEs, ${calls} calls in the log, ${finished} of ${contacts} contacts finished.`,
    `Nobody told the dialer: the end of ${unknown} calls (unknown), the answer to ${guessed}, the outcome of ${unreported}.`,
    `The latest INVITE left ${longestWaitMs} ms (of the run's time) after its planned start.`,
    ...facts.trunks.map(
      (trunk) =>
        `Trunk ${trunk.livekitTrunkId ?? trunk.trunkId}: ${trunk.invites} INVITEs, at most ${trunk.peakConcurrency} at once, ` +
        `at most ${trunk.worstSecond} in a second, ${trunk.averagePerSecond} per second on average.`,
    ),
    ...facts.shares.map(
      ({ campaignIds, starts, share, fairShare }) =>
        `Campaigns ${campaignIds.join(' and ')} shared a trunk ${starts.join(' : ')}: ${percent(share)}, fair were ${percent(fairShare)}.`,
    ),
    ...(facts.invitesWithoutLimits > 0
      ? [
          `${facts.invitesWithoutLimits} INVITEs went over trunks whose limits the log does not have: no pace was judged there.`,
        ]
      : []),
  ]
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}
