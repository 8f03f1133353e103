import type { Disposition, Outcome } from '@outdial/policy/states'
import type { LedgerCall } from '@outdial/simulator/simulator'

/** A call as the dialer tells it. */
export type ToldCall = {
  id: string
  roomName: string
  status: string
  disposition: string | null
  outcome: string | null
  /** The start that it was claimed for. */
  startsAt: Date | null
  /** Null: the permit to dial was never given. */
  permittedAt: Date | null
}

export type Verdict = {
  invites: number
  callsWithTwoInvites: number
  /** What the dialer tells and the telephone network did not see, or the other way round; for people. */
  mismatches: string[]
  /** The longest time from the start that a call was claimed for to its INVITE, in ms of the simulation. */
  longestWaitMs: number
}

/**
 * Holds what the dialer tells of its calls against what the telephone network saw, in both directions. The ledger is
 * the witness: the dialer never reads it.
 */
export function judge(told: ToldCall[], seen: LedgerCall[]): Verdict {
  const seenByRoom = Map.groupBy(seen, (invite) => invite.roomName)
  const rooms = new Set(told.map((call) => call.roomName))
  const strangers = seen.filter((invite) => !rooms.has(invite.roomName))
  const mismatches = [
    ...strangers.map((invite) => `${invite.roomName}: dialed, but the dialer knows no such call`),
    ...told.flatMap((call) => compare(call, seenByRoom.get(call.roomName) ?? [])),
  ]
  const waits = told.flatMap((call) => waitOf(call, seenByRoom.get(call.roomName)?.[0]))
  return {
    invites: seen.length,
    callsWithTwoInvites: [...seenByRoom.values()].filter((invites) => invites.length > 1).length,
    mismatches,
    longestWaitMs: waits.reduce((longest, wait) => Math.max(longest, wait), 0),
  }
}

function compare(call: ToldCall, invites: LedgerCall[]): string[] {
  const [invite] = invites
  if (invites.length > 1) return [`${call.roomName}: dialed ${invites.length} times`]
  if (!invite) return mayBeUnseen(call) ? [] : [`${call.roomName}: ${describe(call)}, but never dialed`]
  if (!call.permittedAt) return [`${call.roomName}: dialed without a permit`]
  const wrong: string[] = []
  const expected = dispositionOf(invite)
  if (call.disposition !== expected) wrong.push(`${describe(call)}, but the network saw ${expected ?? 'no end'}`)
  if (call.outcome !== outcomeOf(invite)) {
    wrong.push(`outcome ${call.outcome ?? 'none'}, but the agent heard ${outcomeOf(invite) ?? 'none'}`)
  }
  return wrong.map((message) => `${call.roomName}: ${message}`)
}

/** Given back before it was dialed, or refused by LiveKit at its door. */
function mayBeUnseen({ disposition, permittedAt }: ToldCall): boolean {
  return disposition === 'canceled' || (disposition === 'trunk_error' && permittedAt !== null)
}

function describe({ status, disposition }: ToldCall): string {
  return disposition ?? status
}

const byStatus: Record<number, Disposition> = {
  403: 'rejected',
  404: 'invalid_number',
  408: 'no_answer',
  410: 'invalid_number',
  480: 'no_answer',
  484: 'invalid_number',
  486: 'busy',
  487: 'canceled',
  600: 'busy',
  603: 'rejected',
}

/** What an INVITE's end means by the SIP standard (RFC 3261 §21); undefined while it goes on. */
function dispositionOf({ ended, answered, agentJoined, hungUpBy, sipStatus }: LedgerCall): Disposition | undefined {
  if (!ended) return undefined
  // Who hangs up before the agent is there has had an answered call; the dialer itself hangs up for want of an agent.
  if (answered) return !agentJoined && hungUpBy === 'api' ? 'agent_error' : 'completed'
  if (hungUpBy === 'ringing_timeout') return 'no_answer'
  return byStatus[sipStatus ?? 0] ?? 'trunk_error'
}

function outcomeOf({ outcome }: LedgerCall): Outcome | null {
  return outcome ?? null
}

function waitOf({ startsAt }: ToldCall, invite: LedgerCall | undefined): number[] {
  return startsAt && invite ? [Math.max(0, Date.parse(invite.invited.at) - startsAt.getTime())] : []
}
