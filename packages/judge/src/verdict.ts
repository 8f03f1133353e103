/** What can be broken; the page docs/judge.md says what each means. */
export type RuleName =
  | 'two-invites'
  | 'unlogged-invite'
  | 'unpermitted-invite'
  | 'released-but-dialed'
  | 'too-many-attempts'
  | 'too-many-attempts-in-a-day'
  | 'attempt-limit'
  | 'two-calls-at-once'
  | 'called-after-conversation'
  | 'retried-against-settings'
  | 'called-too-soon'
  | 'finished-twice'
  | 'called-after-finish'
  | 'contact-lost'
  | 'outside-window'
  | 'while-not-running'
  | 'suppressed'
  | 'daily-cap'
  | 'trunk-concurrency'
  | 'campaign-concurrency'
  | 'trunk-pace'
  | 'campaign-pace'
  | 'unfair-share'
  | 'wrong-counters'
  | 'never-ended'
  | 'wrong-disposition'
  | 'wrong-outcome'

/** One breach: what happened in a sentence for people, and where to look. */
export type Violation = { rule: RuleName; message: string; evidence: unknown }

export type TrunkFacts = {
  trunkId: string
  livekitTrunkId: string | null
  invites: number
  /** The most calls at once on the network, from INVITE to end. */
  peakConcurrency: number
  /** The most INVITEs in any second of the simulation. */
  worstSecond: number
  /** INVITEs per second of the simulation, from the first to the last. */
  averagePerSecond: number
}

/** How two campaigns shared a trunk while both had somebody to call. */
export type ShareFacts = {
  trunkId: string
  campaignIds: [string, string]
  weights: [number, number]
  /** Calls that were claimed and dialed meanwhile. */
  starts: [number, number]
  /** Of the first, and what its weight makes it. */
  share: number
  fairShare: number
}

export type Facts = {
  invites: number
  /** On trunks whose limits the log does not have: nobody judges their pace and concurrency. */
  invitesWithoutLimits: number
  /** Calls that the log knows. */
  calls: number
  /** Contacts that were added to campaigns. */
  contacts: number
  finished: number
  /** Calls that ended as `unknown` because nobody told the dialer how. */
  unknown: number
  /** Calls whose final answer nobody told the dialer, so that it goes by how the leg left: `rejected` for busy. */
  guessed: number
  /** Conversations whose outcome the agent never told. */
  unreported: number
  trunks: TrunkFacts[]
  shares: ShareFacts[]
  /** The longest time from the start that a call was claimed for to its INVITE, in ms of the simulation. */
  longestWaitMs: number
}

export type Verdict = { violations: Violation[]; facts: Facts }
