import { z } from 'zod'

/** The parts of a dispatch's metadata the simulated agent understands; anything else in it is no harm. */
export type JobMetadata = {
  report?: { url: string; token: string }
  questions: string[]
  greeting?: string
  voicemail?: string
}

const schema = z.looseObject({
  report: z.object({ url: z.url(), token: z.string() }).optional().catch(undefined),
  questions: z.array(z.string()).catch([]),
  question: z.string().optional().catch(undefined),
  greeting: z.string().optional().catch(undefined),
  voicemail: z.string().optional().catch(undefined),
})

/** Reads the metadata as far as it is what we know; text that is no JSON is an agent without a task. */
export function readJobMetadata(text: string): JobMetadata {
  const result = schema.safeParse(parse(text))
  if (!result.success) return { questions: [] }
  const { report, questions, question, greeting, voicemail } = result.data
  return { report, questions: questions.length > 0 || !question ? questions : [question], greeting, voicemail }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
