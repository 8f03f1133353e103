import { z } from 'zod'
import { type Brief, readBrief } from './brief.ts'

/** Outdial's answer to `GET /api/livekit/agent-config?roomName=`; names it does not know do no harm. */
const answerSchema = z.object({
  instructions: z.string(),
  greeting: z.string(),
  aiDisclosure: z.string().catch(''),
  questions: z.array(z.string()),
  stt: z.record(z.string(), z.unknown()),
  llm: z.record(z.string(), z.unknown()),
  tts: z.record(z.string(), z.unknown()),
  call: z
    .object({
      id: z.string(),
      direction: z.string(),
      voicemail: z.string().optional(),
      voicemailMessage: z.string().optional(),
      report: z.object({
        url: z.string(),
        transcriptUrl: z.string().nullish(),
        transferUrl: z.string().nullish(),
        token: z.string(),
      }),
    })
    .nullable(),
})

type Asked = { roomName: string; baseUrl: string; token: string }

/**
 * Asks Outdial what the call in this room is about, for agents that were sent without being told.
 * @throws with what was answered, if that is no configuration
 */
export async function fetchBrief({ roomName, baseUrl, token }: Asked): Promise<Brief | null> {
  const url = new URL('/api/livekit/agent-config', baseUrl)
  url.searchParams.set('roomName', roomName)
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) })
  if (answer.status === 404) return null
  if (!answer.ok) throw new Error(`${url.origin} answered ${answer.status}: ${await answer.text()}`)
  const { call, instructions, aiDisclosure, ...told } = answerSchema.parse(await answer.json())
  const { url: reportUrl, transcriptUrl, transferUrl, token: reportToken } = call?.report ?? {}
  return readBrief(
    JSON.stringify({
      ...told,
      prompt: instructions,
      ai_disclosure: aiDisclosure,
      call_id: call?.id,
      direction: call?.direction,
      voicemail: call?.voicemail,
      voicemail_message: call?.voicemailMessage,
      report: call && { url: reportUrl, transcript_url: transcriptUrl, transfer_url: transferUrl, token: reportToken },
    }),
  )
}
