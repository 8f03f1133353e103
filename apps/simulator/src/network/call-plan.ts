export type Outcome = 'interested' | 'not_interested' | 'callback' | 'do_not_call' | 'voicemail' | 'wrong_number'

/** What a called party does once it has picked up; all durations in simulated ms. */
export type Conversation = {
  talkMs: number
  endedBy: 'agent' | 'callee'
  outcome?: Outcome
  /** Only for outcome `callback`: how long from now the callee wants the next call. */
  callbackAfterMs?: number
  /** The agent joins but never speaks nor reports. */
  agentIsSilent?: boolean
}

export type Refusal = { sipStatus: number; reason: string }

type Ending =
  | { kind: 'answer'; afterMs: number; conversation: Conversation }
  | { kind: 'refuse'; afterMs: number; refusal: Refusal }
  | { kind: 'challenge'; afterMs: number; sipStatus: 401 | 407 }
  | { kind: 'ring' }
  | { kind: 'silence' }
  /** Somebody calls us, and gives up after so long. */
  | { kind: 'caller'; afterMs: number; conversation: Conversation }

/** How the telephone network treats one INVITE. `ringAfterMs` null = no 180 Ringing is sent. */
export type CallPlan = { ringAfterMs: number | null; ending: Ending }
