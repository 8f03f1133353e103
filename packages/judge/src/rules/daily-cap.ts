import type { CampaignStory, Case } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { dialDayOf, inForceSinceClaim } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** No more calls of a campaign on a day of its own calendar than its cap; every call that left counts. */
export function judgeDailyCap(theCase: Case): Violation[] {
  return [...theCase.campaigns.values()].flatMap((campaign) => judgeCampaign(theCase, campaign))
}

function judgeCampaign({ terms }: Case, campaign: CampaignStory): Violation[] {
  const byDay = new Map<string, number>()
  return campaign.invites.flatMap((invite) => {
    const settings = inForceSinceClaim(campaign.settings, invite, terms)
    const latest = settings.at(-1)
    if (!latest) return []
    const day = dialDayOf(invite, latest, terms)
    const count = (byDay.get(day) ?? 0) + 1
    byDay.set(day, count)
    const cap = Math.max(...settings.map(({ dailyCap }) => dailyCap ?? Number.POSITIVE_INFINITY))
    if (count <= cap) return []
    const message = `${nameOf(invite)} is call ${count} of campaign ${campaign.id} on ${day}; its daily cap is ${cap}.`
    return [{ rule: 'daily-cap', message, evidence: { ...describe(invite), day, count, cap } } as const]
  })
}
