import {
  type AgentDispatch,
  AgentDispatchClient,
  RoomAgentDispatch,
  RoomServiceClient,
  SipClient,
} from 'livekit-server-sdk'
import { isNobodyThere, unlessMissing } from './api-answer.ts'
import { Asker } from './ask-livekit.ts'
import { classifyDialError, type DialFailure, type DialUnclear } from './dial-failure.ts'
import { InboundLines } from './inbound-lines.ts'
import { type JoinRequest, joinToken } from './join-token.ts'
import { LiveKitError } from './livekit-error.ts'
import {
  newTrunk,
  type OutboundTrunk,
  type OutboundTrunkSettings,
  toOutboundTrunk,
  withSettings,
} from './outbound-trunk.ts'
import { reuseTokens } from './reuse-tokens.ts'
import { describeRoom, type RoomLookUp } from './room-look-up.ts'

export type LiveKitConnection = {
  /** ws://, wss://, http:// or https://; a path is ignored. */
  url: string
  apiKey: string
  apiSecret: string
  /** How long `clockMs` of the domain's clock take in real time; needed only where the clock does not run at speed 1. */
  toRealMs?: (clockMs: number) => number
}

export type RoomRequest = {
  roomName: string
  metadata: string
  /** The agent LiveKit sends into the room; null leaves the room to workers without a name. */
  agent: { name: string; metadata: string } | null
  /** How long the room stays while nobody has joined yet. */
  emptyTimeoutMs: number
  /** How long the room stays after the telephone leg has left. */
  departureTimeoutMs: number
  /** Agents do not count. */
  maxParticipants: number
}

export type DialRequest = {
  roomName: string
  livekitTrunkId: string
  /** E.164, or a SIP user of the trunk's domain. */
  to: string
  /** One of the trunk's numbers; without it LiveKit takes a random one of them. */
  from?: string
  /** Must be new for every request: LiveKit replaces a participant of the same identity and dials again. */
  identity: string
  participantName?: string
  participantMetadata?: string
  attributes?: Record<string, string>
  headers?: Record<string, string>
  /** The caller's name shown to the callee, at most 128 bytes; '' sends none. Default: the number. */
  displayName?: string
  /** Whole seconds are dialed, rounded up; LiveKit cuts it at 80 s. */
  ringTimeoutMs: number
  maxCallMs?: number
  /** Sent once the callee has answered: 0 to 9, `*`, `#`, A to D, and `w` for half a second of waiting. */
  dtmf?: string
  waitUntilAnswered: boolean
  /** Asked only when the dial failed: a call that was hung up meanwhile ends as canceled, not as unanswered. */
  wasHangUpRequested?: () => boolean | Promise<boolean>
}

export type DialAnswer =
  | { kind: 'answered' | 'ringing'; sipCallId: string; participantId: string }
  | { kind: 'failed'; failure: DialFailure }
  | DialUnclear

/**
 * A LiveKit project. Every method but `dial` throws `LiveKitError` with a message for an operator. The SDK's failover
 * is off throughout: it repeats whatever got no answer, and a repeated dial is a second call (docs/decisions/0010).
 */
export class LiveKit {
  /** What lets calls in: inbound trunks and dispatch rules. */
  readonly inbound: InboundLines
  /** Where browsers connect to: ws:// or wss://. */
  readonly browserUrl: string
  readonly #keys: { apiKey: string; apiSecret: string }
  readonly #asker: Asker
  readonly #toRealMs: (clockMs: number) => number
  readonly #rooms: RoomServiceClient
  readonly #sip: SipClient
  readonly #agents: AgentDispatchClient

