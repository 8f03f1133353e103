import type { CampaignStory, Case, Invite } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { isAttempt } from '../case/endings.ts'
import { dialDayOf, inForceSinceClaim } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** A contact is called at most maxAttemptsPerContact times in all and maxAttemptsPerDay times on a campaign-local day. */
export function judgeAttempts(theCase: Case): Violation[] {
  return [...theCase.campaigns.values()].flatMap((campaign) =>
    [...campaign.contacts.values()].flatMap((calls) => {
      const invites = calls.flatMap((call) => call.invites.slice(0, 1))
      return judgeContact(theCase, campaign, invites)
    }),
  )
}

function judgeContact(theCase: Case, campaign: CampaignStory, invites: Invite[]): Violation[] {
  const violations: Violation[] = []
  const attempts: Invite[] = []
  const byDay = new Map<string, number>()
  for (const invite of invites.sort((one, other) => one.realMs - other.realMs)) {
    const settings = inForceSinceClaim(campaign.settings, invite, theCase.terms)
    const latest = settings.at(-1)
    if (!latest) continue
    const day = dialDayOf(invite, latest, theCase.terms)
    // what came before counts; a call that is refused for the carrier's reasons may still be one too many
    const number = attempts.length + 1
    const today = (byDay.get(day) ?? 0) + 1
    const allowed = Math.max(...settings.map((each) => each.maxAttemptsPerContact))
    const allowedToday = Math.max(...settings.map((each) => each.maxAttemptsPerDay))
    const evidence = { ...describe(invite), earlier: attempts.map(describe) }
    if (number > allowed) {
      const message = `${nameOf(invite)} is attempt ${number} at contact ${invite.call?.contactId}; the campaign allows ${allowed}.`
      violations.push({ rule: 'too-many-attempts', message, evidence })
    }
    if (today > allowedToday) {
      const message = `${nameOf(invite)} is attempt ${today} at contact ${invite.call?.contactId} on ${day}; the campaign allows ${allowedToday} a day.`
      violations.push({ rule: 'too-many-attempts-in-a-day', message, evidence })
    }
    if (!isAttempt(invite, invite.call)) continue
    attempts.push(invite)
    byDay.set(day, today)
  }
  return violations
}
