import {
  CreateSIPInboundTrunkRequest,
  CreateSIPOutboundTrunkRequest,
  DeleteSIPTrunkRequest,
  ListSIPInboundTrunkRequest,
  ListSIPInboundTrunkResponse,
  ListSIPOutboundTrunkRequest,
  ListSIPOutboundTrunkResponse,
  ListSIPTrunkRequest,
  ListSIPTrunkResponse,
  type SIPInboundTrunkInfo,
  type SIPInboundTrunkUpdate,
  type SIPOutboundTrunkInfo,
  type SIPOutboundTrunkUpdate,
  SIPTrunkInfo,
  UpdateSIPInboundTrunkRequest,
  UpdateSIPOutboundTrunkRequest,
} from '@livekit/protocol'
import { newId } from '../ids.ts'
import { method, type Service } from '../twirp.ts'
import { TwirpError } from '../twirp-error.ts'
import { updateFields, updateList } from './list-update.ts'
import type { SipStore } from './trunks.ts'

/** Trunks of the SIP service; every method needs the grant `sip.admin`. */
export function createTrunkService(sip: SipStore): Service {
  return { ...outboundMethods(sip), ...inboundMethods(sip), ...sharedMethods(sip) }
}

function outboundMethods({ outbound }: SipStore): Service {
  return {
    CreateSIPOutboundTrunk: method({
      request: CreateSIPOutboundTrunkRequest,
      grant: 'sipAdmin',
      answer: ({ trunk }) => store(outbound, checkNew(checkOutbound(trunk)), newId('ST_')),
    }),
    UpdateSIPOutboundTrunk: method({
      request: UpdateSIPOutboundTrunkRequest,
      grant: 'sipAdmin',
      answer: ({ sipTrunkId, action }) => {
        const old = find(outbound, sipTrunkId)
        const trunk = action.case === 'update' ? changeOutbound(old.clone(), action.value) : action.value
        return store(outbound, checkOutbound(trunk), sipTrunkId)
      },
    }),
    ListSIPOutboundTrunk: method({
      request: ListSIPOutboundTrunkRequest,
      grant: 'sipAdmin',
      answer: (filter) => new ListSIPOutboundTrunkResponse({ items: matching(outbound, filter) }),
    }),
  }
}

function inboundMethods({ inbound }: SipStore): Service {
  return {
    CreateSIPInboundTrunk: method({
      request: CreateSIPInboundTrunkRequest,
      grant: 'sipAdmin',
      answer: ({ trunk }) => store(inbound, checkAlone(inbound, checkNew(checkInbound(trunk))), newId('ST_')),
    }),
    UpdateSIPInboundTrunk: method({
      request: UpdateSIPInboundTrunkRequest,
      grant: 'sipAdmin',
      answer: ({ sipTrunkId, action }) => {
        const old = find(inbound, sipTrunkId)
        const trunk = action.case === 'update' ? changeInbound(old.clone(), action.value) : action.value
        return store(inbound, checkInbound(trunk), sipTrunkId)
      },
    }),
    ListSIPInboundTrunk: method({
      request: ListSIPInboundTrunkRequest,
      grant: 'sipAdmin',
      answer: (filter) => new ListSIPInboundTrunkResponse({ items: matching(inbound, filter) }),
    }),
  }
}

function sharedMethods({ outbound, inbound }: SipStore): Service {
  return {
    ListSIPTrunk: method({
      request: ListSIPTrunkRequest,
      grant: 'sipAdmin',
      answer: () => new ListSIPTrunkResponse({ items: [...outbound.values()].map(toLegacy) }),
    }),
    DeleteSIPTrunk: method({
      request: DeleteSIPTrunkRequest,
      grant: 'sipAdmin',
      answer: ({ sipTrunkId }) => {
        outbound.delete(sipTrunkId)
        inbound.delete(sipTrunkId)
        return new SIPTrunkInfo({ sipTrunkId })
      },
    }),
  }
}

type Trunk = SIPOutboundTrunkInfo | SIPInboundTrunkInfo

function store<T extends Trunk>(trunks: Map<string, T>, trunk: T, sipTrunkId: string): T {
  trunk.sipTrunkId = sipTrunkId
  trunks.set(sipTrunkId, trunk)
  return trunk
}

