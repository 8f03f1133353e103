import { ParticipantInfo_Kind } from '@livekit/protocol'
import { newId, newTwilioSid } from '../ids.ts'
import type { LedgerCall } from '../network/ledger.ts'
import type { PlannedCall } from '../network/telephone-network.ts'
import type { Participant } from '../rooms/room.ts'
import type { Simulation } from '../simulation.ts'
import { Leg } from './leg.ts'

export type Order = {
  roomName: string
  identity: string
  name: string
  metadata: string
  attributes: Record<string, string>
  to: string
  from: string
  trunk: { id: string; address: string; numbers: string[]; headers: Record<string, string>; hasPassword: boolean }
  headers: Record<string, string>
  displayName?: string
  hidePhoneNumber: boolean
  ringingTimeoutMs: number
  maxCallMs: number
  dtmf: string
}

/**
 * Joins the room (creating it if it is missing) and sends the INVITE, in this order, as livekit-sip does.
 * @throws RoomFull when the room lets nobody else in; then there is no INVITE.
 */
export function dial(simulation: Simulation, order: Order): Leg {
  const { rooms } = simulation
  const sipCallId = newId('SCL_')
  const { room } = rooms.findOrCreate({ name: order.roomName })
  const participant = rooms.join(room, {
    identity: order.identity,
    name: order.name,
    metadata: order.metadata,
    kind: ParticipantInfo_Kind.SIP,
    attributes: { ...order.attributes, ...sipAttributes(order, sipCallId) },
    onRemoved: (_reason, by) => participant.leg?.removed(by),
  })
  const leg = createLeg(simulation, { order, sipCallId, participant })
  participant.leg = leg
  const { address } = order.trunk
  if (isUnknown(address)) leg.failLookup(address)
  else leg.invite()
  return leg
}

function createLeg(
  simulation: Simulation,
  { order, sipCallId, participant }: { order: Order; sipCallId: string; participant: Participant },
): Leg {
  const { ledger, limits } = simulation
  const limitKey = order.trunk.id || order.trunk.address
  const { plan, isAdmitted } = planCall(simulation, { limitKey, to: order.to })
  const call: LedgerCall = {
    sipCallId,
    roomName: order.roomName,
    participantIdentity: order.identity,
    to: order.to,
    from: order.from,
    displayName: order.displayName,
    trunkId: order.trunk.id,
    trunkAddress: order.trunk.address,
    headers: order.headers,
    attempt: plan.attempt,
    behaviour: plan.behaviour,
    invited: ledger.moment(),
    twilioCallSid: isTwilio(order.trunk.address) ? newTwilioSid('CA') : undefined,
  }
  const { ringingTimeoutMs, maxCallMs, dtmf } = order
  const onEnded = () => {
    if (isAdmitted) limits.release(limitKey)
  }
  return new Leg(simulation, {
    call,
    plan,
    participant,
    terms: { ringingTimeoutMs, maxCallMs, dtmf, hasPassword: order.trunk.hasPassword },
    onEnded,
  })
}

// what the carrier refuses never reaches the callee, so it is no attempt at its number
function planCall(
  { network, limits, clock }: Simulation,
  { limitKey, to }: { limitKey: string; to: string },
): { plan: PlannedCall; isAdmitted: boolean } {
  const refusal = limits.admit(limitKey, clock.now())
  if (!refusal) return { plan: network.plan(to), isAdmitted: true }
  const ending = { kind: 'refuse' as const, afterMs: 300, refusal }
  return { plan: { behaviour: 'trunk_limit', attempt: 0, ringAfterMs: null, ending }, isAdmitted: false }
}

function sipAttributes(order: Order, sipCallId: string): Record<string, string> {
  const attributes = { 'sip.callID': sipCallId, 'sip.trunkID': order.trunk.id, 'sip.callStatus': 'dialing' }
  if (order.hidePhoneNumber) return attributes
  return {
    ...attributes,
    'sip.phoneNumber': order.to,
    'sip.hostname': order.trunk.address,
    'sip.trunkPhoneNumber': order.from,
  }
}

// no name below this one ever exists (RFC 2606)
function isUnknown(address: string): boolean {
  return /\.invalid(:\d+)?$/.test(address)
}

function isTwilio(address: string): boolean {
  return /\.pstn\.twilio\.com(:\d+)?$/.test(address)
}
