import type { CampaignStory, Case } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { addedContacts, finishedContacts } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

const idsShown = 20

/** Every contact of a campaign is finished exactly once, is not called after that, and nobody is left out. */
export function judgeFinishing(theCase: Case): Violation[] {
  return [...theCase.campaigns.values()].flatMap((campaign) => [
    ...judgeTwice(campaign),
    ...judgeAfterwards(campaign),
    ...judgeLost(theCase, campaign),
  ])
}

function judgeTwice({ id, ends }: CampaignStory): Violation[] {
  return [...ends].flatMap(([contactId, entries]) => {
    const again = entries.filter(({ kind }, index) => kind === 'finished' && entries[index - 1]?.kind === 'finished')
    if (again.length === 0) return []
    const message = `Contact ${contactId} of campaign ${id} was finished ${again.length + 1} times.`
    return [{ rule: 'finished-twice', message, evidence: { campaignId: id, contactId, entries } } as const]
  })
}

function judgeAfterwards({ ends, contacts }: CampaignStory): Violation[] {
  return [...ends].flatMap(([contactId, entries]) =>
    (contacts.get(contactId) ?? []).flatMap(({ invites }) =>
      invites.flatMap((invite) => {
        const end = entries.findLast(({ recordedMs }) => recordedMs < invite.realMs)
        if (end?.kind !== 'finished') return []
        const message = `${nameOf(invite)} was dialed after its contact had been finished at ${end.recordedAt}.`
        return [{ rule: 'called-after-finish', message, evidence: { ...describe(invite), finished: end } } as const]
      }),
    ),
  )
}

/** Contacts of a stopped campaign wait for another start; nobody is lost there. */
function judgeLost({ terms }: Case, campaign: CampaignStory): Violation[] {
  const { id, states, contacts } = campaign
  const added = addedContacts(campaign)
  const state = states.at(-1)?.value
  const finished = finishedContacts(campaign)
  const called = [...contacts.keys()].filter((contactId) => !finished.has(contactId))
  const evidence = { campaignId: id, added, finished: finished.size, calledAndNotFinished: called.slice(0, idsShown) }
  if (state === 'completed' && finished.size !== added) {
    const message = `Campaign ${id} is completed with ${finished.size} of ${added} contacts finished.`
    return [{ rule: 'contact-lost', message, evidence }]
  }
  if (state && state !== 'completed' && state !== 'stopped' && terms.expectFinished) {
    const message = `Campaign ${id} should have been completed and is ${state}: ${finished.size} of ${added} contacts are finished.`
    return [{ rule: 'contact-lost', message, evidence }]
  }
  return []
}
