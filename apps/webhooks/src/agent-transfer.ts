import { isReportToken } from '@outdial/dialing/calls/report-token'
import { transferAsAgent } from '@outdial/dialing/calls/transfer-call'
import { Conflict, InvalidInput, NotFound } from '@outdial/dialing/refusals'
import type { Handler } from 'hono'
import { z } from 'zod'
import { readJson } from './agent-report.ts'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

const noFields = z.strictObject({})

/** An agent hands its callee over to the telephone that the call names, with the token of this call. */
export function agentTransferRoute({ deps, clock }: WebhooksOptions): Handler {
  return async (c) => {
    const callId = c.req.param('callId') ?? ''
    const token = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    if (!isReportToken(token, { secret: deps.agentReports.secret, callId })) {
      const detail = 'Send the token of this call, from report.token in the metadata of its dispatch.'
      return problem(401, { code: 'unauthorized', detail })
    }
    // Whoever names another target is to learn that it is not obeyed.
    const wish = noFields.safeParse(readJson((await c.req.text()) || '{}'))
    if (!wish.success) return wrongFields(wish.error)
    try {
      return c.json(await transferAsAgent(deps, { callId, now: clock.now() }), 200)
    } catch (error) {
      if (error instanceof NotFound) return problem(404, { code: error.code, detail: error.message })
      if (error instanceof Conflict) return problem(409, { code: error.code, detail: error.message })
      if (!(error instanceof InvalidInput)) throw error
      const isMissing = error.fields.some(({ code }) => code === 'required')
      const detail = isMissing ? 'The metadata of this call have no transfer_target to hand over to.' : error.message
      return problem(409, { code: 'no_transfer_target', detail })
    }
  }
}
