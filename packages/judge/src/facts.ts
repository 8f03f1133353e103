import type { Case, Invite, TrunkStory } from './case/case.ts'
import { momentOf } from './case/entry.ts'
import { addedContacts, finishedContacts } from './case/moments.ts'
import { openCallsAt } from './rules/concurrency.ts'
import { judgeDisposition, judgeOutcome } from './rules/endings.ts'
import type { Facts, ShareFacts, TrunkFacts } from './verdict.ts'

/** What there was to judge, in figures. */
export function gatherFacts(theCase: Case, shares: ShareFacts[]): Facts {
  const calls = [...theCase.calls.values()]
  const campaigns = [...theCase.campaigns.values()]
  const dispositions = calls.map(judgeDisposition)
  return {
    invites: theCase.invites.length,
    invitesWithoutLimits: theCase.invites.filter((invite) => !hasLimits(theCase, invite)).length,
    calls: calls.length,
    contacts: sum(campaigns.map(addedContacts)),
    finished: sum(campaigns.map((campaign) => finishedContacts(campaign).size)),
    unknown: dispositions.filter((verdict) => verdict === 'unknown').length,
    guessed: dispositions.filter((verdict) => verdict === 'guessed').length,
    unreported: calls.filter((call) => judgeOutcome(call) === 'unreported').length,
    trunks: [...theCase.trunks.values()].map(factsOf),
    shares,
    longestWaitMs: Math.round(theCase.invites.reduce((longest, invite) => Math.max(longest, waitOf(invite)), 0)),
  }
}

function factsOf({ id, livekitTrunkId, invites }: TrunkStory): TrunkFacts {
  const spanMs = (invites.at(-1)?.atMs ?? 0) - (invites[0]?.atMs ?? 0)
  return {
    trunkId: id,
    livekitTrunkId,
    invites: invites.length,
    peakConcurrency: openCallsAt(invites).reduce((most, count) => Math.max(most, count), 0),
    worstSecond: worstSecond(invites),
    averagePerSecond: spanMs > 0 ? Math.round(((invites.length - 1) / spanMs) * 1_000_000) / 1_000 : 0,
  }
}

function worstSecond(invites: Invite[]): number {
  let first = 0
  let most = 0
  invites.forEach((invite, index) => {
    while ((invites[first]?.atMs ?? 0) <= invite.atMs - 1_000) first += 1
    most = Math.max(most, index - first + 1)
  })
  return most
}

function hasLimits({ trunks }: Case, { trunkId, realMs }: Invite): boolean {
  const first = trunks.get(trunkId ?? '')?.limits[0]
  return first !== undefined && first.fromMs <= realMs
}

function waitOf({ call, atMs }: Invite): number {
  return atMs - (momentOf(call?.claimed, 'startsAt') ?? atMs)
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
