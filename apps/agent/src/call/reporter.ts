import { setTimeout as pause } from 'node:timers/promises'
import type { ReportAddress } from './brief.ts'

export type Outcome = 'interested' | 'not_interested' | 'callback' | 'do_not_call' | 'voicemail' | 'wrong_number'

export type Line = { speaker: 'agent' | 'callee'; text: string; at: string }

/** All of it is optional; several reports are put together. */
export type Report = {
  outcome?: Outcome
  callbackAt?: string
  summary?: string
  answers?: Record<string, string>
  transcript?: Line[]
}

export type Log = {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export type Transfer = { transferredTo: string } | { refused: string }

export type Reporter = ReturnType<typeof createReporter>

type Options = {
  address: ReportAddress
  /** Comes before every id, so that another job for the same call says things of its own. */
  jobId: string
  log: Log
  /** Before each further try, in ms. */
  pausesMs?: readonly number[]
}

/** A transfer takes as long as the carrier does; LiveKit waits for half a minute. */
const transferTimeoutMs = 40_000
const reportTimeoutMs = 3_000

/**
 * Tells Outdial what comes of a call. What got no answer, or a 5xx, is said again under the same id, which Outdial
 * stores once. Nothing here throws: a conversation goes on where it cannot be told.
 */
export function createReporter({ address, jobId, log, pausesMs = [200, 400, 800, 1_600, 3_200] }: Options) {
  async function tell(url: string | undefined, id: string, what: object): Promise<boolean> {
    if (!url) return false
    const body = JSON.stringify({ id: `${jobId}-${id}`, at: new Date().toISOString(), ...what })
    for (const pauseMs of [...pausesMs, null]) {
      const answer = await post(url, { token: address.token, body, timeoutMs: reportTimeoutMs })
      if (answer.status < 300) return true
      if (answer.status < 500 && answer.status !== 429) {
        log.error(`Outdial refused the report "${id}" (${answer.status}): ${answer.text}`)
        return false
      }
      log.warn(`The report "${id}" did not arrive: ${answer.text}`)
      if (pauseMs !== null) await pause(pauseMs)
    }
    log.error(`The report "${id}" did not arrive, and is given up.`)
    return false
  }

  return {
    report: (id: string, report: Report) => tell(address.url, id, report),
    /** What was just said, for people who follow the call while it goes on. */
    tellLine: (id: string, line: Line) =>
      tell(address.transcriptUrl, id, { lines: [{ id: `${jobId}-${id}`, ...line, isFinal: true }] }),
    canTransfer: address.transferUrl !== undefined,
    /** Asked for once: nobody knows what became of a request that got no answer. */
    async transfer(): Promise<Transfer> {
      if (!address.transferUrl) return { refused: 'This call names nobody to hand over to.' }
      const answer = await post(address.transferUrl, { token: address.token, body: '{}', timeoutMs: transferTimeoutMs })
      const told = readObject(answer.text)
      if (answer.status === 200) return { transferredTo: String(told.transferredTo) }
      log.warn(`The callee was not handed over (${answer.status}): ${answer.text}`)
      return { refused: typeof told.detail === 'string' ? told.detail : 'It is not known whether it worked.' }
    },
  }
}

type Request = { token: string; body: string; timeoutMs: number }

/** Status 599 stands for no answer at all. */
async function post(url: string, { token, body, timeoutMs }: Request): Promise<{ status: number; text: string }> {
  try {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) })
    return { status: answer.status, text: await answer.text() }
  } catch (error) {
    return { status: 599, text: error instanceof Error ? `${error.message} ${causeOf(error)}`.trim() : String(error) }
  }
}

const causeOf = ({ cause }: Error) => (cause instanceof Error ? cause.message : '')

function readObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return {}
  }
}
