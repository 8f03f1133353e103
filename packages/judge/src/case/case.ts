import type { LedgerCall, Told } from '../evidence.ts'
import type { Violation } from '../verdict.ts'
import type { Entry } from './entry.ts'
import type { AttemptLimit, CampaignSettings, TrunkLimits } from './settings.ts'
import type { Timeline } from './timeline.ts'

/** All that is known, in the order in which rules ask for it. Read only. */
export type Case = {
  /** In the order in which they left. */
  invites: Invite[]
  calls: Map<string, CallStory>
  campaigns: Map<string, CampaignStory>
  trunks: Map<string, TrunkStory>
  workspaces: Map<string, WorkspaceStory>
  told: Told | undefined
  terms: Terms
}

/** A rule: pure, and no slower than sorting. */
export type Rule = (theCase: Case) => Violation[]

export type Terms = {
  clockSpeed: number
  paceToleranceCalls: number
  paceJitterMs: number
  pauseGraceMs: number
  /** How far the clocks of dialer and network may be apart, in ms of the simulation. */
  skewMs: number
  expectFinished: boolean
  fairness: { tolerance: number; minStarts: number }
}

export type Invite = {
  seen: LedgerCall
  callId: string
  /** Undefined: the log knows no such call. */
  call: CallStory | undefined
  trunkId: string | undefined
  /** When it left and when it was over, by the clock of the simulation and by the real one; Infinity while it lasts. */
  atMs: number
  realMs: number
  endedAtMs: number
  endedRealMs: number
}

/** One call: every entry of the log about it, and its INVITEs. */
export type CallStory = {
  id: string
  workspaceId: string
  campaignId: string | null
  contactId: string | null
  trunkId: string | null
  /** The last claim; a single call may be given back and claimed again. */
  claimed: Entry | undefined
  permits: Entry[]
  marks: Entry[]
  releases: Entry[]
  applied: Entry[]
  /** What followed for the contact: `retried` or `finished`, and `retried` again where a person arranged a callback. */
  decisions: Entry[]
  invites: Invite[]
}

export type RunState = 'running' | 'paused' | 'stopped' | 'failed' | 'completed'

export type CampaignStory = {
  id: string
  workspaceId: string
  settings: Timeline<CampaignSettings>
  states: Timeline<RunState>
  /** How many contacts had been added in all, from when on. */
  added: Timeline<number>
  /** By contact: when it was finished, and when it was taken up again for a callback that a person arranged. */
  ends: Map<string, Entry[]>
  /** Moments at which the lane looked and could start nothing, in real ms. */
  deferrals: number[]
  /** Contacts that had to wait for reasons of their number. */
  deferredContacts: Set<string>
  /** By contact, each in the order of their claims. */
  contacts: Map<string, CallStory[]>
  calls: CallStory[]
  invites: Invite[]
}

export type TrunkStory = {
  id: string
  livekitTrunkId: string | null
  limits: Timeline<TrunkLimits>
  invites: Invite[]
}

export type WorkspaceStory = {
  id: string
  attemptLimits: Timeline<AttemptLimit>
  /** By number: when it was suppressed (true) and when no longer. */
  suppressions: Map<string, Timeline<boolean>>
  /** By number, in the order in which they left. */
  numbers: Map<string, Invite[]>
}
