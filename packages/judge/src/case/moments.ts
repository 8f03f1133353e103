import { localDate } from '../wall-clock.ts'
import type { CallStory, CampaignStory, Case, Invite, Terms } from './case.ts'
import { textOf } from './entry.ts'
import type { CampaignSettings } from './settings.ts'
import { during, type Timeline } from './timeline.ts'

/** The campaign of an INVITE; undefined for single calls and strangers. */
export function campaignOf(theCase: Case, invite: Invite): CampaignStory | undefined {
  const id = invite.call?.campaignId
  return id ? theCase.campaigns.get(id) : undefined
}

/** What held when the INVITE left; after an edit within the grace, both. */
export function inForceAt<T>(timeline: Timeline<T>, invite: Invite, terms: Terms): T[] {
  return during(timeline, { fromMs: invite.realMs - terms.pauseGraceMs, toMs: invite.realMs })
}

/** What held at any time from the claim of the call to its INVITE: limits are counted when a call is claimed. */
export function inForceSinceClaim<T>(timeline: Timeline<T>, invite: Invite, terms: Terms): T[] {
  const claimedMs = invite.call?.claimed?.recordedMs ?? invite.realMs
  const fromMs = Math.min(claimedMs, invite.realMs - terms.pauseGraceMs)
  return during(timeline, { fromMs, toMs: invite.realMs })
}

/** When the request to dial left by the dialer's clock, which is what it counts by; else when the network saw it. */
export function leftAtMs(invite: Invite, terms: Terms): number {
  const mark = invite.call?.marks.findLast((each) => each.recordedMs <= invite.realMs + sameMomentMs)
  const isFresh = mark !== undefined && invite.realMs - mark.recordedMs <= terms.pauseGraceMs
  return isFresh ? Math.min(mark.atMs, invite.atMs) : invite.atMs
}

/** Both clocks are read in whole ms, and one of them is rounded. */
export const sameMomentMs = 5

/**
 * The campaign-local day that an INVITE counts for. Around midnight the day it was claimed for, when that is one of the
 * two: between leaving the dialer and reaching the network it may pass.
 */
export function dialDayOf(invite: Invite, settings: CampaignSettings, terms: Terms): string {
  const { timezone } = settings
  const claimedFor = textOf(invite.call?.claimed, 'dialDay')
  const possible = [leftAtMs(invite, terms), invite.atMs - terms.skewMs, invite.atMs + terms.skewMs]
  const isPossible = claimedFor !== null && possible.some((atMs) => localDate(timezone, atMs) === claimedFor)
  return isPossible ? claimedFor : localDate(timezone, invite.atMs)
}

/** How the log says that a call ended; null while it goes on. */
export function dispositionInLog(call: CallStory): string | null {
  const last = call.applied.findLast((entry) => textOf(entry, 'disposition') !== null)
  if (last) return textOf(last, 'disposition')
  return wasReleased(call) ? 'canceled' : null
}

/** Given back and not claimed again since. */
export function wasReleased({ releases, claimed }: CallStory): boolean {
  const release = releases.at(-1)
  return release !== undefined && release.recordedMs >= (claimed?.recordedMs ?? 0)
}

/** The last INVITE of a call; more than one is a breach of its own. */
export function lastInvite(call: CallStory | undefined): Invite | undefined {
  return call?.invites.at(-1)
}

/** The contacts that are finished at the end of the log. */
export function finishedContacts({ ends }: CampaignStory): Set<string> {
  return new Set([...ends].filter(([, entries]) => entries.at(-1)?.kind === 'finished').map(([id]) => id))
}

export function addedContacts({ added }: CampaignStory): number {
  return added.at(-1)?.value ?? 0
}
