import { Hono } from 'hono'
import type { Registry } from 'prom-client'

const checkLimitMs = 2_000

/** Named checks of what the process needs; a check that throws or takes over two seconds has failed. */
export type Checks = Record<string, () => Promise<void>>

/**
 * GET /healthz says that the process runs, /readyz that it can work, /metrics what it has done.
 * Readiness answers 503 with the failed checks, so that a load balancer waits and an operator sees why.
 */
export function healthRoutes({ checks, registry }: { checks: Checks; registry: Registry }): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const results = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check)))
    const failed = results.filter((result) => result !== null)
    if (failed.length === 0) return c.json({ status: 'ready', checks: Object.keys(checks) })
    return c.json({ status: 'not ready', failed }, 503)
  })
  app.get('/metrics', async (c) => c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }))
  return app
}

async function runCheck(name: string, check: () => Promise<void>): Promise<{ name: string; error: string } | null> {
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${checkLimitMs} ms`)), checkLimitMs)
  try {
    await Promise.race([check(), limit])
    return null
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}
