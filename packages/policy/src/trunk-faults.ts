import type { Signal } from './signal.ts'
import type { Disposition } from './states.ts'

/** So many calls of a campaign in a row that the trunk failed to place mean that it places none. */
export const trunkFailuresAllowed = 10

/** What a call that has ended tells about the trunk it went out on. */
export type TrunkNews = 'failed' | 'worked' | 'nothing'

export type EndedLeg = {
  disposition: Disposition | null
  ringingAt: Date | null
  answeredAt: Date | null
  sipStatusCode: number | null
  /** The final answer to our request to dial, where there was one. */
  refusal: Pick<Signal & { kind: 'dial_failed' }, 'fault' | 'effect' | 'reached'> | null
}

/**
 * Whether the trunk did its work: a phone rang, or somebody spoke about the callee (busy, declined, no such number).
 * Refusals for a moment's reasons of carrier or LiveKit tell nothing, and neither does what nobody knows the end of.
 */
export function hearOfTrunk(call: EndedLeg): TrunkNews {
  if (call.answeredAt || call.ringingAt) return 'worked'
  if (!call.disposition || silent.has(call.disposition)) return 'nothing'
  if (!call.refusal?.fault) return withoutFault(call)
  if (call.refusal.effect !== 'none') return 'nothing'
  switch (call.refusal.fault) {
    case 'callee':
      // LiveKit itself looked at the number: the trunk was not asked.
      return call.refusal.reached ? 'worked' : 'nothing'
    case 'carrier':
    case 'configuration':
      return 'failed'
    case 'livekit':
      return 'nothing'
  }
}

/** Why a campaign stops after a run of failures, for a marketer; `lastAnswer` is what carrier or LiveKit said last. */
export function trunkFailingReason(failures: number, lastAnswer: string | null): string {
  const quoted = lastAnswer ? ` The last answer: “${lastAnswer.trim()}”` : ''
  return (
    `The trunk failed to place the last ${failures} calls: not one phone rang.${quoted} ` +
    'Ask the carrier, or check the trunk in LiveKit; or give the campaign another trunk. Then resume.'
  )
}

const silent: ReadonlySet<Disposition> = new Set(['canceled', 'unknown', 'agent_error'])

/** Only the leg's end was told. 402 and 403 are the carrier's own refusals, though they look like a callee's. */
function withoutFault({ disposition, sipStatusCode, refusal }: EndedLeg): TrunkNews {
  if (refusal && refusal.effect !== 'none') return 'nothing'
  if (disposition === 'trunk_error' || sipStatusCode === 402 || sipStatusCode === 403) return 'failed'
  return 'worked'
}
