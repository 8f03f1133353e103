import {
  type RoomConfiguration,
  SIPDispatchRule,
  SIPDispatchRuleIndividual,
  type SIPDispatchRuleInfo,
  type SIPInboundTrunkInfo,
  type SipClient,
} from 'livekit-server-sdk'
import { unlessMissing } from './api-answer.ts'
import type { Asker } from './ask-livekit.ts'
import { inboundRoomPrefix } from './inbound-room.ts'

/** An inbound trunk as it is handed to LiveKit: which calls it lets in. */
export type InboundTrunkSettings = {
  name: string
  /** The called numbers, in E.164 form. LiveKit refuses a number that another inbound trunk of the project has. */
  numbers: string[]
  /** IP addresses or networks that calls may come from; none = from everywhere. */
  allowedAddresses?: string[]
  /** Digest authentication that the carrier has to pass; Twilio's and Exotel's trunks send none. */
  authUsername?: string
  authPassword?: string
  metadata?: string
}

/** An inbound trunk as LiveKit tells it, without the password. */
export type InboundTrunk = Required<Omit<InboundTrunkSettings, 'authPassword'>> & {
  /** LiveKit's id, `ST_…`. */
  livekitTrunkId: string
  hasPassword: boolean
}

export type DispatchRuleSettings = {
  name: string
  /** The inbound trunks it is for. A rule without any would take the calls of the whole project. */
  livekitTrunkIds: string[]
  /** Every call gets a room of its own: prefix, caller and something random. Default: the prefix of inbound calls. */
  roomPrefix?: string
  /** Given to each caller's participant. */
  attributes?: Record<string, string>
  /** Agents that LiveKit sends by itself; Outdial's own rules leave that to Outdial, which tells them what the call is about. */
  roomConfig?: RoomConfiguration
  metadata?: string
}

/** A rule that says which room a call comes into. */
export type DispatchRule = {
  /** LiveKit's id, `SDR_…`. */
  livekitRuleId: string
  name: string
  livekitTrunkIds: string[]
  /** Null for a rule that puts calls into rooms in another way. */
  roomPrefix: string | null
  attributes: Record<string, string>
  metadata: string
}

/** What lets calls into a LiveKit project. Every method throws `LiveKitError` with a message for an operator. */
export class InboundLines {
  readonly #sip: SipClient
  readonly #asker: Asker

  constructor(sip: SipClient, asker: Asker) {
    this.#sip = sip
    this.#asker = asker
  }

  async createTrunk(settings: InboundTrunkSettings): Promise<InboundTrunk> {
    const { name, numbers, ...options } = settings
    const made = await this.#asker.once('creating the inbound trunk', () =>
      this.#sip.createSipInboundTrunk(name, numbers, options),
    )
    return toInboundTrunk(made)
  }

  /** Never tells passwords, though LiveKit does. */
  async listTrunks(): Promise<InboundTrunk[]> {
    const trunks = await this.#asker.twice('listing the inbound trunks', () => this.#sip.listSipInboundTrunk())
    return trunks.map(toInboundTrunk)
  }

  /** Changes what is named and keeps the rest, the password included. */
  async updateTrunk(livekitTrunkId: string, changes: Partial<InboundTrunkSettings>): Promise<InboundTrunk> {
    const changed = await this.#asker.twice('changing the inbound trunk', async () => {
      const trunks = await this.#sip.listSipInboundTrunk({ trunkIds: [livekitTrunkId] })
      const before = trunks.find((trunk) => trunk.sipTrunkId === livekitTrunkId)
      if (!before) return null
      const known = Object.entries(changes).filter(([, value]) => value !== undefined)
      return this.#sip.updateSipInboundTrunk(livekitTrunkId, Object.assign(before, Object.fromEntries(known)))
    })
    return changed ? toInboundTrunk(changed) : this.#missing('inbound trunk', livekitTrunkId)
  }

  /** A trunk that is not there is fine. */
  async deleteTrunk(livekitTrunkId: string): Promise<void> {
    await this.#asker.twice('deleting the inbound trunk', () => unlessMissing(this.#sip.deleteSipTrunk(livekitTrunkId)))
  }

  async createRule(settings: DispatchRuleSettings): Promise<DispatchRule> {
    const { roomPrefix = inboundRoomPrefix, livekitTrunkIds: trunkIds, ...options } = settings
    const made = await this.#asker.once('creating the dispatch rule', () =>
      this.#sip.createSipDispatchRule({ type: 'individual', roomPrefix }, { ...options, trunkIds }),
    )
    return toDispatchRule(made)
  }

  async listRules(): Promise<DispatchRule[]> {
    const rules = await this.#asker.twice('listing the dispatch rules', () => this.#sip.listSipDispatchRule())
    return rules.map(toDispatchRule)
  }

  /** Changes what is named and keeps the rest. */
  async updateRule(livekitRuleId: string, changes: Partial<DispatchRuleSettings>): Promise<DispatchRule> {
    const changed = await this.#asker.twice('changing the dispatch rule', async () => {
      const rules = await this.#sip.listSipDispatchRule()
      const before = rules.find((rule) => rule.sipDispatchRuleId === livekitRuleId)
      return before ? this.#sip.updateSipDispatchRule(livekitRuleId, withChanges(before, changes)) : null
    })
    return changed ? toDispatchRule(changed) : this.#missing('dispatch rule', livekitRuleId)
  }

  /** A rule that is not there is fine. */
  async deleteRule(livekitRuleId: string): Promise<void> {
    await this.#asker.twice('deleting the dispatch rule', () =>
      unlessMissing(this.#sip.deleteSipDispatchRule(livekitRuleId)),
    )
  }

  #missing(what: string, id: string): never {
    throw this.#asker.notFound(what, id)
  }
}

function withChanges(before: SIPDispatchRuleInfo, changes: Partial<DispatchRuleSettings>): SIPDispatchRuleInfo {
  const { livekitTrunkIds: trunkIds, roomPrefix, ...plain } = changes
  const rule = before.clone()
  const known = Object.entries({ ...plain, trunkIds }).filter(([, value]) => value !== undefined)
  Object.assign(rule, Object.fromEntries(known))
  if (roomPrefix === undefined) return rule
  const value = new SIPDispatchRuleIndividual({ roomPrefix })
  rule.rule = new SIPDispatchRule({ rule: { case: 'dispatchRuleIndividual', value } })
  return rule
}

function toInboundTrunk(trunk: SIPInboundTrunkInfo): InboundTrunk {
  return {
    livekitTrunkId: trunk.sipTrunkId,
    name: trunk.name,
    numbers: [...trunk.numbers],
    allowedAddresses: [...trunk.allowedAddresses],
    authUsername: trunk.authUsername,
    hasPassword: trunk.authPassword !== '',
    metadata: trunk.metadata,
  }
}

function toDispatchRule(info: SIPDispatchRuleInfo): DispatchRule {
  const rule = info.rule?.rule
  return {
    livekitRuleId: info.sipDispatchRuleId,
    name: info.name,
    livekitTrunkIds: [...info.trunkIds],
    roomPrefix: rule?.case === 'dispatchRuleIndividual' ? rule.value.roomPrefix : null,
    attributes: { ...info.attributes },
    metadata: info.metadata,
  }
}
