import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { inboundRoomPrefix } from '@outdial/telephony/inbound-room'
import type { LiveKit } from '@outdial/telephony/livekit'
import type { Tell } from './finding.ts'

type Wanted = { trunkId?: string | undefined; fromNumber?: string | undefined }

/** The key is accepted, there is a trunk to call through, and inbound trunks lead somewhere. */
export async function checkLiveKit(livekit: LiveKit, wanted: Wanted, tell: Tell): Promise<void> {
  await livekit.ping()
  tell('good', 'the project answers and accepts the key')
  const trunks = await livekit.listOutboundTrunks()
  if (trunks.length === 0) tell('doubt', 'It has no outbound trunk. Create one: outdial livekit trunk create')
  else tell('good', `outbound trunks: ${trunks.map((each) => `${each.livekitTrunkId} (${each.name})`).join(', ')}`)
  for (const { livekitTrunkId, authUsername, hasPassword, address } of trunks) {
    if (authUsername && !hasPassword)
      tell('doubt', `${livekitTrunkId} has a user and no password: ${address} will refuse.`)
  }
  const trunk = trunks.find((each) => each.livekitTrunkId === wanted.trunkId)
  if (wanted.trunkId && !trunk) {
    tell('wrong', `It has no outbound trunk ${wanted.trunkId}. Correct LIVEKIT_SIP_OUTBOUND_TRUNK_ID.`)
  }
  if (trunk && wanted.fromNumber && !trunk.numbers.includes(wanted.fromNumber)) {
    tell('doubt', `LIVEKIT_SIP_FROM_NUMBER is not among the numbers of ${trunk.livekitTrunkId}.`)
  }
  await checkInbound(livekit, tell)
}

async function checkInbound(livekit: LiveKit, tell: Tell): Promise<void> {
  const [trunks, rules] = await Promise.all([livekit.inbound.listTrunks(), livekit.inbound.listRules()])
  for (const { livekitTrunkId: id, name } of trunks) {
    const fitting = rules.filter((rule) => rule.livekitTrunkIds.length === 0 || rule.livekitTrunkIds.includes(id))
    const [rule] = fitting
    const create = `outdial livekit dispatch-rule create --trunk ${id}`
    if (!rule) tell('wrong', `Calls to the inbound trunk ${id} (${name}) go nowhere. Run: ${create}`)
    else if (fitting.length > 1) tell('doubt', `${id} has several dispatch rules; LiveKit takes any of them.`)
    else if (!rule.roomPrefix?.startsWith(inboundRoomPrefix)) {
      tell(
        'doubt',
        `${rule.livekitRuleId} makes other rooms than ${inboundRoomPrefix}…: Outdial leaves its calls alone.`,
      )
    } else tell('good', `calls to ${id} (${name}) come in by ${rule.livekitRuleId}`)
  }
}

const lookEveryMs = 250

/** Sends for the agent as a call would, into a room without a caller, and takes the room away again. */
export async function checkAgent(
  livekit: LiveKit,
  { agentName, patienceMs }: { agentName: string; patienceMs: number },
  tell: Tell,
): Promise<void> {
  const roomName = `outdial-doctor-${randomUUID()}`
  const metadata = JSON.stringify({ doctor: true })
  const startedMs = performance.now()
  try {
    await livekit.createRoom({
      ...{ roomName, metadata: '', agent: { name: agentName, metadata }, maxParticipants: 1 },
      ...{ emptyTimeoutMs: patienceMs + 10_000, departureTimeoutMs: 1_000 },
    })
    while (performance.now() - startedMs < patienceMs) {
      if ((await livekit.lookUp(roomName)).agentJoined) {
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
        return tell('good', `${agentName} came into the room after ${seconds} s`)
      }
      await pause(lookEveryMs)
    }
    const advice = 'Start a worker that registers under exactly this name, with the credentials of this project.'
    tell('wrong', `${agentName} did not come within ${patienceMs / 1000} s. ${advice}`)
  } finally {
    await livekit.hangUp(roomName)
  }
}
