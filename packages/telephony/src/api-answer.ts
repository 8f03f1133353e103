import { ServerError } from 'livekit-server-sdk'
import { z } from 'zod'

/** What LiveKit said when it refused a request. */
export type ApiAnswer = {
  /** HTTP status. */
  status: number
  /** Twirp error code, such as `not_found`; missing when a proxy answered, or LiveKit before it knew the caller. */
  code?: string | undefined
  /** Only when the refusal came from the telephone network. */
  sipStatusCode?: number | undefined
  /** What LiveKit said in words. */
  message: string
  /** The message and every other word that came along: some carriers say only there what they mean. */
  text: string
}

/** The answer inside an error of the SDK; null when the error is not an answer of the server. */
export function apiAnswerOf(error: unknown): ApiAnswer | null {
  if (!(error instanceof ServerError)) return null
  const { code, metadata, message } = error.code === undefined ? reread(error) : error
  const { sip_status_code: sipStatusCode, error_details: details, ...rest } = metadata ?? {}
  return {
    status: error.status,
    code,
    sipStatusCode: sipStatusCode === undefined ? undefined : Number(sipStatusCode),
    message: withoutToken(message),
    text: withoutToken([message, ...Object.values(rest), readable(details)].filter(Boolean).join(' · ')),
  }
}

/** Null where LiveKit says that what was named is not there. */
export async function unlessMissing<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request
  } catch (error) {
    if (apiAnswerOf(error)?.code === 'not_found') return null
    throw error
  }
}

/** No part of LiveKit took the request: what it was about is not there, or whoever has it is too busy to say so. */
export function isNobodyThere(error: unknown): boolean {
  const answer = apiAnswerOf(error)
  return answer?.code === 'unavailable' && /no response from servers/i.test(answer.message)
}

/** LiveKit quotes the token that it refuses. Where only a clock was wrong, that token opens the project soon. */
function withoutToken(text: string): string {
  return text.replace(/\beyJ[\w-]*\.[\w-]*\.[\w-]*/g, '…')
}

const twirpError = z.object({
  code: z.string(),
  msg: z.string().default(''),
  meta: z.record(z.string(), z.string()).optional(),
})

/** The SDK reads an error only if its content type is exactly application/json; proxies add a charset. */
function reread(error: ServerError): {
  code?: string | undefined
  metadata?: Record<string, string> | undefined
  message: string
} {
  const parsed = twirpError.safeParse(parseJson(error.message))
  if (!parsed.success) return { message: error.message }
  return { code: parsed.data.code, metadata: parsed.data.meta, message: parsed.data.msg }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** LiveKit encodes the whole error once more; the words in it are plain text between the bytes. */
function readable(base64: string | undefined): string {
  if (base64 === undefined) return ''
  return Buffer.from(base64, 'base64')
    .toString('latin1')
    .replace(/[^ -~]+/g, ' ')
    .trim()
}
