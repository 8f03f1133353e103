/** A moment of the ledger: the time of the simulation, and real ms since the epoch. */
export type Moment = { at: string; realMs: number }

/** One INVITE as the telephone network saw it: the fields of the simulator's ledger that are judged. */
export type LedgerCall = {
  sipCallId: string
  /** `call-` and the id of the call. */
  roomName: string
  to: string
  /** LiveKit's id of the trunk, `ST_…`. */
  trunkId: string
  invited: Moment
  ringing?: Moment
  answered?: Moment
  agentJoined?: Moment
  ended?: Moment
  ending?: 'refused' | 'canceled' | 'hung_up'
  hungUpBy?: string
  sipStatus?: number
  outcome?: string
}

/** A row of the table event_log. */
export type LogEntry = {
  id: string | number
  /** By the dialer's clock, ISO. */
  at: string
  /** By the real clock, ISO; comparable with the ledger's `realMs`. */
  recordedAt: string
  kind: string
  workspaceId: string
  campaignId: string | null
  contactId: string | null
  callId: string | null
  trunkId: string | null
  details: Record<string, unknown>
}

/** What the product says of itself at the end. */
export type Told = {
  campaigns: {
    id: string
    status: string
    contacts: { total: number; waiting: number; claimed: number; finished: number }
    /** How many calls by disposition, and by status those that have none yet. */
    calls: Record<string, number>
  }[]
  /** Ids of the calls that have not ended. */
  openCalls: string[]
}

/** All that is held against each other; `told` is left out where nobody can ask the product. */
export type Evidence = { ledger: readonly LedgerCall[]; log: readonly LogEntry[]; told?: Told }
