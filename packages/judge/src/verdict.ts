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
  | 'called-too-soon'
  | 'finished-twice'
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
  peakConcurrency: number
  /** The most INVITEs in any second of the simulation. */
  worstSecond: number
  /** INVITEs per second of the simulation, from the first to the last. */
  averagePerSecond: number
}

export type Facts = {
  invites: number
  /** Calls that the log knows. */
  calls: number
  /** Contacts that campaigns took over. */
  contacts: number
  finished: number
  /** Calls that ended as `unknown`, because nobody can know. */
  unknown: number
  trunks: TrunkFacts[]
  /** How campaigns shared a trunk while all of them had work; 1 = exactly what the weights say. */
  shares: { trunkId: string; campaignId: string; weight: number; starts: number; share: number; fair: number }[]
  /** The longest time from the start that a call was claimed for to its INVITE, in ms of the simulation. */
  longestWaitMs: number
}

export type Verdict = { violations: Violation[]; facts: Facts }
