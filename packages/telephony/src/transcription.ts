import type { Signal } from '@outdial/policy/signal'
import { z } from 'zod'

/** Events in LiveKit's form that LiveKit itself does not send: agents, and programs beside it, tell with them what is said. */
export function isTranscription(event: string): boolean {
  return event === 'transcription_received' || event === 'transcription_final'
}

/**
 * The lines that a transcription event tells of: `transcription.segments` as LiveKit's own Transcription has them, or
 * `transcription`, or each of `transcripts`, as `{ speaker, text, timestamp }`. A line without an id stands for itself.
 * What cannot be read as a line is left out.
 */
export function transcriptionSignals(told: {
  event: string
  eventId: string
  at: Date
  body: Record<string, unknown>
}): Signal[] {
  const { event, eventId, at, body } = told
  const parsed = schema.safeParse(body)
  if (!parsed.success) return []
  const { transcription, transcripts, participant } = parsed.data
  const listener = transcription?.transcribedParticipantIdentity || participant?.identity
  const isAgentTrack = participant?.kind === 'AGENT' || /^agent\b/i.test(listener ?? '')
  const lines = [...(transcription?.segments ?? []), ...(transcription ? [transcription] : []), ...(transcripts ?? [])]
  return lines.flatMap((line, n): Signal[] => {
    const text = clean(line.text ?? '').slice(0, textMax)
    if (!text) return []
    const speaker = line.speaker ? speakerNamed(line.speaker) : isAgentTrack ? 'agent' : 'callee'
    const isFinal = event === 'transcription_final' || (line.final ?? line.id === undefined)
    const said = { id: clean(line.id ?? '') || `${eventId}/${n}`, speaker, text, at: momentOf(line) ?? at, isFinal }
    return [{ kind: 'said', at, line: said }]
  })
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '').trim()
}

const textMax = 10_000
const linesMax = 500

const moment = z.union([z.string(), z.number()]).optional().catch(undefined)
const line = z.object({
  id: z.string().min(1).max(200).optional().catch(undefined),
  text: z.string().optional().catch(undefined),
  speaker: z.string().optional().catch(undefined),
  final: z.boolean().optional().catch(undefined),
  timestamp: moment,
  startTime: moment,
})
const lines = z.array(line.catch({})).max(linesMax).optional()
const schema = z.object({
  transcription: line.extend({ segments: lines, transcribedParticipantIdentity: z.string().optional() }).optional(),
  transcripts: lines,
  participant: z.object({ identity: z.string().optional(), kind: z.string().optional() }).optional(),
})

/** Programs call the one who works for us many names, and the other one anything. */
function speakerNamed(name: string): 'agent' | 'callee' {
  return /^(agent|assistant|ai|bot|model)\b/i.test(name.trim()) ? 'agent' : 'callee'
}

const firstPlausibleMs = Date.UTC(2020)

/** Segments may count from the start of a track instead: that is no moment. */
function momentOf({ timestamp, startTime }: z.infer<typeof line>): Date | undefined {
  const given = timestamp ?? startTime
  const date = typeof given === 'string' && !/^\d+$/.test(given) ? new Date(given) : new Date(Number(given))
  return date.getTime() > firstPlausibleMs && date.getTime() < lastPlausibleMs ? date : undefined
}

const lastPlausibleMs = Date.UTC(2200)
