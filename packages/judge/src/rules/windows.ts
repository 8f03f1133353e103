import { objectionTo } from '../calling-hours.ts'
import type { Case } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { textOf } from '../case/entry.ts'
import { campaignOf, inForceAt } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** No campaign calls outside of its hours, days, dates and holidays, on the clock of the contact. */
export function judgeWindows(theCase: Case): Violation[] {
  const { skewMs } = theCase.terms
  return theCase.invites.flatMap((invite) => {
    const campaign = campaignOf(theCase, invite)
    const settings = campaign ? inForceAt(campaign.settings, invite, theCase.terms) : []
    const zoneKey = textOf(invite.call?.claimed, 'zoneKey') ?? ''
    // no such allowance where a window closes: the dialer is to stop before
    const moments = [invite.atMs, invite.atMs + skewMs]
    const objections = settings.flatMap((each) => moments.map((atMs) => objectionTo(each, zoneKey, atMs)))
    if (objections.length === 0 || objections.includes(null)) return []
    const message = `${nameOf(invite)} was dialed outside of the calling hours: ${objections[0]}.`
    return [{ rule: 'outside-window', message, evidence: { ...describe(invite), zoneKey } } as const]
  })
}
