/** What LiveKit sent the worker into a room for. */
export type AgentJob = {
  /** LiveKit's, `AJ_…`. */
  id: string
  dispatchId: string
  roomName: string
  agentName: string
  /** Of the dispatch, as it came. */
  metadata: string
}

/** What the agent does with one job. All of it may be left out: it then joins, talks for a second and hangs up. */
export type AgentScript = {
  /** `refuse` = says that it is not available; `ignore` = says nothing. LiveKit waits 10 s for an answer. */
  offer?: 'accept' | 'refuse' | 'ignore'
  /** How long until it answers the offer; 0. */
  offerDelayMs?: number
  /** `never` = takes the job and stays away; `slow` is `joinDelayMs`. */
  join?: 'joins' | 'never'
  /** From the assignment on; 0. */
  joinDelayMs?: number
  /** Gives up, and ends the room, when no callee has come so long after it joined; waits for ever unless given. */
  patienceMs?: number
  /** `false` = it neither speaks nor listens, and only waits: for hundreds of calls on few cores. */
  sound?: boolean
  /** How long it talks once the callee has answered; 1000. 0 = says nothing. */
  talkMs?: number
  /** What it says is a tone of this frequency; 440. */
  toneHz?: number
  /** How long it listens after it has talked; 0. */
  listenMs?: number
  /**
   * What it does when it has talked: `hang_up` deletes the room, `leave` goes and leaves the callee alone, `stay` waits
   * for the callee to hang up. `hang_up` unless given.
   */
  ending?: 'hang_up' | 'leave' | 'stay'
  /** Posted while it talks, such as a wish not to be called; each gets an id of its own. */
  reports?: AgentReport[]
  /** Posted when the conversation is over, before the room is deleted; only if somebody answered. */
  lastReport?: () => AgentReport
  /** Where to write a WAV file: left what it heard, right what it said, both from the answer on. */
  recordTo?: string
}

/** What it tells of the call, at `metadata.report.url`. */
export type AgentReport = {
  outcome?: string
  callbackAt?: string
  summary?: string
  answers?: Record<string, unknown>
  transcript?: { speaker: 'agent' | 'callee'; text: string; at: string }[]
}

/** What became of one job, as the worker saw it. Times in ms since the epoch. */
export type JobStory = {
  job: AgentJob
  offeredMs: number
  answeredOffer?: 'accepted' | 'refused'
  assignedMs?: number
  joinedMs?: number
  /** Its own identity in the room. */
  identity?: string
  /** Each value of the callee's `sip.callStatus`, in the order in which it was seen. */
  callStatuses: { status: string; atMs: number }[]
  /** The last attributes of the callee that were seen. */
  calleeAttributes: Record<string, string>
  calleeLeftMs?: number
  /** Why the callee left, by LiveKit's name of the reason. */
  calleeLeftBecause?: string
  /** Samples of the callee's sound from the answer on, at 16 kHz, and their energy (RMS, 1 = as loud as can be). */
  heard: { samples: number; rms: number }
  saidMs: number
  /** Outcomes and answers that were taken, with the status. */
  reported: { report: AgentReport; status: number }[]
  /** Why it left the room or was sent out of it. */
  ending?: 'hung_up' | 'left' | 'room_gone' | 'terminated' | 'never_joined' | 'failed'
  endedMs?: number
  /** With `failed`: why. */
  problem?: string
}
