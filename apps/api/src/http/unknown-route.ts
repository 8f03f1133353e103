import type { Hono } from 'hono'
import type { ApiEnv } from '../context.ts'
import { Problem } from './problem.ts'

/** 405 with the methods that an address takes, where it exists; else 404. */
export function createRouteProblem(app: Hono<ApiEnv>): (request: { method: string; path: string }) => Problem {
  const routes = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}/?$`) }))

  return ({ method, path }) => {
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map((route) => route.method))]
    if (allowed.length > 0 && !allowed.includes(method)) {
      const allow = allowed.join(', ')
      const detail = `${path} does not take ${method}. It takes ${allow}.`
      return new Problem(405, 'method_not_allowed', { detail, headers: { allow } })
    }
    const detail = 'There is nothing at this address. The routes are listed at /docs.'
    return new Problem(404, 'unknown_route', { detail })
  }
}
