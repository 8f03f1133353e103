import { apiAnswerOf } from './api-answer.ts'
import { isTimeout, neverSentBecause, transportCode } from './transport-error.ts'

export type LiveKitTrouble =
  /** Nothing arrived at LiveKit. */
  | 'unreachable'
  /** The request left and no answer came back; it may have been carried out. */
  | 'no_answer'
  | 'wrong_credentials'
  | 'rate_limited'
  | 'not_found'
  /** LiveKit refused what was asked for; asking again changes nothing. */
  | 'refused'
  /** Something broke inside LiveKit, or the server is not LiveKit. */
  | 'broken'

/** A request to LiveKit that failed. The message names the request, what happened, and what to do next. */
export class LiveKitError extends Error {
  override readonly name = 'LiveKitError'
  readonly trouble: LiveKitTrouble

  constructor(trouble: LiveKitTrouble, message: string, options?: ErrorOptions) {
    super(message, options)
    this.trouble = trouble
  }
}

/** Puts whatever the SDK threw while `doing` ("creating the room") into words; `host` is LiveKit's, without secrets. */
export function explainLiveKitError(error: unknown, { doing, host }: { doing: string; host: string }): LiveKitError {
  const { trouble, what, next } = diagnose(error, host)
  return new LiveKitError(trouble, `${what} while ${doing}. ${next}`, { cause: error })
}

type Diagnosis = { trouble: LiveKitTrouble; what: string; next: string }

function diagnose(error: unknown, host: string): Diagnosis {
  const answer = apiAnswerOf(error)
  if (answer) return diagnoseAnswer(answer, host)
  const code = neverSentBecause(error)
  if (code) {
    return {
      trouble: 'unreachable',
      what: `LiveKit at ${host} cannot be reached (${code})`,
      next: 'Check LIVEKIT_URL, and that the server is running and reachable from this machine.',
    }
  }
  return {
    trouble: 'no_answer',
    what: isTimeout(error)
      ? `LiveKit at ${host} did not answer in time`
      : `The connection to LiveKit at ${host} broke (${transportCode(error)})`,
    next: "Try again; if it stays so, look at LiveKit's health and the network between.",
  }
}

function diagnoseAnswer(
  { status, code, message }: { status: number; code?: string | undefined; message: string },
  host: string,
): Diagnosis {
  const said = `"${message.slice(0, 300)}" (${code ?? `HTTP ${status}`})`
  if (status === 401 || status === 403) {
    return {
      trouble: 'wrong_credentials',
      what: `LiveKit at ${host} refused the API key, ${said},`,
      next: 'Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a key and secret of exactly this project.',
    }
  }
  if (status === 429) {
    return {
      trouble: 'rate_limited',
      what: `LiveKit at ${host} allows no more requests at the moment, ${said},`,
      next: "Try again in a minute, or have the project's limits raised.",
    }
  }
  if (status === 404 && code !== undefined && code !== 'bad_route') {
    return { trouble: 'not_found', what: `LiveKit knows nothing by that name, ${said},`, next: 'Check the name or ID.' }
  }
  if (status === 404 || status === 405 || status === 501) {
    return {
      trouble: 'broken',
      what: `The server at ${host} does not offer what was asked for, ${said},`,
      next: 'Check that LIVEKIT_URL is a LiveKit server, and for calls that livekit-sip is connected to it.',
    }
  }
  if (status < 500) return { trouble: 'refused', what: `LiveKit refused, ${said},`, next: 'Correct the named value.' }
  return {
    trouble: 'broken',
    what: `LiveKit at ${host} failed, ${said},`,
    next: "Try again; if it stays so, look at LiveKit's log.",
  }
}
