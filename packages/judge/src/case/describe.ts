import type { Invite } from './case.ts'

/** What to look at: ids and moments of an INVITE, for the evidence of a violation. */
export function describe({ seen, callId, call, trunkId }: Invite) {
  return {
    callId,
    sipCallId: seen.sipCallId,
    to: seen.to,
    campaignId: call?.campaignId ?? null,
    contactId: call?.contactId ?? null,
    trunkId: trunkId ?? seen.trunkId,
    invited: seen.invited.at,
    invitedRealMs: seen.invited.realMs,
  }
}

/** A call in a sentence. */
export function nameOf({ callId, seen }: Invite): string {
  return `Call ${callId} to ${seen.to}`
}

export function realTime(realMs: number): string {
  return new Date(realMs).toISOString()
}
