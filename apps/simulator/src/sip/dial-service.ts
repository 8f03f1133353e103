import { CreateSIPParticipantRequest, SIPParticipantInfo } from '@livekit/protocol'
import { seededRandom } from '../random.ts'
import { RoomFull } from '../rooms/rooms.ts'
import type { Simulation } from '../simulation.ts'
import { type Call, method, type Service } from '../twirp.ts'
import { TwirpError } from '../twirp-error.ts'
import { dial, type Order } from './dial.ts'
import type { Leg } from './leg.ts'

const defaultRingingTimeoutMs = 3 * 60_000
const longestWaitMs = 80_000
const defaultMaxCallMs = 24 * 3_600_000

// headers livekit-sip writes itself and refuses to take from the caller
const ownHeaders = ['from', 'to', 'via', 'contact', 'call-id', 'cseq', 'max-forwards', 'content-length', 'route']

/** CreateSIPParticipant: dials, and waits for the answer when asked to. */
export function createDialService(simulation: Simulation): Service {
  return {
    CreateSIPParticipant: method({
      request: CreateSIPParticipantRequest,
      grant: 'sipCall',
      answer: (request, call) => createParticipant(simulation, { request, call }),
    }),
  }
}

async function createParticipant(
  simulation: Simulation,
  { request, call }: { request: CreateSIPParticipantRequest; call: Call },
): Promise<SIPParticipantInfo> {
  const leg = place(simulation, readOrder(simulation, request))
  // a client that goes away stops nothing: the leg rings on
  if (request.waitUntilAnswered && !call.answerEarly) await leg.answered
  return new SIPParticipantInfo({
    participantId: leg.participant.sid,
    participantIdentity: leg.participant.identity,
    roomName: leg.call.roomName,
    sipCallId: leg.call.sipCallId,
  })
}

function place(simulation: Simulation, order: Order): Leg {
  try {
    return dial(simulation, order)
  } catch (error) {
    if (error instanceof RoomFull) throw new TwirpError('internal', `update room failed: ${error.message}`)
    throw error
  }
}

function readOrder(simulation: Simulation, request: CreateSIPParticipantRequest): Order {
  if (!request.roomName) throw invalid('missing room name')
  if (!request.sipCallTo) throw invalid('missing sip callee number')
  if (request.sipCallTo.includes('@')) throw invalid('call_to must be a phone number or user, not a full SIP URI')
  if ((request.displayName ?? '').length > 128) throw invalid('display_name is longer than 128 characters')
  checkHeaders(request.headers)
  const trunk = findTrunk(simulation, request)
  const from = request.sipNumber || pickNumber(trunk.numbers, request.roomName)
  if (!from) throw new TwirpError('failed_precondition', 'no numbers on outbound trunk')
  const { waitUntilAnswered } = request
  const ringingTimeoutMs = toMs(request.ringingTimeout) || defaultRingingTimeoutMs
  return {
    roomName: request.roomName,
    identity: request.participantIdentity || `sip_${request.sipCallTo}`,
    name: request.participantName,
    metadata: request.participantMetadata,
    attributes: request.participantAttributes,
    to: withPlus(request.sipCallTo, trunk.address),
    from,
    trunk,
    headers: { ...trunk.headers, ...request.headers },
    displayName: request.displayName,
    hidePhoneNumber: request.hidePhoneNumber,
    ringingTimeoutMs: waitUntilAnswered ? Math.min(ringingTimeoutMs, longestWaitMs) : ringingTimeoutMs,
    maxCallMs: toMs(request.maxCallDuration) || defaultMaxCallMs,
    dtmf: request.dtmf,
  }
}

// livekit-sip picks at random; here the room decides, so that a run can be repeated
function pickNumber(numbers: string[], roomName: string): string | undefined {
  return numbers[Math.floor(seededRandom('from', roomName)() * numbers.length)]
}

function findTrunk({ sip }: Simulation, request: CreateSIPParticipantRequest): Order['trunk'] {
  if (request.sipTrunkId) {
    const trunk = sip.outbound.get(request.sipTrunkId)
    if (!trunk) throw new TwirpError('not_found', 'requested sip trunk does not exist')
    return { id: trunk.sipTrunkId, address: trunk.address, numbers: trunk.numbers, headers: trunk.headers }
  }
  if (!request.trunk?.hostname) throw invalid('missing sip trunk id')
  if (!request.sipNumber) throw new TwirpError('failed_precondition', 'no numbers on outbound trunk')
  return { id: '', address: request.trunk.hostname, numbers: [], headers: {} }
}

function checkHeaders(headers: Record<string, string>) {
  const refused = Object.keys(headers).find((name) => ownHeaders.includes(name.toLowerCase()))
  if (refused) throw invalid(`header ${refused} cannot be set`)
}

// livekit-sip writes numbers for Twilio in E.164 form
function withPlus(number: string, address: string): string {
  return /twilio\.com(:\d+)?$/.test(address) && /^\d+$/.test(number) ? `+${number}` : number
}

function toMs(duration: { seconds: bigint; nanos: number } | undefined): number {
  return duration ? Number(duration.seconds) * 1000 + duration.nanos / 1e6 : 0
}

function invalid(message: string): TwirpError {
  return new TwirpError('invalid_argument', message)
}
