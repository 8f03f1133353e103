import { inboundRoomPrefix } from '@outdial/telephony/inbound-room'
import type { LiveKit } from '@outdial/telephony/livekit'
import { writeTable } from '../table.ts'
import { UsageError } from '../usage-error.ts'

export async function listRules(livekit: LiveKit): Promise<void> {
  const rows = (await livekit.inbound.listRules()).map((each) => [
    ...[each.livekitRuleId, each.name, each.roomPrefix === null ? 'another kind' : `${each.roomPrefix}…`],
    each.livekitTrunkIds.join(' ') || 'every trunk',
  ])
  process.stdout.write(writeTable(['id', 'name', 'rooms', 'trunks'], rows))
}

/** A trunk's calls go by one rule; LiveKit takes any of several, so a second one is refused. */
export async function createRule(livekit: LiveKit, options: { name: string; trunk: string[] }): Promise<void> {
  const { name, trunk: livekitTrunkIds } = options
  const [trunks, rules] = await Promise.all([livekit.inbound.listTrunks(), livekit.inbound.listRules()])
  for (const id of livekitTrunkIds) {
    if (!trunks.some((each) => each.livekitTrunkId === id)) {
      throw new UsageError(`${id} is not an inbound trunk. outdial livekit trunk list shows those there are ("in").`)
    }
    const rule = rules.find((each) => each.livekitTrunkIds.length === 0 || each.livekitTrunkIds.includes(id))
    if (rule) {
      const scope = rule.livekitTrunkIds.length === 0 ? 'takes the calls of every trunk' : `is there for ${id}`
      throw new UsageError(
        `The rule ${rule.livekitRuleId} (${rule.name}) ${scope} already. Delete it in LiveKit first.`,
      )
    }
  }
  const { livekitRuleId } = await livekit.inbound.createRule({ name, livekitTrunkIds })
  process.stdout.write(`${livekitRuleId}\n`)
  const [id = ''] = livekitTrunkIds
  const told = `"phoneNumber", "assistantId" and "livekitInboundTrunkId": "${id}"`
  process.stderr.write(`Created: each call gets a room of its own, ${inboundRoomPrefix}…\n`)
  process.stderr.write(`Say who answers: POST /api/v1/phone-numbers with ${told}.\n`)
}
