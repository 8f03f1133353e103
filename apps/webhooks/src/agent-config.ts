import { createHash, timingSafeEqual } from 'node:crypto'
import { agentConfigQuery, readAgentConfig } from '@outdial/dialing/assistants/agent-config'
import { Conflict, NotFound } from '@outdial/dialing/refusals'
import { findApiKey } from '@outdial/dialing/workspaces/api-keys'
import type { Handler } from 'hono'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { wrongFields } from './wrong-fields.ts'

/**
 * How an assistant talks, for its agent. LIVEKIT_AGENT_CONFIG_TOKEN opens all workspaces, since it is the operator's
 * own agent that has it; an API key opens its own.
 */
export function agentConfigRoute({ deps, providers }: WebhooksOptions): Handler {
  return async (c) => {
    const token = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? c.req.header('x-api-key') ?? ''
    const isOperators = isSame(token, providers?.agentConfigToken)
    const owner = isOperators || token === '' ? null : await findApiKey(deps, token)
    if (!isOperators && !owner) {
      const detail = 'Send LIVEKIT_AGENT_CONFIG_TOKEN, or an API key of the workspace, as Authorization: Bearer.'
      return problem(401, { code: 'unauthorized', detail })
    }
    const query = agentConfigQuery.safeParse(c.req.query())
    if (!query.success) return wrongFields(query.error)
    try {
      const asker = { workspaceId: owner?.workspaceId ?? null }
      return c.json(await readAgentConfig(deps, asker, query.data), 200, { 'cache-control': 'no-store' })
    } catch (error) {
      if (error instanceof NotFound) return problem(404, { code: error.code, detail: error.message })
      if (error instanceof Conflict) return problem(409, { code: error.code, detail: error.message })
      throw error
    }
  }
}

/** In constant time; a token that is not set fits nothing. */
function isSame(token: string, expected: string | undefined): boolean {
  if (!expected) return false
  const [given, right] = [token, expected].map((text) => createHash('sha256').update(text).digest())
  return given !== undefined && right !== undefined && timingSafeEqual(given, right)
}
