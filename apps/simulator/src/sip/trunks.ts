import { type SIPDispatchRuleInfo, type SIPInboundTrunkInfo, SIPOutboundTrunkInfo } from '@livekit/protocol'

/** What the project has stored about SIP; lives as long as the process. */
export type SipStore = {
  outbound: Map<string, SIPOutboundTrunkInfo>
  inbound: Map<string, SIPInboundTrunkInfo>
  rules: Map<string, SIPDispatchRuleInfo>
}

export type PresetTrunk = { sipTrunkId: string; name?: string; address: string; numbers: string[] }

export function createSipStore(presets: PresetTrunk[]): SipStore {
  const outbound = presets.map((preset) => new SIPOutboundTrunkInfo(preset))
  return {
    outbound: new Map(outbound.map((trunk) => [trunk.sipTrunkId, trunk])),
    inbound: new Map(),
    rules: new Map(),
  }
}
