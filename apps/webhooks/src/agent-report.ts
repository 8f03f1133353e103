import { hearSignal } from '@outdial/dialing/calls/record-signal'
import { isReportToken } from '@outdial/dialing/calls/report-token'
import { transcriptLine } from '@outdial/policy/signal'
import { outcomes } from '@outdial/policy/states'
import type { Handler } from 'hono'
import { z } from 'zod'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'

const at = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

/** What an agent tells of its call. `id` is the same when it has to say it again. */
const agentReport = z.object({
  id: z.string().min(1).max(200),
  at,
  outcome: z.enum(outcomes).optional(),
  callbackAt: at.optional(),
  summary: z.string().max(10_000).optional(),
  answers: z.record(z.string().max(200), z.unknown()).optional(),
  transcript: z.array(transcriptLine.extend({ at })).max(5_000).optional(),
})

/** Reports of agents, with the token that came with the dispatch of this call. */
export function agentReportRoute({ deps, clock }: WebhooksOptions): Handler {
  return async (c) => {
    const callId = c.req.param('callId') ?? ''
    const token = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    if (!isReportToken(token, { secret: deps.agentReports.secret, callId })) {
      const detail = 'Send the token of this call, from report.token in the metadata of its dispatch.'
      return problem(401, { code: 'unauthorized', detail })
    }
    const parsed = agentReport.safeParse(readJson(await c.req.text()))
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, code, message }) => ({
        field: path.join('.') || 'body',
        code,
        message,
      }))
      return problem(400, {
        code: 'invalid_input',
        detail: 'Correct the fields below and send the report again.',
        errors,
      })
    }
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
function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value,
    )
  } catch {
    return undefined
  }
}
