import type { Case } from '../case/case.ts'
import { describe, nameOf, realTime } from '../case/describe.ts'
import { campaignOf, inForceAt } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** After a campaign was paused, stopped, stopped itself or was completed, nothing leaves but what was under way. */
export function judgePauses(theCase: Case): Violation[] {
  return theCase.invites.flatMap((invite) => {
    const campaign = campaignOf(theCase, invite)
    if (!campaign) return []
    const states = inForceAt(campaign.states, invite, theCase.terms)
    if (states.includes('running')) return []
    const since = campaign.states.findLast(({ fromMs }) => fromMs <= invite.realMs)
    const message = since
      ? `${nameOf(invite)} was dialed ${invite.realMs - since.fromMs} ms after its campaign was ${since.value}, at ${realTime(invite.realMs)}.`
      : `${nameOf(invite)} was dialed for campaign ${campaign.id}, which the log does not say was started.`
    return [{ rule: 'while-not-running', message, evidence: { ...describe(invite), state: since ?? null } } as const]
  })
}
