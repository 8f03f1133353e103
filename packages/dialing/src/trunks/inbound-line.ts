/** The LiveKit side of a number that people call: an inbound trunk that lets them in, and a rule that gives each a room. */
import type { LiveKit } from '@outdial/telephony/livekit'
import { explaining } from './carrier.ts'
import type { InboundInput } from './phone-number-input.ts'

export type InboundLine = { livekitInboundTrunkId: string; livekitDispatchRuleId: string }

/**
 * Makes both. They carry our id, so that a repeat after a crash finds what the first try made.
 * @throws InvalidInput when LiveKit refuses the number, for example because another inbound trunk has it
 */
export async function makeInboundLine(
  livekit: LiveKit,
  line: { phoneNumberId: string; phoneNumber: string; inbound: InboundInput; mayBeThere: boolean },
): Promise<InboundLine> {
  const { phoneNumberId, phoneNumber, mayBeThere } = line
  const mark = markOf(phoneNumberId)
  const { inbound } = livekit
  return explaining(async () => {
    const trunks = mayBeThere ? await inbound.listTrunks() : []
    const rules = mayBeThere ? await inbound.listRules() : []
    const named = { name: phoneNumber, metadata: mark }
    const trunk =
      trunks.find(({ metadata }) => metadata === mark) ??
      (await inbound.createTrunk({ ...line.inbound, ...named, numbers: [phoneNumber] }))
    const livekitTrunkIds = [trunk.livekitTrunkId]
    const rule =
      rules.find(({ metadata }) => metadata === mark) ?? (await inbound.createRule({ ...named, livekitTrunkIds }))
    return { livekitInboundTrunkId: trunk.livekitTrunkId, livekitDispatchRuleId: rule.livekitRuleId }
  }, 'phoneNumber')
}

/** @throws InvalidInput, or Conflict when LiveKit has the trunk no more */
export async function changeInboundLine(livekit: LiveKit, line: InboundLine, changes: InboundInput): Promise<void> {
  // A password without its user would stay behind, and nobody could see it.
  const forget = changes.authUsername === '' ? { authPassword: '' } : {}
  await explaining(() => livekit.inbound.updateTrunk(line.livekitInboundTrunkId, { ...changes, ...forget }), 'inbound')
}

/** What is not there any more is fine. The rule first: a rule without its trunk would do nothing, a trunk without a rule refuses. */
export async function removeInboundLine(livekit: LiveKit, line: InboundLine): Promise<void> {
  await livekit.inbound.deleteRule(line.livekitDispatchRuleId)
  await livekit.inbound.deleteTrunk(line.livekitInboundTrunkId)
}

/** Removes what a try that failed may have left. */
export async function forgetInboundLine(livekit: LiveKit, phoneNumberId: string): Promise<void> {
  const mark = markOf(phoneNumberId)
  for (const rule of await livekit.inbound.listRules()) {
    if (rule.metadata === mark) await livekit.inbound.deleteRule(rule.livekitRuleId)
  }
  for (const trunk of await livekit.inbound.listTrunks()) {
    if (trunk.metadata === mark) await livekit.inbound.deleteTrunk(trunk.livekitTrunkId)
  }
}

function markOf(phoneNumberId: string): string {
  return JSON.stringify({ outdial_phone_number_id: phoneNumberId })
}
