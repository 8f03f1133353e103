import { setTimeout as pause } from 'node:timers/promises'
import type { Faults } from '../control/faults.ts'
import type { HttpSender } from '../http-sender.ts'
import { describeError, type Log } from '../log.ts'
import type { Outcome } from '../network/call-plan.ts'

export type Report = {
  /** Stays the same over retries. */
  id: string
  at: string
  outcome?: Outcome
  callbackAt?: string
  summary?: string
  answers?: Record<string, string>
  transcript?: { speaker: 'agent' | 'callee'; text: string; at: string }[]
}

/** One line of a conversation while it goes on. */
type LineNews = { id: string; at: string; lines: { id: string; speaker: string; text: string; at: string }[] }

type Target = { url: string; token: string }
type Options = { http: HttpSender; faults: Faults; closing: AbortSignal; log: Log }

// real time: the network between agent and dialer does not run faster
const attempts = 4
const backoffMs = 250
const timeoutMs = 10_000

export type Reporter = ReturnType<typeof createReporter>

/** Posts what agents have to report; 5xx, 429 and transport errors are tried again. */
export function createReporter({ http, faults, closing, log }: Options) {
  async function post(target: Target, report: Report | LineNews): Promise<boolean> {
    const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' }
    const request = { url: target.url, headers, body: JSON.stringify(report), timeoutMs }
    const status = await http.post(request).catch((error) => {
      if (!closing.aborted) log('warn', 'report not delivered', { url: target.url, error: describeError(error) })
      return 0
    })
    return status > 0 && status < 500 && status !== 429
  }

  async function repeat(target: Target, report: Report) {
    for (let attempt = 1; attempt < attempts && !closing.aborted; attempt += 1) {
      await pause(backoffMs * 2 ** attempt, undefined, { signal: closing }).catch(() => {})
      if (await post(target, report)) return
    }
  }

  return {
    /** Tries once: the whole transcript comes with the report. Never rejects. */
    tell: (target: Target, line: LineNews): void => void post(target, line),
    /** Settles after the first try; further tries go on in the background. Never rejects. */
    async send(target: Target, report: Report): Promise<void> {
      const fault = faults.forDelivery('report', report.outcome ?? 'report')
      if (fault?.action === 'drop') return
      // alone in its room, a report has nothing to change places with: reorder is delay
      const isHeld = fault?.action === 'delay' || fault?.action === 'reorder'
      if (isHeld) await pause(fault.delayMs, undefined, { signal: closing }).catch(() => {})
      if (fault?.action === 'double') void post(target, report)
      if (!(await post(target, report))) void repeat(target, report)
    },
  }
}
