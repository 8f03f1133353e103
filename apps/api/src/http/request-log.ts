import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { ApiEnv, RouteDeps } from '../context.ts'

/** Gives every request an id, the caller's own where it is harmless, and writes one line when it is answered. */
export function logRequests({ log }: Pick<RouteDeps, 'log'>): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id')
    const requestId = given && /^[\w.-]{8,128}$/.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    const startedMs = performance.now()
    await next()
    c.res.headers.set('x-request-id', requestId)
    const durationMs = Math.round(performance.now() - startedMs)
    // The one address that is a secret. It belongs to another role; a proxy may bring it here.
    const path = c.req.path.replace(/^(\/api\/exotel\/)[^/]+/, '$1…')
    const fields = { requestId, method: c.req.method, path, status: c.res.status, durationMs }
    const who = c.var.who ? { workspaceId: c.var.who.workspaceId, actor: c.var.who.actor } : {}
    log.info({ ...fields, ...who }, 'answered a request')
  }
}