function find<T extends Trunk>(trunks: Map<string, T>, sipTrunkId: string): T {
  const trunk = trunks.get(sipTrunkId)
  if (!trunk) throw new TwirpError('not_found', 'requested sip trunk does not exist')
  return trunk
}

function matching<T extends Trunk>(trunks: Map<string, T>, filter: { trunkIds: string[]; numbers: string[] }): T[] {
  return [...trunks.values()].filter(
    (trunk) =>
      (filter.trunkIds.length === 0 || filter.trunkIds.includes(trunk.sipTrunkId)) &&
      (filter.numbers.length === 0 ||
        trunk.numbers.length === 0 ||
        trunk.numbers.some((number) => filter.numbers.includes(number))),
  )
}

function checkOutbound(trunk: SIPOutboundTrunkInfo | undefined): SIPOutboundTrunkInfo {
  if (!trunk) throw invalid('missing trunk')
  if (!trunk.address) throw invalid('no outbound address specified')
  if (trunk.address.includes('@') || trunk.address.startsWith('sip:')) {
    throw invalid('trunk address should be a hostname or IP, not SIP URI')
  }
  if (trunk.numbers.length === 0) throw invalid('no trunk numbers specified')
  return trunk
}

function checkNew<T extends Trunk>(trunk: T): T {
  if (trunk.sipTrunkId) throw invalid('trunk id must not be set')
  return trunk
}

function checkInbound(trunk: SIPInboundTrunkInfo | undefined): SIPInboundTrunkInfo {
  if (!trunk) throw invalid('missing trunk')
  const isGuarded = trunk.numbers.length > 0 || trunk.allowedAddresses.length > 0 || trunk.authUsername !== ''
  if (!isGuarded)
    throw invalid('for security, one of the fields must be set: AuthUsername+AuthPassword, AllowedAddresses or Numbers')
  return trunk
}

// two trunks for one number would leave it to chance which of them lets the call in
function checkAlone(inbound: SipStore['inbound'], trunk: SIPInboundTrunkInfo): SIPInboundTrunkInfo {
  const isTaken = (other: SIPInboundTrunkInfo) =>
    other.allowedNumbers.length === 0 && other.numbers.some((number) => trunk.numbers.includes(number))
  const other = trunk.allowedNumbers.length === 0 ? [...inbound.values()].find(isTaken) : undefined
  if (!other) return trunk
  const numbers = trunk.numbers.map((number) => JSON.stringify(number)).join(' ')
  throw invalid(
    `Conflicting inbound SIP Trunks: "<new>" and "${other.sipTrunkId}", using the same number(s) [${numbers}] without AllowedNumbers set`,
  )
}

function changeOutbound(trunk: SIPOutboundTrunkInfo, update: SIPOutboundTrunkUpdate): SIPOutboundTrunkInfo {
  updateFields(trunk, update)
  trunk.numbers = updateList(trunk.numbers, update.numbers)
  trunk.media = update.media ?? trunk.media
  return trunk
}

function changeInbound(trunk: SIPInboundTrunkInfo, update: SIPInboundTrunkUpdate): SIPInboundTrunkInfo {
  updateFields(trunk, update)
  trunk.numbers = updateList(trunk.numbers, update.numbers)
  trunk.allowedAddresses = updateList(trunk.allowedAddresses, update.allowedAddresses)
  trunk.allowedNumbers = updateList(trunk.allowedNumbers, update.allowedNumbers)
  trunk.media = update.media ?? trunk.media
  return trunk
}

function toLegacy(trunk: SIPOutboundTrunkInfo): SIPTrunkInfo {
  return new SIPTrunkInfo({
    sipTrunkId: trunk.sipTrunkId,
    name: trunk.name,
    metadata: trunk.metadata,
    outboundAddress: trunk.address,
    outboundNumber: trunk.numbers[0] ?? '',
    outboundUsername: trunk.authUsername,
    outboundPassword: trunk.authPassword,
    transport: trunk.transport,
  })
}

function invalid(message: string): TwirpError {
  return new TwirpError('invalid_argument', message)
}