  constructor({ url, apiKey, apiSecret, toRealMs = (clockMs) => clockMs }: LiveKitConnection) {
    const origin = httpOrigin(url)
    // The SDK would fall back to its own environment variables and dial from another project.
    if (!apiKey) throw new LiveKitError('wrong_credentials', 'The LiveKit API key is empty. Set LIVEKIT_API_KEY.')
    if (!apiSecret) throw new LiveKitError('wrong_credentials', 'The LiveKit secret is empty. Set LIVEKIT_API_SECRET.')
    const options = { requestTimeout: requestTimeoutMs / 1000, failover: false }
    this.browserUrl = origin.replace(/^http/, 'ws')
    this.#keys = { apiKey, apiSecret }
    this.#asker = new Asker(new URL(origin).host)
    this.#toRealMs = toRealMs
    this.#rooms = reuseTokens(new RoomServiceClient(origin, apiKey, apiSecret, options))
    this.#sip = reuseTokens(new SipClient(origin, apiKey, apiSecret, options))
    this.#agents = new AgentDispatchClient(origin, apiKey, apiSecret, options)
    this.inbound = new InboundLines(this.#sip, this.#asker)
  }

  /**
   * Creates the room of a call and sends for its agent. Asked once more if no answer comes: LiveKit leaves a room
   * that is there as it is, and sends for no second agent.
   */
  async createRoom(room: RoomRequest): Promise<void> {
    await this.#askTwice('creating the room', () =>
      this.#rooms.createRoom({
        name: room.roomName,
        metadata: room.metadata,
        emptyTimeout: wholeSeconds(room.emptyTimeoutMs),
        departureTimeout: wholeSeconds(room.departureTimeoutMs),
        maxParticipants: room.maxParticipants,
        agents: room.agent
          ? [new RoomAgentDispatch({ agentName: room.agent.name, metadata: room.agent.metadata })]
          : [],
      }),
    )
  }

  /**
   * Dials one number into a room, exactly once. Never throws: what is not certain is `unclear`. With
   * `waitUntilAnswered` it lasts until the answer or the ring timeout, otherwise until the INVITE is on its way.
   */
  async dial(request: DialRequest): Promise<DialAnswer> {
    const patienceMs = request.waitUntilAnswered ? this.#toRealMs(request.ringTimeoutMs) + dialGraceMs : dialGraceMs
    try {
      const leg = await within(patienceMs, this.#createSipParticipant(request, patienceMs))
      const kind = request.waitUntilAnswered ? 'answered' : 'ringing'
      return { kind, sipCallId: leg.sipCallId, participantId: leg.participantId }
    } catch (error) {
      const verdict = classifyDialError(error, { hangUpRequested: mayBeHungUp(error) && (await wasHungUp(request)) })
      return 'kind' in verdict ? verdict : { kind: 'failed', failure: verdict }
    }
  }

  /** What LiveKit knows of the room at this moment. */
  async lookUp(roomName: string): Promise<RoomLookUp> {
    const [rooms, participants] = await this.#askTwice('looking up the room', () =>
      Promise.all([
        this.#rooms.listRooms([roomName]),
        unlessMissing(this.#rooms.listParticipants(roomName)).then((found) => found ?? []),
      ]),
    )
    return describeRoom(rooms.length > 0, participants)
  }

  /** Ends the call by deleting its room, ringing or not. A room that is not there is fine. */
  async hangUp(roomName: string): Promise<void> {
    await this.#askTwice('hanging up', () => unlessMissing(this.#rooms.deleteRoom(roomName)))
  }

  /**
   * Hands the callee over to `to` (`tel:` or `sip:`) by SIP REFER; the leg then leaves the room. Lasts until the carrier
   * agrees or refuses, up to half a minute of real time.
   */
  async transfer(request: {
    roomName: string
    identity: string
    to: string
    headers?: Record<string, string>
  }): Promise<void> {
    const { roomName, identity, to, headers } = request
    await this.#ask('transferring the call', () =>
      this.#sip.transferSipParticipant(roomName, identity, to, headers ? { headers } : {}),
    )
  }

  /** Sends for an agent by name. Repeating it brings a second agent, so it is asked once. */
  async dispatchAgent(roomName: string, name: string, metadata: string): Promise<{ dispatchId: string }> {
    const dispatch = await this.#ask('sending for the agent', () =>
      this.#agents.createDispatch(roomName, name, { metadata }),
    )
    return { dispatchId: dispatch.id }
  }

  /** The agents that were sent for, as they were asked for with the room or afterwards. */
  async listDispatches(roomName: string): Promise<{ dispatchId: string; agentName: string; metadata: string }[]> {
    const found = await this.#askTwice('listing the agents of the room', () => this.#dispatchesOf(roomName))
    return found.map(({ id, agentName, metadata }) => ({ dispatchId: id, agentName, metadata }))
  }

  async createOutboundTrunk(settings: OutboundTrunkSettings): Promise<OutboundTrunk> {
    const wanted = newTrunk(settings)
    const { name, address, numbers } = wanted
    const created = await this.#ask('creating the trunk', () =>
      this.#sip.createSipOutboundTrunk(name, address, numbers, wanted),
    )
    // The SDK's create leaves these two out; a trunk without them would dial, but not as asked.
    if (!settings.fromHost && !settings.attributesToHeaders) return toOutboundTrunk(created)
    try {
      const complete = withSettings(created, settings)
      return await this.#replaceTrunk(complete)
    } catch (error) {
      await this.deleteTrunk(created.sipTrunkId).catch(() => undefined)
      throw error
    }
  }

  /** Changes what is named and keeps the rest, the password included. */
  async updateOutboundTrunk(livekitTrunkId: string, changes: Partial<OutboundTrunkSettings>): Promise<OutboundTrunk> {
    const trunks = await this.#askTwice('reading the trunk', () => this.#sip.listSipOutboundTrunk())
    const before = trunks.find((trunk) => trunk.sipTrunkId === livekitTrunkId)
    if (!before) throw this.#asker.notFound('outbound trunk', livekitTrunkId)
    return this.#replaceTrunk(withSettings(before, changes))
  }

  /** Never tells passwords, though LiveKit does. */
  async listOutboundTrunks(): Promise<OutboundTrunk[]> {
    const trunks = await this.#askTwice('listing the trunks', () => this.#sip.listSipOutboundTrunk())
    return trunks.map(toOutboundTrunk)
  }

  /** A trunk that is not there is fine. */
  async deleteTrunk(livekitTrunkId: string): Promise<void> {
    await this.#askTwice('deleting the trunk', () => unlessMissing(this.#sip.deleteSipTrunk(livekitTrunkId)))
  }

  /** A token with which a person joins a room from the browser. */
  joinToken(request: JoinRequest): Promise<string> {
    return joinToken(this.#keys, request)
  }

  /** Resolves if LiveKit answers and accepts the key; otherwise the error says which of the two is wrong. */
  async ping(): Promise<void> {
    await this.#askTwice('checking the connection', () => this.#rooms.listRooms(['outdial-ping']))
  }

  /** The open-source server says "no response from servers" for a room that is gone, and for one that is too busy. */
  async #dispatchesOf(roomName: string): Promise<AgentDispatch[]> {
    try {
      return (await unlessMissing(this.#agents.listDispatch(roomName))) ?? []
    } catch (error) {
      const isGone = isNobodyThere(error) && (await this.#rooms.listRooms([roomName])).length === 0
      if (isGone) return []
      throw error
    }
  }

  #createSipParticipant(request: DialRequest, patienceMs: number) {
    return this.#sip.createSipParticipant(request.livekitTrunkId, request.to, request.roomName, {
      fromNumber: request.from,
      participantIdentity: request.identity,
      participantName: request.participantName,
      participantMetadata: request.participantMetadata,
      participantAttributes: request.attributes,
      headers: request.headers,
      // LiveKit puts it between quotes as it is.
      displayName: request.displayName?.replace(/["\\]/g, '\\$&'),
      dtmf: request.dtmf,
      ringingTimeout: wholeSeconds(request.ringTimeoutMs),
      maxCallDuration: request.maxCallMs === undefined ? undefined : wholeSeconds(request.maxCallMs),
      waitUntilAnswered: request.waitUntilAnswered,
      timeout: wholeSeconds(patienceMs),
    })
  }

  async #replaceTrunk(trunk: ReturnType<typeof newTrunk>): Promise<OutboundTrunk> {
    const stored = await this.#askTwice('changing the trunk', () =>
      this.#sip.updateSipOutboundTrunk(trunk.sipTrunkId, trunk),
    )
    return toOutboundTrunk(stored)
  }

  #ask<T>(doing: string, request: () => Promise<T>): Promise<T> {
    return this.#asker.once(doing, request)
  }

  #askTwice<T>(doing: string, request: () => Promise<T>): Promise<T> {
    return this.#asker.twice(doing, request)
  }
}

