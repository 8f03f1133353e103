import { z } from 'zod'
import { recordingSources } from './recording.ts'
import { type Disposition, dispositions, outcomes } from './states.ts'

const at = z.coerce.date()

export const transcriptLine = z.object({
  speaker: z.enum(['agent', 'callee']),
  text: z.string().max(10_000),
  at,
})
export type TranscriptLine = z.infer<typeof transcriptLine>

/** How a telephone leg that was never answered, or ended after its answer, left the room. */
export const legEnds = ['left', 'rejected', 'unavailable', 'removed', 'room_deleted', 'failed'] as const
export type LegEnd = (typeof legEnds)[number]

/** What the callbacks of a trunk's provider have told of a call, in milliseconds since the epoch. See provider-news.ts. */
export type ProviderNews = {
  answeredAtMs: number | null
  end: { atMs: number; disposition: Disposition; reason: string; sipStatusCode: number | null } | null
}

/**
 * Everything the outside can tell about a call, whoever says it (LiveKit, Twilio, the agent, our own dial, the sweep).
 * `at` is when it happened, not when it was heard.
 */
export const signalSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('leg_joined'),
    at,
    sipCallId: z.string().optional(),
    providerCallId: z.string().optional(),
  }),
  z.object({ kind: z.literal('ringing'), at }),
  z.object({ kind: z.literal('answered'), at, sipCallId: z.string().optional() }),
  z.object({
    kind: z.literal('leg_left'),
    at,
    reason: z.enum(legEnds),
    /** LiveKit's `sip.callStatus` had reached `active`, `automation` or `hangup` before the leg left. */
    wasAnswered: z.boolean(),
    sipCallId: z.string().optional(),
    providerCallId: z.string().optional(),
  }),
  /** A final answer to our request to dial: with a SIP status, or an error that proves that nothing was dialed. */
  z.object({
    kind: z.literal('dial_failed'),
    at,
    disposition: z.enum(dispositions),
    /** An INVITE may have left for the carrier; false only when it certainly did not. */
    reached: z.boolean(),
    /** False when the carrier or LiveKit refused for reasons of its own: the contact keeps its attempt. */
    burnsAttempt: z.boolean(),
    /** What it means beyond this call: the lane must slow down, or no call of the campaign can succeed. */
    effect: z.enum(['none', 'slow_lane', 'stop_campaign']),
    /** Whose doing it was; left out where nobody said. */
    fault: z.enum(['callee', 'carrier', 'livekit', 'configuration']).optional(),
    sipStatusCode: z.number().int().optional(),
    reason: z.string(),
  }),
  /** Our request left and no clear answer came back: LiveKit must be asked, the number never dialed again blindly. */
  z.object({ kind: z.literal('dial_unclear'), at, reason: z.string() }),
  /** The trunk's provider says that somebody picked up. See provider-news.ts for what its word is worth. */
  z.object({ kind: z.literal('provider_answered'), at }),
  /** The trunk's provider says how the call ended; `completed` if it was answered. */
  z.object({
    kind: z.literal('provider_ended'),
    at,
    disposition: z.enum(dispositions),
    sipStatusCode: z.number().int().optional(),
    reason: z.string().max(1_000),
  }),
  z.object({ kind: z.literal('agent_joined'), at }),
  /** The deadline for the agent has passed and LiveKit confirms that none is in the room. */
  z.object({ kind: z.literal('agent_missing'), at }),
  z.object({ kind: z.literal('room_finished'), at }),
  /** The time allowed for a definite answer has passed; decide on what is known. */
  z.object({ kind: z.literal('settle'), at }),
  z.object({
    kind: z.literal('agent_report'),
    at,
    outcome: z.enum(outcomes).optional(),
    callbackAt: at.optional(),
    summary: z.string().max(10_000).optional(),
    answers: z.record(z.string(), z.unknown()).optional(),
    transcript: z.array(transcriptLine).max(5_000).optional(),
  }),
  /** A line of the conversation, told while it goes on; again under the same id as it becomes clearer. */
  z.object({
    kind: z.literal('said'),
    at,
    line: transcriptLine.extend({ id: z.string().min(1).max(200), isFinal: z.boolean() }),
  }),
  /** Handed over to another telephone at somebody's request; the leg leaves on its own. */
  z.object({ kind: z.literal('transferred'), at, to: z.string().max(500) }),
  /** What is told of a recording of the call; it moves the recording and not the call. */
  z.object({
    kind: z.literal('recording'),
    at,
    source: z.enum(recordingSources),
    externalId: z.string().max(200).optional(),
    status: z.enum(['starting', 'recording', 'failed', 'complete']),
    fileKey: z.string().max(2_000).optional(),
    location: z.string().max(2_000).optional(),
    startedAt: at.optional(),
    endedAt: at.optional(),
    durationMs: z.number().int().min(0).optional(),
    sizeBytes: z.number().int().min(0).optional(),
    error: z.string().max(2_000).optional(),
  }),
])
export type Signal = z.infer<typeof signalSchema>
export type SignalKind = Signal['kind']

export const signalSources = ['livekit', 'twilio', 'exotel', 'agent', 'dialer', 'sweep', 'person'] as const
export type SignalSource = (typeof signalSources)[number]
