/** People who talk from their browser: they call a number, or answer somebody who has called one of ours. */
import { createHash } from 'node:crypto'
import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { isTerminal } from '@outdial/policy/call-lifecycle'
import { personIdentityPrefix } from '@outdial/telephony/inbound-room'
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { metadata, name, uuid } from '../fields.ts'
import { Conflict, NotFound } from '../refusals.ts'
import { initiateCall } from './initiate-call.ts'

const personFields = {
  personId: z.string().trim().min(1).max(100).optional().meta({
    description: 'Tells apart people who share one API key. The same person may come back; a second one is refused.',
  }),
  personName: name.optional().meta({ description: 'Shown to others in the room.' }),
}

export const browserCallInput = z.strictObject({
  to: z.string().min(1).max(64).meta({ description: 'The number to call, in E.164 form.' }),
  fromNumber: z.string().min(1).max(64).optional(),
  trunkId: uuid.optional(),
  recipientName: z.string().max(200).optional(),
  metadata: metadata.default({}),
  ignoreWindow: z.boolean().optional().meta({ description: 'Call at any hour. Who asked for it is in the audit log.' }),
  ...personFields,
})

export const inboundAnswerInput = z
  .strictObject({
    callId: uuid.optional(),
    roomName: z.string().min(1).max(256).optional(),
    ...personFields,
  })
  .refine(({ callId, roomName }) => (callId === undefined) !== (roomName === undefined), {
    path: ['callId'],
    error: 'give either callId or roomName, as the event stream or GET /api/v1/calls told it',
  })

/** What a browser needs to join: LiveKit's address and a token for this one room. */
export type Seat = {
  callId: string
  roomName: string
  identity: string
  serverUrl: string
  token: string
  expiresAt: Date
}

/** Real time within which the browser has to join; whoever is in the room stays. */
const tokenValidMs = 10 * 60_000

type SeatDeps = Pick<Deps, 'db' | 'livekit'>

/**
 * Calls a number for a person who waits in the call's room. A single call like every other, under the same
 * limits, but nobody sends for an agent. @throws as `initiateCall`
 */
export async function callFromBrowser(
  deps: SeatDeps & Pick<Deps, 'queue'>,
  who: Who,
  input: z.infer<typeof browserCallInput>,
): Promise<Seat> {
  const { to, recipientName, personId, personName, ...wishes } = input
  const call = await initiateCall(deps, who, {
    ...{ ...wishes, phoneNumber: to, contactName: recipientName, agentName: null, callId: who.newId },
  })
  const identity = identityOf(who, personId)
  await inWorkspace(deps.db, who.workspaceId, (tx) => note(tx, { callId: call.id, identity }))
  return seat(deps, { call, identity, personName })
}

/**
 * Lets a person take a call that has come in. Joining the room answers it. The first one who asks gets it; the same
 * person may ask again after a break. @throws NotFound, Conflict for a call that is over or somebody else's
 */
export async function answerInboundCall(
  deps: SeatDeps,
  who: Who,
  input: z.infer<typeof inboundAnswerInput>,
): Promise<Seat> {
  const identity = identityOf(who, input.personId)
  const call = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const { callId, roomName = '' } = input
    const isIt = callId ? eq(calls.id, callId) : eq(calls.roomName, roomName)
    const [found] = await tx.select().from(calls).where(isIt).for('update')
    if (!found) throw new NotFound('call', callId ?? roomName)
    refuse(found, identity)
    if (found.options?.person === identity) return found
    await note(tx, { callId: found.id, identity })
    const entry = { action: 'call.taken', entity: 'call', entityId: found.id, details: { identity } }
    await writeAudit(tx, who, entry)
    return found
  })
  return seat(deps, { call, identity, personName: input.personName })
}

/** Who talks: when that person leaves, the other end is not left alone. */
async function note(tx: Tx, { callId, identity }: { callId: string; identity: string }): Promise<void> {
  const options = sql`coalesce(${calls.options}, '{}'::jsonb) || ${JSON.stringify({ person: identity })}::jsonb`
  await tx.update(calls).set({ options }).where(eq(calls.id, callId))
}

function refuse({ origin, status, options }: typeof calls.$inferSelect, identity: string): void {
  if (origin !== 'inbound') {
    throw new Conflict('not_inbound', 'This call did not come in: it was made from here, and has somebody to talk.')
  }
  if (isTerminal(status)) throw new Conflict('call_over', 'The caller has hung up, or the call has ended.')
  if (options?.person && options.person !== identity) {
    throw new Conflict('answered_by_another', 'Somebody else has taken this call.')
  }
}

async function seat(
  { livekit }: Pick<Deps, 'livekit'>,
  of: { call: { id: string; roomName: string }; identity: string; personName: string | undefined },
): Promise<Seat> {
  const { call, identity, personName } = of
  const { roomName } = call
  const expiresAt = new Date(Date.now() + tokenValidMs)
  const named = personName ? { name: personName } : {}
  const token = await livekit.joinToken({ roomName, identity, ...named, validForMs: tokenValidMs })
  return { callId: call.id, roomName, identity, serverUrl: livekit.browserUrl, token, expiresAt }
}

/** The same for the same person, different for others, and telling nothing of who it is. */
function identityOf({ workspaceId, actor }: Who, personId = actor): string {
  const mark = createHash('sha256').update(`${workspaceId}/${personId}`).digest('hex')
  return `${personIdentityPrefix}${mark.slice(0, 16)}`
}
