import type { Terms } from '../case/case.ts'
import type { ShareFacts, Violation } from '../verdict.ts'

/** Campaigns that both have work share a trunk by weight, once there are enough starts for chance to even out. */
export function judgeFairness(shares: ShareFacts[], { fairness }: Terms): Violation[] {
  return shares.flatMap((facts) => {
    const { share, fairShare, starts, campaignIds, trunkId } = facts
    const isEnough = starts[0] + starts[1] > fairness.minStarts
    // the smaller share of the two is the one that suffers
    const off = Math.max(Math.abs(share - fairShare) / fairShare, Math.abs(share - fairShare) / (1 - fairShare))
    if (!isEnough || off <= fairness.tolerance) return []
    const message =
      `Campaigns ${campaignIds[0]} and ${campaignIds[1]} had ${starts[0]} and ${starts[1]} starts on trunk ${trunkId} ` +
      `while both had work: ${percent(share)} for the first, where its weight makes ${percent(fairShare)}.`
    return [{ rule: 'unfair-share', message, evidence: facts } as const]
  })
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}
