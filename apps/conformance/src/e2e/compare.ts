import type { LedgerCall } from '@outdial/judge/evidence'
import type postgres from 'postgres'
import type { Check } from './checks.ts'
import { expectedDispositions, type Person } from './people.ts'

export type KnownCall = {
  id: string
  disposition: string | null
  outcome: string | null
  phoneNumber: string
  status: string
  /** LiveKit's id of the telephone leg, as Outdial was told. */
  sipCallId: string | null
  /** The mark that it is about to be dialed. */
  wasMarked: boolean
  /** The dial worker lived long enough to say what became of it. */
  isAnswerHeard: boolean
}

/** Those that rang somewhere, by the number that was called: a call that LiveKit itself refuses is no attempt. */
function reachedCalls(ledger: readonly LedgerCall[], calls: KnownCall[]): Map<string, KnownCall[]> {
  const rooms = new Set(ledger.map(({ roomName }) => roomName))
  const reached = calls.filter(({ id }) => rooms.has(`call-${id}`))
  return Map.groupBy(reached, ({ phoneNumber }) => phoneNumber)
}

/** What the telephone saw, and what Outdial has of it. */
type Seen = { ledger: readonly LedgerCall[]; calls: KnownCall[] }

/** The calls that went out, or should have, as Outdial has them, in the order in which they were made. */
export async function readCalls(sql: postgres.Sql): Promise<KnownCall[]> {
  return sql<KnownCall[]>`
    select c.id, c.phone_number as "phoneNumber", c.status, c.disposition, c.outcome, c.sip_call_id as "sipCallId",
      exists (select from signals s where s.source = 'dialer' and s.event_id = 'dial-' || c.id) as "isAnswerHeard",
      exists (select from event_log e where e.call_id = c.id and e.kind = 'dialed') as "wasMarked"
    from calls c where c.origin <> 'inbound' order by c.created_at, c.id`
}

/** No call has two INVITEs, and none is without a call. */
export function compareInvites({ ledger, calls }: Seen): Check {
  const byRoom = Map.groupBy(ledger, ({ roomName }) => roomName)
  const known = new Map(calls.map((call) => [`call-${call.id}`, call]))
  const problems = [...byRoom].flatMap(([roomName, invites]) => {
    const call = known.get(roomName)
    const to = invites.map((invite) => invite.to).join(', ')
    if (!call) return [`an INVITE to ${to} belongs to no call that Outdial knows (${roomName})`]
    if (invites.length > 1) return [`call ${call.id} to ${to} had ${invites.length} INVITEs`]
    if (invites[0]?.to !== call.phoneNumber) return [`call ${call.id} is for ${call.phoneNumber} and rang at ${to}`]
    const differs = call.sipCallId !== null && call.sipCallId !== invites[0].sipCallId
    return differs ? [`call ${call.id} has ${call.sipCallId}, and its INVITE ${invites[0]?.sipCallId}`] : []
  })
  const facts = `${ledger.length} INVITEs of ${calls.length} calls`
  return { name: 'every call has one INVITE at most, and every INVITE its call', facts, problems }
}

/** What the last call to everybody came to is what the telephone played. */
export function compareContacts(people: Person[], { ledger, calls }: Seen): Check {
  const byNumber = reachedCalls(ledger, calls)
  const problems = people.flatMap(({ phoneNumber, behaviour }) => {
    const reached = byNumber.get(phoneNumber) ?? []
    const expected = expectedDispositions(
      behaviour,
      reached.map(({ outcome }) => outcome),
    ).at(-1)
    const found = reached.at(-1)?.disposition ?? 'not called'
    return found === expected ? [] : [`${phoneNumber} (${behaviour}) is ${found} and should be ${expected}`]
  })
  const facts = `${people.length - problems.length} of ${people.length}`
  return { name: 'every contact ended as the telephone played it', facts, problems }
}

/** The calls before the last one too, where the dial worker lived to hear how they ended. */
export function compareCalls(people: Person[], { ledger, calls }: Seen): Check {
  const byNumber = reachedCalls(ledger, calls)
  const unheard = new Set(calls.filter((call) => call.wasMarked && !call.isAnswerHeard).map((call) => call.phoneNumber))
  const problems = people.flatMap(({ phoneNumber, behaviour }) => {
    if (unheard.has(phoneNumber)) return []
    const reached = byNumber.get(phoneNumber) ?? []
    const found = reached.map(({ disposition }) => disposition).join(', ')
    const wanted = expectedDispositions(
      behaviour,
      reached.map(({ outcome }) => outcome),
    ).join(', ')
    return found === wanted ? [] : [`${phoneNumber} (${behaviour}) had the calls ${found}, and should have ${wanted}`]
  })
  const facts = `${people.length - unheard.size} of ${people.length} contacts, the others lost a dial worker on the way`
  return {
    name: 'every call ended as the telephone played it, and was tried again as the campaign says',
    facts,
    problems,
  }
}

/** What became of calls whose dial worker did not live to hear the answer. */
export function describeOrphans({ ledger, calls }: Seen): Check {
  const seen = new Map(ledger.map((invite) => [invite.roomName, invite]))
  const orphans = calls.filter((call) => call.wasMarked && !call.isAnswerHeard)
  const kinds = Map.groupBy(orphans, (call) => {
    const invite = seen.get(`call-${call.id}`)
    const played = invite?.answered
      ? 'answered'
      : invite
        ? `SIP ${invite.sipStatus ?? 'without an answer'}`
        : 'never sent'
    return `${played} is ${call.disposition}`
  })
  const facts = `${orphans.length}: ${[...kinds].map(([kind, found]) => `${found.length} × ${kind}`).join(', ')}`
  const open = orphans.filter(({ disposition }) => disposition === null)
  return {
    ...{ name: 'calls whose dial worker was killed ended all the same', facts },
    problems: [
      ...(orphans.length === 0 ? ['no call was on its way when the dial workers were killed: nothing was tried'] : []),
      ...open.map((call) => `call ${call.id} to ${call.phoneNumber} is still ${call.status}`),
    ],
  }
}
