import { hearSignal } from '@outdial/dialing/calls/record-signal'
import { isReportToken } from '@outdial/dialing/calls/report-token'
import { moment as at } from '@outdial/dialing/fields'
import { transcriptLine } from '@outdial/policy/signal'
import { outcomes } from '@outdial/policy/states'
import type { Handler } from 'hono'
import { z } from 'zod'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

const answersBytesMax = 100_000
const answersDepthMax = 10

/** What an agent tells of its call. `id` is the same when it has to say it again. */
const agentReport = z.object({
  id: z.string().min(1).max(200),
  at,
  outcome: z.enum(outcomes).optional(),
  callbackAt: at.optional(),
  summary: z.string().max(10_000).optional(),
  answers: z
    // Whole questions, as the agent asked them.
    .record(z.string().max(2_000), z.unknown())
    .refine(isKeepable, `must have at most ${answersDepthMax} levels, and ${answersBytesMax} characters as JSON`)
    .optional(),
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
function readJson(text: string): unknown {
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

function isKeepable(answers: unknown): boolean {
  return depthOf(answers) <= answersDepthMax && JSON.stringify(answers).length <= answersBytesMax
}

/** Looks no deeper than it has to. */
function depthOf(value: unknown, limit = answersDepthMax): number {
  if (typeof value !== 'object' || value === null) return 0
  if (limit === 0) return 1
  return 1 + Object.values(value).reduce<number>((deepest, held) => Math.max(deepest, depthOf(held, limit - 1)), 0)
}
