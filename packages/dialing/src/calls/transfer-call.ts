import { inWorkspace } from '@outdial/database/client'
import { calls, signals } from '@outdial/database/schema/calls'
import { isTerminal } from '@outdial/policy/call-lifecycle'
import { LiveKitError } from '@outdial/telephony/livekit-error'
import {
  checkHeaders,
  normaliseTransferTarget,
  SipHeaderError,
  TransferTargetError,
} from '@outdial/telephony/sip-headers'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import { campaignFields } from '../campaigns/campaign-settings.ts'
import type { Deps, Who } from '../deps.ts'
import { Conflict, InvalidInput, NotFound } from '../refusals.ts'
import { moveCall } from './apply-signals.ts'
import { countryOf } from './read-call-request.ts'

export const transferCallInput = z.strictObject({
  transferTarget: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .optional()
    .meta({
      description:
        'A number in national or international form, `tel:…`, or a SIP address. The `transfer_target` of the call’s ' +
        'metadata unless given.',
    }),
  transfer_target: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'The same, as the metadata spell it.' }),
  sipHeaders: campaignFields.sipHeaders.optional().meta({ description: 'Sent with the REFER.' }),
})

type CallRow = typeof calls.$inferSelect
type Wish = z.infer<typeof transferCallInput> & { callId: string }

/**
 * Hands the callee of an answered call over to another telephone, by SIP REFER. The call then ends on our side as one
 * that was completed. Asked for once: nobody knows what became of a request that got no answer.
 * @throws NotFound; InvalidInput for a target that is none; Conflict where nobody is on the line, or the carrier refuses
 */
export async function transferCall(
  deps: Pick<Deps, 'db' | 'queue' | 'livekit' | 'clockSpeed'>,
  who: Who,
  wish: Wish,
): Promise<{ transferredTo: string }> {
  const call = await readCall(deps, who, wish.callId)
  const to = readTarget(call, wish)
  const headers = readHeaders(wish)
  const leg = isTerminal(call.status) ? null : (await deps.livekit.lookUp(call.roomName)).leg
  if (!leg) throw isTerminal(call.status) || call.answeredAt ? over() : notAnswered()
  if (!leg.answered) throw notAnswered()
  await inWorkspace(deps.db, who.workspaceId, (tx) =>
    writeAudit(tx, who, { action: 'call.transfer', entity: 'call', entityId: call.id, details: { to } }),
  )
  try {
    await deps.livekit.transfer({ roomName: call.roomName, identity: leg.identity, to, ...(headers && { headers }) })
  } catch (error) {
    throw error instanceof LiveKitError ? refusalOf(error, to) : error
  }
  await remember(deps, who, { callId: call.id, to })
  return { transferredTo: to }
}

/**
 * The same for the agent of a call, which the token of the call has let in: only to the `transfer_target` of the call,
 * so that nobody can talk an agent into calling elsewhere. Needs the role `engine`.
 */
export async function transferAsAgent(
  deps: Pick<Deps, 'db' | 'queue' | 'livekit' | 'clockSpeed'>,
  { callId, now }: { callId: string; now: Date },
): Promise<{ transferredTo: string }> {
  const [call] = await deps.db.select({ workspaceId: calls.workspaceId }).from(calls).where(eq(calls.id, callId))
  if (!call) throw new NotFound('call', callId)
  return transferCall(deps, { workspaceId: call.workspaceId, actor: 'agent', now }, { callId })
}

async function readCall(deps: Pick<Deps, 'db'>, who: Who, callId: string): Promise<CallRow> {
  const [call] = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx.select().from(calls).where(eq(calls.id, callId)),
  )
  if (!call) throw new NotFound('call', callId)
  return call
}

function readTarget(call: CallRow, wish: Wish): string {
  const kept = call.metadata.transfer_target
  const target = wish.transferTarget ?? wish.transfer_target ?? (typeof kept === 'string' ? kept : '')
  const refuse = (code: string, message: string) => new InvalidInput([{ field: 'transferTarget', code, message }])
  if (!target) throw refuse('required', "is required where the call's metadata have no transfer_target")
  try {
    return normaliseTransferTarget(target, countryOf(call.fromNumber) ?? countryOf(call.phoneNumber))
  } catch (error) {
    if (error instanceof TransferTargetError) throw refuse('invalid_target', error.message)
    throw error
  }
}

function readHeaders({ sipHeaders }: Wish): Record<string, string> | undefined {
  try {
    return sipHeaders && checkHeaders(sipHeaders)
  } catch (error) {
    if (!(error instanceof SipHeaderError)) throw error
    throw new InvalidInput([{ field: 'sipHeaders', code: 'invalid_header', message: error.message }])
  }
}

/** For the timeline; that the leg leaves is heard from LiveKit. */
async function remember(
  deps: Pick<Deps, 'db' | 'queue' | 'clockSpeed'>,
  who: Who,
  { callId, to }: { callId: string; to: string },
): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [call] = await tx.select().from(calls).where(eq(calls.id, callId)).for('update')
    if (!call) return
    const about = { workspaceId: call.workspaceId, callId, roomName: call.roomName }
    const event = { source: 'person', eventId: crypto.randomUUID(), event: 'transferred' } as const
    const [signal] = await tx
      .insert(signals)
      .values({ ...event, ...about, content: [{ kind: 'transferred', at: who.now, to }], receivedAt: who.now })
      .returning({ id: signals.id })
    if (signal) await moveCall(tx, { callId, signalId: signal.id, now: who.now, clockSpeed: deps.clockSpeed })
  })
}

const notAnswered = () =>
  new Conflict('not_answered', 'Nobody has answered yet: only a call that was answered can be transferred.')
const over = () => new Conflict('call_is_over', 'The call is over: there is nobody to transfer.')

/** What came in the way of a transfer, in words for whoever asked for it. Trouble of our own stays what it is. */
function refusalOf(error: LiveKitError, to: string): Error {
  const { sipStatusCode, trouble } = error
  if (sipStatusCode !== undefined) {
    const message = `The carrier refused to transfer the call to ${to} (SIP ${sipStatusCode}). ${adviceOn(sipStatusCode)}`
    return new Conflict('transfer_refused', message, { sipStatusCode })
  }
  if (trouble === 'not_found') return over()
  if (trouble === 'refused') return new Conflict('transfer_refused', error.message, { sipStatusCode: null })
  if (trouble !== 'no_answer') return error
  const message =
    'LiveKit did not say whether the callee was transferred. Look whether the call has ended before you ask again.'
  return new Conflict('transfer_unclear', message)
}

function adviceOn(sipStatusCode: number): string {
  if ([403, 405, 407, 501, 603].includes(sipStatusCode)) {
    return 'Have transfers allowed at the carrier: for Twilio, Call Transfer (SIP REFER) and PSTN Transfer of the trunk.'
  }
  if ([404, 410, 484, 604].includes(sipStatusCode)) return 'There is no such number: check the target.'
  if ([486, 600].includes(sipStatusCode)) return 'The target is busy: the callee is still on the line.'
  if ([408, 480, 487].includes(sipStatusCode)) return 'The target did not answer: the callee is still on the line.'
  return 'The callee is still on the line: try another target, or ask the carrier.'
}
