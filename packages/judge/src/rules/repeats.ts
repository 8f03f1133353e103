import type { CallStory, CampaignStory, Case, Invite } from '../case/case.ts'
import { describe, nameOf } from '../case/describe.ts'
import { decisionOf, wasConversation } from '../case/endings.ts'
import { momentOf } from '../case/entry.ts'
import { lastInvite } from '../case/moments.ts'
import { isReopening } from '../case/read-entry.ts'
import type { CampaignSettings } from '../case/settings.ts'
import { during } from '../case/timeline.ts'
import type { Violation } from '../verdict.ts'

/** By how much chance may bring a retry forward. */
const earliestShare = 0.9
/** What a refusal of the carrier's own costs at least, until the contact is called again. */
const refusalDelayMs = 30_000
const longestDelayMs = 30 * 86_400_000

/**
 * A contact is called again only as its campaign's retry settings say: not after a conversation, not after endings that
 * are not retried or were retried often enough, not before the delay has passed, and not before the time it asked for.
 */
export function judgeRepeats(theCase: Case): Violation[] {
  return [...theCase.campaigns.values()].flatMap((campaign) =>
    [...campaign.contacts.values()].flatMap((calls) =>
      calls.length < 2 ? [] : judgeContact(theCase, campaign, calls),
    ),
  )
}

function judgeContact(theCase: Case, campaign: CampaignStory, calls: CallStory[]): Violation[] {
  const violations: Violation[] = []
  const endings = new Map<string, number>()
  let before: { call: CallStory; sameEndings: number } | undefined
  for (const call of calls) {
    const invite = call.invites[0]
    if (invite && before) violations.push(...judgeRepeat(theCase, { campaign, invite, ...before, last: before.call }))
    if (call.decisions.length === 0 && !invite) continue
    const ending = endingOf(call)
    const sameEndings = (endings.get(ending) ?? 0) + 1
    endings.set(ending, sameEndings)
    before = { call, sameEndings }
  }
  return violations
}

type Repeat = { campaign: CampaignStory; invite: Invite; last: CallStory; sameEndings: number }

function judgeRepeat(theCase: Case, repeat: Repeat): Violation[] {
  const { campaign, invite, last } = repeat
  const decision = decisionOf(last)
  const decidedMs = decision?.entry.recordedMs ?? invite.realMs
  const graceMs = theCase.terms.pauseGraceMs
  const settings = during(campaign.settings, { fromMs: decidedMs - graceMs, toMs: decidedMs })
  const conversation = judgeConversation(repeat, settings)
  if (conversation.length > 0) return conversation
  const retried = decision?.entry.kind === 'retried' ? decision.entry : undefined
  const dueMs = momentOf(retried, 'dueAt')
  if (dueMs !== null && invite.atMs < dueMs - theCase.terms.skewMs) {
    const due = new Date(dueMs).toISOString()
    return [tooSoon(repeat, `the contact was due again at ${due}`)]
  }
  return retried && settings.length > 0 ? judgeDelay(theCase, repeat, settings) : []
}

function judgeConversation({ invite, last }: Repeat, settings: CampaignSettings[]): Violation[] {
  const seen = lastInvite(last)?.seen
  if (!seen || !wasConversation(seen)) return []
  // a person may arrange a callback after the agent heard something else
  if (seen.outcome === 'callback' || last.decisions.some(isReopening)) return []
  if (seen.outcome === 'voicemail' && settings.some(({ retry }) => retry.voicemail)) return []
  // nobody told the dialer; whether it may call again then is the campaign's choice
  const disposition = decisionOf(last)?.disposition
  if (disposition === 'unknown' && settings.some(({ retry }) => retry.unknown)) return []
  const what = seen.outcome ? `a conversation (${seen.outcome})` : 'a conversation'
  const message = `${nameOf(invite)} came after ${what} with the same contact in call ${last.id}.`
  return [{ rule: 'called-after-conversation', message, evidence: evidenceOf({ invite, last }) }]
}

/** The delays that may have held at the moment of the decision; the kindest one counts. */
function judgeDelay(theCase: Case, repeat: Repeat, settings: CampaignSettings[]): Violation[] {
  const { invite, last, sameEndings } = repeat
  const ended = lastInvite(last)?.endedAtMs
  const ending = endingOf(last)
  if (ending === 'callback' || ended === undefined) return []
  const rules = settings.map(({ retry }) => retry[ending])
  const delays =
    decisionOf(last)?.burned === false
      ? [refusalDelayMs]
      : rules.flatMap((rule) => (rule && sameEndings < rule.attempts ? [delayOf(rule, sameEndings)] : []))
  if (delays.length === 0) {
    const message = `${nameOf(invite)} is another attempt after ${sameEndings} × ${ending}; the campaign's retry settings allow none.`
    return [{ rule: 'retried-against-settings', message, evidence: { ...evidenceOf(repeat), retry: rules } }]
  }
  const earliestMs = ended + earliestShare * Math.min(...delays) - theCase.terms.skewMs
  if (invite.atMs >= earliestMs) return []
  const waited = Math.round((invite.atMs - ended) / 1_000)
  const wanted = Math.round(Math.min(...delays) / 1_000)
  return [tooSoon(repeat, `${ending} asks for a wait of ${wanted} s (less ten in a hundred), and it was ${waited} s`)]
}

function delayOf(rule: { delaySeconds: number; backoff: string }, sameEndings: number): number {
  const growth = rule.backoff === 'exponential' ? 2 ** (sameEndings - 1) : 1
  return Math.min(rule.delaySeconds * 1_000 * growth, longestDelayMs)
}

/** What the retry settings go by: the outcome of a mailbox or a callback, else the disposition. */
function endingOf(call: CallStory): string {
  const decision = decisionOf(call)
  if (decision?.outcome === 'voicemail' || decision?.outcome === 'callback') return decision.outcome
  const refused = decision?.burned === false ? ' (refused)' : ''
  return `${decision?.disposition ?? 'unknown'}${refused}`
}

function tooSoon(repeat: Repeat, why: string): Violation {
  const { invite, last } = repeat
  const message = `${nameOf(invite)} came too soon after call ${last.id}: ${why}.`
  return { rule: 'called-too-soon', message, evidence: evidenceOf(repeat) }
}

function evidenceOf({ invite, last }: Pick<Repeat, 'invite' | 'last'>) {
  return { ...describe(invite), last: lastInvite(last)?.seen ?? { callId: last.id }, decided: last.decisions }
}
