import { z } from 'zod'

const text = z.string().nullish().catch('')
const settings = z.record(z.string(), z.unknown()).catch({})
const address = z
  .url({ protocol: /^https?$/ })
  .nullish()
  .catch(undefined)

/** What Outdial writes into the metadata of dispatch and room; all of it may be missing. */
const metadataSchema = z.object({
  call_id: text,
  direction: z.enum(['inbound', 'outbound']).catch('outbound'),
  prompt: text,
  greeting: text,
  ai_disclosure: text,
  questions: z.array(z.string()).catch([]),
  voicemail: z.enum(['hangup', 'leave_message', 'continue']).catch('hangup'),
  voicemail_message: text,
  stt: settings,
  llm: settings,
  tts: settings,
  report: z
    .object({ url: address, transcript_url: address, transfer_url: address, token: z.string() })
    .nullish()
    .catch(undefined),
})

export type ModelSettings = Record<string, unknown>

/** Where to tell what comes of a call, and the token that opens it. */
export type ReportAddress = { url?: string; transcriptUrl?: string; transferUrl?: string; token: string }

/** What an agent has to know about its call. */
export type Brief = {
  callId: string
  direction: 'inbound' | 'outbound'
  prompt: string
  greeting: string
  /** Said first, word for word; empty where nobody asked for it. */
  aiDisclosure: string
  questions: string[]
  /** What to do when a machine answers. */
  voicemail: 'hangup' | 'leave_message' | 'continue'
  voicemailMessage: string
  stt: ModelSettings
  llm: ModelSettings
  tts: ModelSettings
  report: ReportAddress | null
}

/** Reads the metadata of a dispatch or of a room; null where it is not Outdial's, such as an empty text. */
export function readBrief(metadata: string): Brief | null {
  const told = metadataSchema.safeParse(parse(metadata))
  if (!told.success) return null
  const { call_id: callId, report, ...rest } = told.data
  if (!callId && !rest.prompt && !report) return null
  const { url, transcript_url: transcriptUrl, transfer_url: transferUrl, token = '' } = report ?? {}
  const { ai_disclosure: aiDisclosure, voicemail_message: voicemailMessage, prompt, greeting, ...same } = rest
  return {
    ...same,
    callId: callId ?? '',
    prompt: prompt ?? '',
    greeting: greeting ?? '',
    aiDisclosure: aiDisclosure ?? '',
    voicemailMessage: voicemailMessage ?? '',
    report: report
      ? {
          url: url ?? undefined,
          transcriptUrl: transcriptUrl ?? undefined,
          transferUrl: transferUrl ?? undefined,
          token,
        }
      : null,
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
