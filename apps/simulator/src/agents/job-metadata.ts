import { z } from 'zod'
import { parseJson } from '../parse-json.ts'

const schema = z.object({
  report: z
    .object({ url: z.url(), token: z.string(), transcript_url: z.url().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  metadata: z.object({ live_transcript: z.boolean().catch(false) }).catch({ live_transcript: false }),
  questions: z.array(z.string()).catch([]),
  greeting: z.string().optional().catch(undefined),
  ai_disclosure: z.string().optional().catch(undefined),
  voicemail: z.string().optional().catch(undefined),
  voicemail_message: z.string().optional().catch(undefined),
})

/** The parts of a dispatch's metadata the simulated agent understands; anything else in it is no harm. */
export type JobMetadata = z.infer<typeof schema>

/** Reads the metadata as far as it is what we know; text that is no JSON is an agent without a task. */
export function readJobMetadata(text: string): JobMetadata {
  const result = schema.safeParse(parseJson(text))
  return result.success ? result.data : { questions: [], metadata: { live_transcript: false } }
}
