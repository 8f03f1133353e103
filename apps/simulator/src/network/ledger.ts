import type { Outcome } from './call-plan.ts'
import { summarise } from './ledger-summary.ts'

/** A moment: simulated time and real time. */
export type Moment = { at: string; realMs: number }

export type HungUpBy =
  | 'callee'
  | 'caller'
  | 'agent'
  | 'api'
  | 'carrier'
  | 'ringing_timeout'
  | 'max_duration'
  | 'duplicate_identity'
  | 'transfer'
  | 'reset'

/** Everything the network saw of one INVITE. */
export type LedgerCall = {
  /** Only of calls that came in. */
  direction?: 'inbound'
  sipCallId: string
  roomName: string
  participantIdentity: string
  to: string
  from: string
  displayName?: string
  trunkId: string
  trunkAddress: string
  headers: Record<string, string>
  attempt: number
  behaviour: string
  invited: Moment
  ringing?: Moment
  answered?: Moment
  ended?: Moment
  /** refused = final SIP failure; canceled = CANCEL before an answer; hung_up = BYE after it. */
  ending?: 'refused' | 'canceled' | 'hung_up'
  hungUpBy?: HungUpBy
  sipStatus?: number
  sipReason?: string
  agentIdentity?: string
  agentJoined?: Moment
  outcome?: Outcome
  twilioCallSid?: string
  /** Tones that were sent after the answer. */
  dtmf?: string
  /** The last REFER: what it asked for, and the status of a refusal. */
  transfer?: { to: string; headers: Record<string, string>; sipStatus?: number }
}

export type Ledger = { calls: LedgerCall[]; summary: ReturnType<typeof summarise> }

export type LedgerBook = ReturnType<typeof createLedgerBook>

/** The network's memory of all calls. Calls are written in place, so each fact costs the same at any size. */
export function createLedgerBook(simulatedNowMs: () => number) {
  let calls: LedgerCall[] = []
  let active = 0
  let peakConcurrency = 0

  return {
    moment(): Moment {
      return { at: new Date(simulatedNowMs()).toISOString(), realMs: Date.now() }
    },
    invite(call: LedgerCall) {
      calls.push(call)
      active += 1
      peakConcurrency = Math.max(peakConcurrency, active)
    },
    end(call: LedgerCall, ending: Pick<LedgerCall, 'ending' | 'hungUpBy' | 'sipStatus' | 'sipReason'>) {
      if (call.ended) return
      Object.assign(call, ending)
      call.ended = this.moment()
      active -= 1
    },
    calls: (): readonly LedgerCall[] => calls,
    summary: () => summarise(calls, { active, peakConcurrency }),
    snapshot(): Ledger {
      return { calls: calls.map((call) => ({ ...call })), summary: this.summary() }
    },
    clear() {
      calls = []
      active = 0
      peakConcurrency = 0
    },
  }
}
