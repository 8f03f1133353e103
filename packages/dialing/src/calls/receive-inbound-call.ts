import type { Tx } from '@outdial/database/client'
import { phoneNumbers } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { contacts } from '@outdial/database/schema/contacts'
import { parsePhoneNumber, parsePossibleNumber } from '@outdial/policy/phone-number'
import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { writeNotices } from '../notices/write-notices.ts'
import { callData } from './call-data.ts'
import { isFresh, sendInboundAgent } from './send-inbound-agent.ts'

/** Somebody's telephone leg in a room of a call that came in, as LiveKit tells it. */
export type InboundLeg = {
  roomName: string
  /** The `sip.…` attributes. */
  sip: Record<string, string>
  /** LiveKit's time. */
  joinedAt: Date
}

/** Real time until LiveKit is asked for the first time whether somebody has answered. */
const firstLookMs = 2_000

type InboundDeps = Pick<Deps, 'db' | 'livekit' | 'agentReports' | 'clockSpeed' | 'log'>

/**
 * Makes the call of somebody who called one of our numbers, once per room, and sends for the assistant's agent. The
 * number is known by the inbound trunk that let the call in: a caller can write what it likes into its headers.
 * False when the trunk belongs to nobody here.
 */
export async function receiveInboundCall(deps: InboundDeps, leg: InboundLeg, now: Date): Promise<boolean> {
  const received = await deps.db.transaction((tx) => insertCall(tx, { deps, leg, now }))
  if (!received) return false
  const { call, isNew } = received
  // Whoever has hung up long ago must not be sent an agent: it would wait in a new room.
  const isSurelyThere = isNew && isFresh(leg.joinedAt, { now, clockSpeed: deps.clockSpeed })
  if (isSurelyThere) await sendInboundAgent(deps, call)
  return true
}

type CallRow = typeof calls.$inferSelect

async function insertCall(
  tx: Tx,
  { deps, leg, now }: { deps: InboundDeps; leg: InboundLeg; now: Date },
): Promise<{ call: CallRow; isNew: boolean } | null> {
  const { roomName, sip } = leg
  const isIt = and(eq(phoneNumbers.livekitInboundTrunkId, sip['sip.trunkID'] ?? ''), isNull(phoneNumbers.archivedAt))
  const [number] = await tx.select().from(phoneNumbers).where(isIt)
  if (!number) return null
  const { workspaceId, assistantId, answeredBy } = number
  const phoneNumber = callerNumber(sip['sip.phoneNumber'], number.phoneNumber)
  const at = leg.joinedAt < now ? leg.joinedAt : now
  const [call] = await tx
    .insert(calls)
    .values({
      ...{ workspaceId, assistantId, origin: 'inbound', status: 'calling', roomName },
      ...{ phoneNumber, fromNumber: number.phoneNumber, contactName: await nameOf(tx, { workspaceId, phoneNumber }) },
      // It rings from here on; nothing of it is an attempt of ours.
      ...{ createdAt: now, permittedAt: at, dialedAt: at, ringingAt: at, burned: false },
      checkAt: new Date(now.getTime() + firstLookMs * deps.clockSpeed),
      options: answeredBy === 'person' ? { agentName: null } : null,
      sipCallId: sip['sip.callID'] ?? null,
      providerCallId: sip['sip.twilio.callSid'] ?? null,
    })
    .onConflictDoNothing()
    .returning()
  if (call) {
    await writeNotices(tx, [{ workspaceId, callId: call.id, event: 'call.started', now, data: callData(call) }])
    return { call, isNew: true }
  }
  const [known] = await tx.select().from(calls).where(eq(calls.roomName, roomName))
  return known ? { call: known, isNew: false } : null
}

/** In E.164 form where it can be brought there: carriers write it in all forms, and some callers hide theirs. */
function callerNumber(written: string | undefined, called: string): string {
  const own = parsePossibleNumber(called)
  const number = parsePhoneNumber(written ?? '', own.ok ? own.country : undefined)
  return number.ok ? number.e164 : written?.slice(0, 64) || 'anonymous'
}

/** As the newest contact with this number has it. */
async function nameOf(
  tx: Tx,
  { workspaceId, phoneNumber }: { workspaceId: string; phoneNumber: string },
): Promise<string | null> {
  const [contact] = await tx
    .select({ name: contacts.name })
    .from(contacts)
    .where(and(eq(contacts.workspaceId, workspaceId), eq(contacts.phoneNumber, phoneNumber)))
    .orderBy(desc(contacts.id))
    .limit(1)
  return contact?.name ?? null
}
