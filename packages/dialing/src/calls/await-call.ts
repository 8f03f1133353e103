import { setTimeout as delay } from 'node:timers/promises'
import { inWorkspace } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { isTerminal } from '@outdial/policy/call-lifecycle'
import { eq } from 'drizzle-orm'
import type { Deps, Who } from '../deps.ts'
import { agentOf, identityOf } from '../dial/single-call-options.ts'
import { NotFound } from '../refusals.ts'
import { briefAgent } from './brief-agent.ts'
import { type Call, toCall } from './read-calls.ts'

/** A single call as whoever waits for it is told: the call, its leg at LiveKit, and the agent that was sent for. */
export type PlacedCall = {
  call: Call
  participant: {
    /** LiveKit's ids; null as long as nothing was dialed, or LiveKit knows the leg no more. */
    participantId: string | null
    sipCallId: string | null
    participantIdentity: string
  }
  agent: { agentName: string; dispatchId: string | null } | null
  /** What the agent was told of the call, without what it needs to report. */
  metadata: {
    call_id: string
    phone_number: string
    recipient_name: string | null
    row_index: unknown
    questions: string[]
    question: string | null
  }
}

const firstPauseMs = 100
const longestPauseMs = 500

/**
 * Waits until a call is on its way (`placed`), or answered, or over, for at most `patienceMs` of real time; a signal
 * ends the waiting early. Says what is known then. Throws NotFound.
 */
export async function awaitCall(
  deps: Pick<Deps, 'db' | 'livekit' | 'log'>,
  who: Who,
  wish: { callId: string; until: 'placed' | 'answered'; patienceMs: number; signal?: AbortSignal },
): Promise<PlacedCall> {
  const giveUpAtMs = performance.now() + wish.patienceMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(1.2 * pauseMs, longestPauseMs)) {
    const call = await read(deps, who, wish.callId)
    const isPlaced = wish.until === 'placed' && call.sipCallId !== null
    const isOver = performance.now() + pauseMs > giveUpAtMs || wish.signal?.aborted
    if (isPlaced || call.answeredAt || isTerminal(call.status) || isOver) return describe(deps, who, call)
    await delay(pauseMs, undefined, wish.signal ? { signal: wish.signal } : {}).catch(() => {})
  }
}

/** What is known of a single call at this moment. Throws NotFound. */
export async function describePlacedCall(
  deps: Pick<Deps, 'db' | 'livekit' | 'log'>,
  who: Who,
  { callId }: { callId: string },
): Promise<PlacedCall> {
  return describe(deps, who, await read(deps, who, callId))
}

type CallRow = typeof calls.$inferSelect

async function read(deps: Pick<Deps, 'db'>, who: Who, callId: string): Promise<CallRow> {
  const [call] = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx.select().from(calls).where(eq(calls.id, callId)),
  )
  if (!call) throw new NotFound('call', callId)
  return call
}

async function describe(deps: Pick<Deps, 'db' | 'livekit' | 'log'>, who: Who, call: CallRow): Promise<PlacedCall> {
  const { assistant, campaign } = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [ofCall] = call.assistantId
      ? await tx.select().from(assistants).where(eq(assistants.id, call.assistantId))
      : []
    const [whose] = call.campaignId ? await tx.select().from(campaigns).where(eq(campaigns.id, call.campaignId)) : []
    return { assistant: ofCall ?? null, campaign: whose ?? null }
  })
  const agentName = agentOf({ call, assistant })
  const { participantId, dispatchId } = await askLiveKit(deps, call)
  const { questions } = briefAgent({ assistant, campaign, contact: null, call })
  return {
    call: toCall(call),
    participant: { participantId, sipCallId: call.sipCallId, participantIdentity: identityOf(call) },
    agent: agentName === null ? null : { agentName, dispatchId },
    metadata: {
      call_id: call.id,
      phone_number: call.phoneNumber,
      recipient_name: call.contactName,
      row_index: call.metadata.row_index ?? null,
      questions,
      question: questions[0] ?? null,
    },
  }
}

/** The call is what counts: it is not lost because LiveKit does not say how it names its parts. */
async function askLiveKit(
  { livekit, log }: Pick<Deps, 'livekit' | 'log'>,
  call: CallRow,
): Promise<{ participantId: string | null; dispatchId: string | null }> {
  const unknown = { participantId: null, dispatchId: null }
  if (!call.dialedAt || isTerminal(call.status)) return unknown
  try {
    const [room, dispatches] = await Promise.all([livekit.lookUp(call.roomName), livekit.listDispatches(call.roomName)])
    return { participantId: room.leg?.participantId ?? null, dispatchId: dispatches[0]?.dispatchId ?? null }
  } catch (err) {
    log.warn({ callId: call.id, err }, 'LiveKit did not tell the ids of a call')
    return unknown
  }
}
