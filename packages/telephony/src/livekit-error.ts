import { type ApiAnswer, apiAnswerOf } from './api-answer.ts'
import { isTimeout, isTransportError, neverSentBecause, transportCode } from './transport-error.ts'

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
  /** The telephone network's answer, where it was the one that refused. */
  readonly sipStatusCode: number | undefined

  constructor(
    trouble: LiveKitTrouble,
    message: string,
    options?: ErrorOptions & { sipStatusCode?: number | undefined },
  ) {
    super(message, options)
    this.trouble = trouble
    this.sipStatusCode = options?.sipStatusCode
  }
}

type Circumstances = {
  /** What was asked for, such as "creating the room". */
  doing: string
  /** LiveKit's host, without secrets. */
  host: string
  /** Whether asking again does no harm, even if the first request was carried out. */
  repeatable: boolean
}

/** Puts whatever the SDK threw into words. */
export function explainLiveKitError(error: unknown, circumstances: Circumstances): LiveKitError {
  const { trouble, what, next } = diagnose(error, circumstances)
  const sipStatusCode = apiAnswerOf(error)?.sipStatusCode
  return new LiveKitError(trouble, `${what} while ${circumstances.doing}. ${next}`, { cause: error, sipStatusCode })
}

type Diagnosis = { trouble: LiveKitTrouble; what: string; next: string }

function diagnose(error: unknown, { host, repeatable }: Circumstances): Diagnosis {
  const answer = apiAnswerOf(error)
  if (answer) return diagnoseAnswer(answer, { host, next: nextAfterSilence(repeatable) })
  const code = neverSentBecause(error)
  if (code) {
    return {
      trouble: 'unreachable',
      what: `LiveKit at ${host} cannot be reached (${code})`,
      next: 'Check LIVEKIT_URL, and that the server is running and reachable from this machine.',
    }
  }
  if (!isTransportError(error)) {
    return {
      trouble: 'broken',
      what: `The server at ${host} did not answer like LiveKit (${transportCode(error)})`,
      next: 'Check LIVEKIT_URL.',
    }
  }
  const what = isTimeout(error)
    ? `LiveKit at ${host} did not answer in time`
    : `The connection to LiveKit at ${host} broke (${transportCode(error)})`
  return { trouble: 'no_answer', what, next: nextAfterSilence(repeatable) }
}

function nextAfterSilence(repeatable: boolean): string {
  return repeatable
    ? "Try again; if it stays so, look at LiveKit's health and the network between."
    : 'It may have been carried out all the same: look whether it was before asking again.'
}

function diagnoseAnswer(answer: ApiAnswer, { host, next }: { host: string; next: string }): Diagnosis {
  const { status, code, message, sipStatusCode } = answer
  const said = `"${message.slice(0, 300)}" (${code ?? `HTTP ${status}`})`
  if (sipStatusCode !== undefined) {
    return {
      trouble: 'refused',
      what: `The carrier refused with SIP status ${sipStatusCode}, ${said},`,
      next: 'Check the number, and that the carrier allows this on the trunk.',
    }
  }
  if (status === 408) return { trouble: 'no_answer', what: `LiveKit gave up waiting, ${said},`, next }
  const known = byStatus(status, { code, host })
  if (known) return { ...known, what: `${known.what}, ${said},` }
  return status < 500
    ? { trouble: 'refused', what: `LiveKit refused, ${said},`, next: 'Correct what it names.' }
    : { trouble: 'broken', what: `LiveKit at ${host} failed, ${said},`, next: `See LiveKit's log. ${next}` }
}

function byStatus(status: number, { code, host }: { code: string | undefined; host: string }): Diagnosis | null {
  if (status === 401 || status === 403) {
    return {
      trouble: 'wrong_credentials',
      what: `LiveKit at ${host} refused the API key`,
      next: 'Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a key and secret of exactly this project.',
    }
  }
  if (status === 429) {
    return {
      trouble: 'rate_limited',
      what: `LiveKit at ${host} allows no more requests at the moment`,
      next: "Try again in a minute, or have the project's limits raised.",
    }
  }
  if (status === 404 && code !== undefined && code !== 'bad_route') {
    return {
      trouble: 'not_found',
      what: `LiveKit at ${host} knows nothing by that name`,
      next: 'Check the name or ID.',
    }
  }
  if (status === 404 || status === 405 || status === 501) {
    return {
      trouble: 'broken',
      what: `The server at ${host} does not offer what was asked for`,
      next: 'Check that LIVEKIT_URL is a LiveKit server, and for calls that livekit-sip is connected to it.',
    }
  }
  return null
}
