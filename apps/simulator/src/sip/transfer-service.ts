import { Empty } from '@bufbuild/protobuf'
import { TransferSIPParticipantRequest } from '@livekit/protocol'
import type { Simulation } from '../simulation.ts'
import { method, type Service } from '../twirp.ts'
import { fromNode, TwirpError } from '../twirp-error.ts'
import type { Leg } from './leg.ts'
import { transferError } from './sip-errors.ts'

const acceptMs = 1000
const byeMs = 1000

/** TransferSIPParticipant: a REFER, which the network accepts unless the target number is one that refuses. */
export function createTransferService(simulation: Simulation): Service {
  const targets = new WeakMap<Leg, string>()
  return {
    TransferSIPParticipant: method({
      request: TransferSIPParticipantRequest,
      grant: 'sipTransfer',
      roomOf: ({ roomName }) => roomName,
      answer: async (request) => {
        const leg = await findLeg(simulation, request)
        const other = targets.get(leg)
        if (other !== undefined && other !== request.transferTo) {
          throw new TwirpError('invalid_argument', 'the participant is being transferred to somebody else')
        }
        targets.set(leg, request.transferTo)
        const isFirst = other === undefined
        if (isFirst) leg.call.transfer = { to: request.transferTo, headers: request.headers }
        await refer(simulation, { leg, isFirst, transferTo: request.transferTo }).catch((error) => {
          targets.delete(leg)
          throw error
        })
        return new Empty()
      },
    }),
  }
}

async function findLeg({ rooms }: Simulation, request: TransferSIPParticipantRequest): Promise<Leg> {
  if (!/^(tel|sips?):./.test(request.transferTo)) {
    throw new TwirpError('invalid_argument', 'transfer_to must be a valid SIP(s) or TEL URI (sip:, sips: or tel:)')
  }
  const leg = rooms.find(request.roomName)?.participants.get(request.participantIdentity)?.leg
  if (!leg) throw new TwirpError('not_found', fromNode('participant does not exist'))
  // livekit-sip is busy with the dialing until it has an end
  await leg.answered.catch(() => {})
  if (leg.isActive) return leg
  throw new TwirpError('failed_precondition', fromNode("can't transfer non established call"))
}

async function refer(
  { clock, network }: Simulation,
  { leg, isFirst, transferTo }: { leg: Leg; isFirst: boolean; transferTo: string },
): Promise<void> {
  const refusal = isFirst ? network.refusalOf(transferTo) : undefined
  await new Promise<void>((resolve) => clock.after(acceptMs, resolve))
  if (refusal) {
    if (leg.call.transfer) leg.call.transfer.sipStatus = refusal.sipStatus
    throw transferError(refusal)
  }
  if (isFirst) clock.after(byeMs, () => leg.hangUp('transfer'))
}