/** Real time; nothing but dialing takes LiveKit longer. */
const requestTimeoutMs = 5_000
/** Real time for LiveKit to join the room and to pass the answer on, beyond the ringing. */
const dialGraceMs = 10_000

export function httpOrigin(url: string): string {
  const parsed = URL.parse(url)
  const protocol = { 'ws:': 'http:', 'wss:': 'https:', 'http:': 'http:', 'https:': 'https:' }[parsed?.protocol ?? '']
  if (!parsed || !protocol || !parsed.host) {
    const example = 'wss://my-project.livekit.cloud or http://127.0.0.1:7880'
    throw new LiveKitError('unreachable', `The LiveKit URL is not one. Set LIVEKIT_URL to something like ${example}.`)
  }
  return `${protocol}//${parsed.host}`
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000)
}

/** The SDK waits at least as long as the ringing, in real time, also where the domain's clock runs faster. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DOMException('no answer in time', 'TimeoutError')), ms)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Only these endings look the same whether somebody here hung up or nobody answered: the others need no asking. */
function mayBeHungUp(error: unknown): boolean {
  const verdict = classifyDialError(error, { hangUpRequested: false })
  const other = classifyDialError(error, { hangUpRequested: true })
  return 'disposition' in verdict && 'disposition' in other && verdict.disposition !== other.disposition
}

async function wasHungUp({ wasHangUpRequested }: DialRequest): Promise<boolean> {
  try {
    return (await wasHangUpRequested?.()) ?? false
  } catch {
    return false
  }
}
