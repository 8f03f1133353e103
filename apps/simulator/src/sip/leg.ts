import { DisconnectReason, ParticipantInfo_Kind } from '@livekit/protocol'
import { newId, twilioAccountSid } from '../ids.ts'
import type { Conversation, Refusal } from '../network/call-plan.ts'
import type { HungUpBy, LedgerCall } from '../network/ledger.ts'
import type { PlannedCall } from '../network/telephone-network.ts'
import type { Participant, RemovedBy } from '../rooms/room.ts'
import type { Simulation } from '../simulation.ts'
import { fromNode, TwirpError } from '../twirp-error.ts'
import { refusalError, refusalReason } from './sip-errors.ts'

type Terms = { ringingTimeoutMs: number; maxCallMs: number; dtmf: string; hasPassword: boolean }

// SIP's Timer B: how long an INVITE is repeated without any response
const transactionTimeoutMs = 32_000
// how long a callee says hello into a silent line
const patienceMs = 12_000
const toneMs = 500

/** One telephone leg: from its INVITE to its end. It ends exactly once. */
export class Leg {
  readonly call: LedgerCall
  readonly participant: Participant
  readonly conversation: Conversation | undefined
  /** Settles with the final response to the INVITE; rejects with the error the API answers. */
  readonly answered: Promise<void>
  readonly #plan: PlannedCall
  readonly #simulation: Simulation
  readonly #terms: Terms
  readonly #outcome = Promise.withResolvers<void>()
  readonly #timers: (() => void)[] = []
  #cancelCalleeTimer: () => void = () => {}
  readonly #onEnded: () => void

  constructor(
    simulation: Simulation,
    leg: { call: LedgerCall; plan: PlannedCall; participant: Participant; terms: Terms; onEnded: () => void },
  ) {
    this.#simulation = simulation
    this.#plan = leg.plan
    this.#terms = leg.terms
    this.#onEnded = leg.onEnded
    this.call = leg.call
    this.participant = leg.participant
    this.conversation = 'conversation' in leg.plan.ending ? leg.plan.ending.conversation : undefined
    this.answered = this.#outcome.promise
    // nobody may be waiting for the answer
    this.answered.catch(() => {})
  }

  get isActive(): boolean {
    return this.call.answered !== undefined && this.call.ended === undefined
  }

  /** Sends the INVITE; from here on the plan of the called number runs. */
  invite(): void {
    const { ringAfterMs, ending } = this.#plan
    this.#simulation.ledger.invite(this.call)
    this.#simulation.twilio?.callChanged(this.call, 'initiated')
    this.#after(this.#terms.ringingTimeoutMs, () => this.#giveUp('sip request timed out', 'ringing_timeout'))
    if (ringAfterMs !== null) this.#after(ringAfterMs, () => this.#ring())
    if (ending.kind === 'answer') this.#after(ending.afterMs, () => this.#answer())
    if (ending.kind === 'refuse') this.#after(ending.afterMs, () => this.#refuse(ending.refusal))
    if (ending.kind === 'challenge') this.#after(ending.afterMs, () => this.#failAuthentication(ending.sipStatus))
    if (ending.kind === 'caller') this.#letRing(ending.afterMs)
    if (ending.kind === 'silence') {
      const message = 'transaction failed to complete (0 intermediate responses)'
      this.#after(transactionTimeoutMs, () => this.#giveUp(message, 'carrier'))
    }
  }

  /** There is no INVITE, and so no line in the ledger, where the trunk's host does not exist. */
  failLookup(host: string): void {
    this.call.ended = this.#simulation.ledger.moment()
    this.#onEnded()
    const lookup = `lookup _sip._udp.${host} on 127.0.0.53:53: no such host`
    const message = fromNode(`fail to resolve target for "${host}": ${lookup}`)
    this.#outcome.reject(new TwirpError('invalid_argument', message))
    this.#simulation.rooms.leave(this.participant, DisconnectReason.CLIENT_INITIATED)
  }

