import { hearSignal } from '@outdial/dialing/calls/record-signal'
import { isReportToken } from '@outdial/dialing/calls/report-token'
import { agentLinesInput } from '@outdial/dialing/calls/transcripts'
import type { Handler } from 'hono'
import { readJson } from './agent-report.ts'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

/** What is said in a call while it goes on, told by its agent with the token of the call. */
export function agentTranscriptRoute({ deps, clock }: WebhooksOptions): Handler {
  return async (c) => {
    const callId = c.req.param('callId') ?? ''
    const token = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    if (!isReportToken(token, { secret: deps.agentReports.secret, callId })) {
      const detail = 'Send the token of this call, from report.token in the metadata of its dispatch.'
      return problem(401, { code: 'unauthorized', detail })
    }
    const parsed = agentLinesInput.safeParse(readJson(await c.req.text()))
    if (!parsed.success) return wrongFields(parsed.error)
    const { id, at, lines } = parsed.data
    const status = await hearSignal(deps, {
      ...{ source: 'agent', eventId: `${callId}/lines/${id}`, event: 'transcript_lines', about: { callId } },
      ...{ content: lines.map((line) => ({ kind: 'said', at, line })), receivedAt: clock.now() },
    })
    if (status === 'not_ours') return problem(404, { code: 'not_found', detail: 'There is no such call.' })
    return c.json({ status }, 202)
  }
}
