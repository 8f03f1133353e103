import { agentReportInput } from '@outdial/dialing/calls/agent-report'
import { hearSignal } from '@outdial/dialing/calls/record-signal'
import { isReportToken } from '@outdial/dialing/calls/report-token'
import type { Handler } from 'hono'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

/** Reports of agents, with the token that came with the dispatch of this call. */
export function agentReportRoute({ deps, clock }: WebhooksOptions): Handler {
  return async (c) => {
    const callId = c.req.param('callId') ?? ''
    const token = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    if (!isReportToken(token, { secret: deps.agentReports.secret, callId })) {
      const detail = 'Send the token of this call, from report.token in the metadata of its dispatch.'
      return problem(401, { code: 'unauthorized', detail })
    }
    const parsed = agentReportInput.safeParse(readJson(await c.req.text()))
    if (!parsed.success) return wrongFields(parsed.error)
    const { id, ...report } = parsed.data
    const status = await hearSignal(deps, {
      ...{ source: 'agent', eventId: `${callId}/${id}`, event: 'agent_report', about: { callId } },
      ...{ content: [{ kind: 'agent_report', ...report }], receivedAt: clock.now() },
    })
    if (status === 'not_ours') return problem(404, { code: 'not_found', detail: 'There is no such call.' })
    return c.json({ status }, 202)
  }
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair; no agent means either. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string') return clean(value)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).map(([name, held]) => [clean(name), held]))
    })
  } catch {
    return undefined
  }
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}