  /** The agent has begun to speak: the callee stays, for as long as its plan says. */
  hearAgent(): void {
    if (!this.conversation || !this.isActive || this.#decidesAlone) return
    this.#cancelCalleeTimer()
    const { endedBy, talkMs } = this.conversation
    if (endedBy === 'callee') this.#after(talkMs, () => this.hangUp(this.#otherEnd))
  }

  /** Picks up a call that came in. */
  accept(): void {
    if (this.call.ended || this.call.answered) return
    this.#answer()
  }

  /** Ends an answered call with a BYE and takes the participant out of the room. */
  hangUp(by: HungUpBy): void {
    if (!this.isActive) return
    this.#simulation.rooms.setAttributes(this.participant, { 'sip.callStatus': 'hangup' })
    this.#end({ ending: 'hung_up', hungUpBy: by, sipStatus: 200, sipReason: 'OK' })
    this.#simulation.rooms.leave(this.participant, DisconnectReason.CLIENT_INITIATED)
  }

  /** The room let the participant go: CANCEL or BYE. */
  removed(by: RemovedBy): void {
    if (this.call.ended) return
    const ending = this.call.answered ? ('hung_up' as const) : ('canceled' as const)
    const sipStatus = this.call.answered ? 200 : 487
    this.#end({ ending, hungUpBy: by, sipStatus, sipReason: ending === 'canceled' ? 'Request Terminated' : 'OK' })
    this.#outcome.reject(new TwirpError('canceled', fromNode('sip request timed out')))
  }

  // livekit-sip writes hangup also when the caller gives up
  #letRing(patienceMs: number) {
    this.call.ringing = this.#simulation.ledger.moment()
    this.#after(patienceMs, () => {
      this.#simulation.rooms.setAttributes(this.participant, { 'sip.callStatus': 'hangup' })
      this.#end({ ending: 'canceled', hungUpBy: 'caller', sipStatus: 487, sipReason: 'Request Terminated' })
      this.#simulation.rooms.leave(this.participant, DisconnectReason.CLIENT_INITIATED)
    })
  }

  #ring() {
    this.#respondFirst()
    this.call.ringing = this.#simulation.ledger.moment()
    this.#simulation.rooms.setAttributes(this.participant, { 'sip.callStatus': 'ringing' })
    this.#simulation.twilio?.callChanged(this.call, 'ringing')
  }

  #answer() {
    this.#respondFirst()
    this.#cancelTimers()
    const { rooms, ledger, twilio } = this.#simulation
    this.call.answered = ledger.moment()
    twilio?.callChanged(this.call, 'answered')
    this.#after(this.#terms.maxCallMs, () => this.hangUp('max_duration'))
    // a caller's leg has had them since it joined
    const callIds: Record<string, string> =
      this.call.direction === 'inbound' ? {} : { 'sip.callIDFull': newId(''), 'sip.callTag': newId('') }
    if (!this.#terms.dtmf) {
      this.#outcome.resolve()
      this.#becomeActive(callIds)
      return
    }
    rooms.setAttributes(this.participant, { ...callIds, 'sip.callStatus': 'automation' })
    this.call.dtmf = this.#terms.dtmf
    this.#after(this.#terms.dtmf.length * toneMs, () => {
      this.#outcome.resolve()
      this.#becomeActive({})
    })
  }

  #becomeActive(attributes: Record<string, string>) {
    const waitMs = this.#decidesAlone || this.#meetsPerson ? (this.conversation?.talkMs ?? patienceMs) : patienceMs
    this.#cancelCalleeTimer = this.#after(waitMs, () => this.hangUp(this.#otherEnd))
    this.#simulation.rooms.setAttributes(this.participant, { ...attributes, 'sip.callStatus': 'active' })
  }

  get #meetsPerson(): boolean {
    const { room } = this.participant
    return [...room.participants.values()].some((each) => each.kind === ParticipantInfo_Kind.STANDARD)
  }

  get #otherEnd(): HungUpBy {
    return this.call.direction === 'inbound' ? 'caller' : 'callee'
  }

  // a callee who hangs up without an outcome does so whether or not an agent talks
  get #decidesAlone(): boolean {
    return this.conversation?.endedBy === 'callee' && this.conversation.outcome === undefined
  }

  #refuse(refusal: Refusal) {
    this.#respondFirst()
    this.#end({ ending: 'refused', hungUpBy: 'carrier', sipStatus: refusal.sipStatus, sipReason: refusal.reason })
    this.#outcome.reject(refusalError(refusal))
    this.#simulation.rooms.leave(this.participant, refusalReason(refusal))
  }

  #failAuthentication(sipStatus: 401 | 407) {
    const sipReason = sipStatus === 401 ? 'Unauthorized' : 'Proxy Authentication Required'
    this.#end({ ending: 'refused', hungUpBy: 'carrier', sipStatus, sipReason })
    const message = this.#terms.hasPassword
      ? 'max auth retry attempts reached for SIP invite'
      : 'sip server required auth, but no username or password was provided'
    this.#outcome.reject(new TwirpError('failed_precondition', fromNode(message)))
    this.#simulation.rooms.leave(this.participant, DisconnectReason.USER_REJECTED)
  }

  #giveUp(message: string, by: 'ringing_timeout' | 'carrier') {
    const sipStatus = by === 'carrier' ? undefined : 487
    this.#end({ ending: 'canceled', hungUpBy: by, sipStatus, sipReason: message })
    this.#outcome.reject(new TwirpError('canceled', fromNode(message)))
    this.#simulation.rooms.leave(this.participant, DisconnectReason.USER_UNAVAILABLE)
  }

  // Twilio names its call in the first response that is not 100 Trying
  #respondFirst() {
    const { twilioCallSid } = this.call
    if (!twilioCallSid || this.participant.attributes['sip.twilio.callSid']) return
    this.#simulation.rooms.setAttributes(this.participant, {
      'sip.twilio.callSid': twilioCallSid,
      'sip.twilio.accountSid': twilioAccountSid,
    })
  }

  #end(facts: Pick<LedgerCall, 'ending' | 'hungUpBy' | 'sipStatus' | 'sipReason'>) {
    this.#cancelTimers()
    this.#simulation.ledger.end(this.call, facts)
    this.#simulation.twilio?.callChanged(this.call, 'completed')
    this.#onEnded()
  }

  #after(delayMs: number, action: () => void): () => void {
    const cancel = this.#simulation.clock.after(delayMs, action)
    this.#timers.push(cancel)
    return cancel
  }

  #cancelTimers() {
    for (const cancel of this.#timers.splice(0)) cancel()
  }
}
