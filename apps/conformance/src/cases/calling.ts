import type { Callee, SeenCall, Target } from '../targets/target.ts'
import type { Answer, AskOptions } from '../targets/twirp-api.ts'
import type { ReceivedWebhook } from '../targets/webhook-inbox.ts'
import type { Json } from './case.ts'
import type { Stage } from './stage.ts'

/** A place for one call: a room, a number to call from, and the trunk that reaches the telephone. */
export type Line = { roomName: string; from: string; trunkId: string }

const departureMs = 2_000

/** A room as the dialer makes it, which ends two seconds after its call. */
export async function openLine(stage: Stage, room: { maxParticipants?: number } = {}): Promise<Line> {
  const roomName = stage.newRoom()
  await stage.target.livekit.createRoom({
    ...{ roomName, metadata: '', agent: null, emptyTimeoutMs: 120_000, departureTimeoutMs: departureMs },
    maxParticipants: room.maxParticipants ?? 2,
  })
  return { roomName, from: stage.newFrom(), trunkId: await phoneTrunk(stage) }
}

const trunks = new WeakMap<Target, Promise<string>>()

/** One trunk for all cases of a target. */
export async function phoneTrunk(stage: Stage): Promise<string> {
  const { target } = stage
  const known = trunks.get(target) ?? createPhoneTrunk(target)
  trunks.set(target, known)
  known.catch(() => trunks.delete(target))
  return stage.name(await known, '<trunk>')
}

async function createPhoneTrunk({ livekit, phoneAddress }: Target): Promise<string> {
  const address = phoneAddress
  const trunk = await livekit.createOutboundTrunk({
    name: 'phone',
    address,
    numbers: ['+12125550100'],
    transport: 'udp',
  })
  return trunk.livekitTrunkId
}

type Wish = {
  identity?: string
  ringMs?: number
  /** Default: wait until the callee answers. */
  waits?: boolean
  /** More fields of the request. */
  more?: Record<string, unknown>
}

/** Asks LiveKit on the wire, past the SDK. */
export async function askToDial(
  stage: Stage,
  line: Line,
  {
    callee,
    identity = 'callee',
    ringMs = 20_000,
    waits = true,
    more,
    options = {},
  }: Wish & {
    callee: Callee
    options?: AskOptions
  },
): Promise<Answer> {
  return stage.target.api.ask(
    'SIP/CreateSIPParticipant',
    {
      sipTrunkId: line.trunkId,
      sipCallTo: await numberOf(stage, callee),
      sipNumber: line.from,
      roomName: line.roomName,
      participantIdentity: identity,
      ringingTimeout: `${ringMs / 1000}s`,
      waitUntilAnswered: waits,
      ...more,
    },
    options,
  )
}

/** Dials as the dialer does, and tells what it makes of the answer. */
export async function dialAsTheDialer(
  stage: Stage,
  line: Line,
  { callee, identity = 'callee', ringMs = 20_000, waits = true }: Wish & { callee: Callee },
): Promise<Json> {
  const answer = await stage.target.livekit.dial({
    ...{ roomName: line.roomName, livekitTrunkId: line.trunkId, from: line.from, identity },
    ...{ to: await numberOf(stage, callee), ringTimeoutMs: ringMs, waitUntilAnswered: waits },
  })
  if (answer.kind !== 'failed') return stage.normal(answer)
  const { disposition, reached, burnsAttempt, fault, effect } = answer.failure
  return { kind: 'failed', disposition, reached, burnsAttempt, fault, effect }
}

export async function numberOf(stage: Stage, callee: Callee): Promise<string> {
  return stage.name(await stage.target.numberOf(callee), `<${callee}>`)
}

/** What was answered, without what differs from run to run. */
export function describeAnswer(stage: Stage, { status, contentType, body }: Answer): Json {
  const isTwirpError = typeof body === 'object' && body !== null && 'code' in body
  return stage.normal({ status, ...(!isTwirpError && { contentType }), body })
}

/** What the telephone saw of a call that is over. */
export function describeCall(call: SeenCall): Json {
  const { ending = 'none', sipStatus = null, hungUpBy = null } = call
  const rang = call.ringingMs !== undefined
  return {
    ending,
    hungUpBy,
    rang,
    answered: call.answeredMs !== undefined,
    sipStatus: ending === 'refused' ? sipStatus : null,
  }
}

/** How long it rang, or took until the end where nothing rang. */
export function ringTime(stage: Stage, { call, expectedMs }: { call: SeenCall; expectedMs: number }): string {
  return stage.about(call.endedMs === undefined ? undefined : call.endedMs - call.invitedMs, expectedMs)
}

/**
 * The webhooks of a room as lines, in the order they came. Tracks are told apart and sorted: LiveKit promises no order
 * between a participant and its tracks.
 */
export function storyOf(stage: Stage, roomName: string): { story: string[]; tracks: string[] } {
  const lines = stage
    .webhooks(roomName)
    .filter(isFirstJoin())
    .map((webhook) => {
      const { participant } = webhook.summary
      if (!participant) return webhook.event
      const status = statusOf(webhook)
      const reason = participant.disconnectReason === 'UNKNOWN_REASON' ? '' : ` ${participant.disconnectReason}`
      const signals = webhook.signals.map((signal) => JSON.stringify(stage.normal(withoutTime(signal))))
      const who = participant.identity.replace(/^agent-AJ_\w+$/, 'agent-<AJ>')
      const what = [`${webhook.event} ${stage.text(who)}${status ? ` (${status})` : ''}${reason}`, ...signals].join(
        ' → ',
      )
      return what
    })
  const isTrack = (line: string) => line.startsWith('track_')
  return { story: lines.filter((line) => !isTrack(line)), tracks: lines.filter(isTrack).toSorted() }
}

/** Who is called has joined before the telephone rings, but a quick one rings before that is told. */
function statusOf({ event, summary }: ReceivedWebhook): string | undefined {
  const { 'sip.callStatus': status, 'sip.ruleID': rule } = summary.participant?.sip ?? {}
  return event === 'participant_joined' && status === 'ringing' && !rule ? 'dialing' : status
}

/** Now and then livekit-server tells of one joining twice, as two events with ids of their own. */
function isFirstJoin() {
  const joined = new Set<string>()
  return ({ event, summary }: ReceivedWebhook): boolean => {
    const { sid } = summary.participant ?? {}
    if (event !== 'participant_joined' || sid === undefined) return true
    if (joined.has(sid)) return false
    joined.add(sid)
    return true
  }
}

function withoutTime({ at: _, ...signal }: { at: unknown; [name: string]: unknown }) {
  return signal
}

/** Waits until the room has ended, so that its whole story can be told. */
export async function finished(stage: Stage, roomName: string): Promise<{ story: string[]; tracks: string[] }> {
  await stage.webhook(roomName, 'room_finished')
  return storyOf(stage, roomName)
}

/** How long after one webhook the other came, by LiveKit's clock, which counts whole seconds there. */
export async function timeBetween(
  stage: Stage,
  { roomName, first, last, expectedMs }: { roomName: string; first: string; last: string; expectedMs: number },
): Promise<string> {
  const before = await stage.webhook(roomName, first)
  const after = await stage.webhook(roomName, last)
  return stage.about(after.at.getTime() - before.at.getTime(), expectedMs)
}
