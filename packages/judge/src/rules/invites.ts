import type { Case, Invite } from '../case/case.ts'
import { describe, nameOf, realTime } from '../case/describe.ts'
import { sameMomentMs } from '../case/moments.ts'
import type { Violation } from '../verdict.ts'

/** Every INVITE belongs to a call that was permitted, marked as dialed and not given back, and is its only one. */
export function judgeInvites({ invites }: Case): Violation[] {
  return invites.flatMap((invite) => {
    if (!invite.call) {
      const message = `An INVITE to ${invite.seen.to} left for room ${invite.seen.roomName}, but the log knows no such call.`
      return [{ rule: 'unlogged-invite', message, evidence: describe(invite) } as const]
    }
    return [...judgePermit(invite), ...judgeRelease(invite), ...judgeCount(invite)]
  })
}

function judgePermit(invite: Invite): Violation[] {
  const { call, realMs } = invite
  const before = (entries: { recordedMs: number }[] = []) =>
    entries.some(({ recordedMs }) => recordedMs <= realMs + sameMomentMs)
  const missing = [
    ...(before(call?.permits) ? [] : ['a permit']),
    ...(before(call?.marks) ? [] : ['the mark that it is about to be dialed']),
  ]
  if (missing.length === 0) return []
  const message = `${nameOf(invite)} was dialed at ${realTime(realMs)} without ${missing.join(' and without ')} in the log before it.`
  const evidence = { ...describe(invite), permitted: call?.permits.map(whenOf), dialed: call?.marks.map(whenOf) }
  return [{ rule: 'unpermitted-invite', message, evidence }]
}

/** A single call that is given back is claimed again; a release counts until then. */
function judgeRelease(invite: Invite): Violation[] {
  const { call, realMs } = invite
  const release = call?.releases.at(-1)
  const claimedMs = call?.claimed?.recordedMs ?? 0
  if (!release || claimedMs > release.recordedMs) return []
  const message = `${nameOf(invite)} was given back at ${release.recordedAt} and dialed all the same, at ${realTime(realMs)}.`
  return [{ rule: 'released-but-dialed', message, evidence: { ...describe(invite), released: release } }]
}

function judgeCount(invite: Invite): Violation[] {
  const invites = invite.call?.invites ?? []
  if (invites.length < 2 || invites[0] !== invite) return []
  const message = `${nameOf(invite)} was dialed ${invites.length} times; a call is dialed once.`
  return [{ rule: 'two-invites', message, evidence: { invites: invites.map(describe) } }]
}

const whenOf = ({ recordedAt }: { recordedAt: string }) => recordedAt
