import { CreateSIPParticipantRequest, SIPParticipantInfo } from '@livekit/protocol'
import type { SimulatedClock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { RoomFull } from '../rooms/rooms.ts'
import type { Simulation } from '../simulation.ts'
import { type Call, method, type Service } from '../twirp.ts'
import { fromNode, TwirpError } from '../twirp-error.ts'
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
  const order = readOrder(simulation, request)
  const leg = place(simulation, order)
  // a client that goes away stops nothing: the leg rings on
  if (request.waitUntilAnswered && !call.answerEarly) {
    await answerOf(leg, { clock: simulation.clock, ringingTimeoutMs: order.ringingTimeoutMs })
  }
  return new SIPParticipantInfo({
    participantId: leg.participant.sid,
    participantIdentity: leg.participant.identity,
    roomName: leg.call.roomName,
    sipCallId: leg.call.sipCallId,
  })
}

/** livekit-server waits no longer than it lets ring, and is then a moment ahead of the CANCEL. */
async function answerOf(leg: Leg, { clock, ringingTimeoutMs }: { clock: SimulatedClock; ringingTimeoutMs: number }) {
  if (ringingTimeoutMs < longestWaitMs) return leg.answered
  const late = Promise.withResolvers<never>()
  const cancel = clock.after(longestWaitMs - 1, () => {
    late.reject(new TwirpError('deadline_exceeded', fromNode('request timed out')))
  })
  try {
    await Promise.race([leg.answered, late.promise])
  } finally {
    cancel()
  }
}

function place(simulation: Simulation, order: Order): Leg {
  try {
    return dial(simulation, order)
  } catch (error) {
    if (error instanceof RoomFull) {
      throw new TwirpError('internal', fromNode('update room failed: could not establish signal connection'))
    }
    throw error
  }
}

function readOrder(simulation: Simulation, request: CreateSIPParticipantRequest): Order {
  if (!request.roomName) throw invalid('missing room name')
  if (!request.sipCallTo) throw invalid('missing sip callee number')
  if (request.sipCallTo.includes('@'))
    throw invalid('SipCallTo should be a phone number or SIP user, not a full SIP URI')
  if ((request.displayName ?? '').length > 128) throw invalid('DisplayName too long (max 128 characters)')
  checkHeaders(request.headers)
  const trunk = findTrunk(simulation, request)
  const from = request.sipNumber || pickNumber(trunk.numbers, request.roomName)
  if (!from) throw new TwirpError('failed_precondition', fromNode('no numbers on outbound trunk'))
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
    const { sipTrunkId: id, address, numbers, headers, authUsername, authPassword } = trunk
    return { id, address, numbers, headers, hasPassword: authUsername !== '' && authPassword !== '' }
  }
  if (!request.trunk?.hostname) throw invalid('missing sip trunk id and sip number')
  const { hostname: address, authUsername, authPassword } = request.trunk
  return { id: '', address, numbers: [], headers: {}, hasPassword: authUsername !== '' && authPassword !== '' }
}

function checkHeaders(headers: Record<string, string>) {
  const refused = Object.keys(headers).find((name) => ownHeaders.includes(name.toLowerCase()))
  if (refused) throw invalid(`invalid header name: header name ${refused} not supported`)
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
