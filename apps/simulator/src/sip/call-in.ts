import { ParticipantInfo_Kind, type SIPDispatchRuleInfo, type SIPInboundTrunkInfo } from '@livekit/protocol'
import { newId } from '../ids.ts'
import type { Conversation } from '../network/call-plan.ts'
import type { LedgerCall } from '../network/ledger.ts'
import type { Participant, RoomState } from '../rooms/room.ts'
import type { Simulation } from '../simulation.ts'
import { Leg } from './leg.ts'

/** Somebody out there calls one of our numbers. */
export type CallIn = {
  from: string
  to: string
  /** How long the caller lets it ring. */
  patienceMs: number
  conversation: Conversation
}

/** LiveKit refuses the call: no inbound trunk has the number, or no rule says where to put the call. */
export class NotLetIn extends Error {}

// from the first listener in the room to the 200 OK and the media
const acceptMs = 200
const maxCallMs = 24 * 3_600_000

/**
 * Brings a caller into a room, as livekit-sip does: trunk by number, rule by trunk, and then it rings until somebody
 * joins the room who listens.
 * @throws NotLetIn
 */
export function callIn(simulation: Simulation, order: CallIn): Leg {
  const trunk = findTrunk(simulation, order)
  if (!trunk) throw new NotLetIn('Does not match Trunks or Dispatch Rules')
  const rule = findRule(simulation, trunk)
  if (!rule) throw new NotLetIn('Does not match Trunks or Dispatch Rules')
  const { room, isNew } = simulation.rooms.findOrCreate(roomOptions(rule, order))
  if (isNew) for (const agent of rule.roomConfig?.agents ?? []) simulation.dispatches.create(room, agent)
  return ring(simulation, { order, trunk, rule, room })
}

type Entry = { order: CallIn; trunk: SIPInboundTrunkInfo; rule: SIPDispatchRuleInfo; room: RoomState }

function ring(simulation: Simulation, { order, trunk, rule, room }: Entry): Leg {
  const sipCallId = newId('SCL_')
  const ids = { 'sip.callID': sipCallId, 'sip.trunkID': trunk.sipTrunkId, 'sip.ruleID': rule.sipDispatchRuleId }
  const numbers = { 'sip.phoneNumber': order.from, 'sip.trunkPhoneNumber': order.to, 'sip.hostname': 'carrier.test' }
  const answer = () => {
    const leg = participant.leg
    if (leg) simulation.clock.after(acceptMs, () => leg.accept())
  }
  const participant: Participant = simulation.rooms.join(room, {
    identity: `sip_${order.from}`,
    name: `Phone ${order.from}`,
    metadata: rule.metadata,
    kind: ParticipantInfo_Kind.SIP,
    attributes: {
      ...rule.attributes,
      ...ids,
      ...(rule.hidePhoneNumber ? {} : numbers),
      ...{ 'sip.callIDFull': newId(''), 'sip.callTag': newId('') },
      'sip.callStatus': 'ringing',
    },
    onRemoved: (_reason, by) => participant.leg?.removed(by),
    onPeerJoined: answer,
  })
  const call: LedgerCall = {
    ...{ direction: 'inbound', sipCallId, roomName: room.name, participantIdentity: participant.identity },
    ...{ to: order.to, from: order.from, trunkId: trunk.sipTrunkId, trunkAddress: '', headers: {} },
    ...{ attempt: 1, behaviour: 'calls_in', invited: simulation.ledger.moment() },
  }
  const ending = { kind: 'caller' as const, afterMs: order.patienceMs, conversation: order.conversation }
  const plan = { behaviour: 'calls_in' as const, attempt: 1, ringAfterMs: null, ending }
  const terms = { ringingTimeoutMs: maxCallMs, maxCallMs, dtmf: '', hasPassword: false }
  const leg = new Leg(simulation, { call, plan, participant, terms, onEnded: () => {} })
  participant.leg = leg
  leg.invite()
  if (room.participants.size > 1) answer()
  return leg
}

function findTrunk({ sip }: Simulation, { from, to }: CallIn): SIPInboundTrunkInfo | undefined {
  const has = (numbers: string[], number: string) => numbers.some((each) => digits(each) === digits(number))
  const all = [...sip.inbound.values()].filter(
    (trunk) => trunk.allowedNumbers.length === 0 || has(trunk.allowedNumbers, from),
  )
  return all.find((trunk) => has(trunk.numbers, to)) ?? all.find((trunk) => trunk.numbers.length === 0)
}

/** A rule for the trunk before one for all trunks. */
function findRule({ sip }: Simulation, { sipTrunkId }: SIPInboundTrunkInfo): SIPDispatchRuleInfo | undefined {
  const all = [...sip.rules.values()]
  return all.find((rule) => rule.trunkIds.includes(sipTrunkId)) ?? all.find((rule) => rule.trunkIds.length === 0)
}

function roomOptions({ rule, roomConfig }: SIPDispatchRuleInfo, { from, to }: CallIn) {
  const settings = roomConfig && {
    metadata: roomConfig.metadata,
    emptyTimeoutS: roomConfig.emptyTimeout,
    departureTimeoutS: roomConfig.departureTimeout,
    maxParticipants: roomConfig.maxParticipants,
  }
  return { name: roomName(rule?.rule, { from, to }), ...settings }
}

type Rule = NonNullable<SIPDispatchRuleInfo['rule']>['rule']

function roomName(rule: Rule | undefined, { from, to }: Pick<CallIn, 'from' | 'to'>): string {
  const prefixed = (prefix: string, number: string) => (prefix ? `${prefix}_${number}` : number)
  switch (rule?.case) {
    case 'dispatchRuleDirect':
      return rule.value.roomName
    case 'dispatchRuleCallee':
      return prefixed(rule.value.roomPrefix, to) + (rule.value.randomize ? `_${newId('')}` : '')
    default:
      return `${prefixed(rule?.value?.roomPrefix ?? '', from)}_${newId('')}`
  }
}

function digits(number: string): string {
  return number.replaceAll(/\D/g, '')
}
