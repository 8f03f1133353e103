import type { MiddlewareHandler } from 'hono'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { ApiEnv } from '../context.ts'
import { Problem } from './problem.ts'

/**
 * So many requests a minute per API key or user, counted in this process: with several API processes behind one
 * address the limit multiplies by their number. Headers as in the IETF draft "RateLimit header fields for HTTP".
 */
export function limitRate({ requestsPerMinute }: { requestsPerMinute: number }): MiddlewareHandler<ApiEnv> {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 })
  const policy = `"default";q=${requestsPerMinute};w=60`

  return async (c, next) => {
    const { state, refused } = await limiter.consume(c.var.rateKey).then(
      (result) => ({ state: result, refused: false }),
      (reason: unknown) => {
        if (reason instanceof RateLimiterRes) return { state: reason, refused: true }
        throw reason
      },
    )
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000))
    const headers = {
      'ratelimit-policy': policy,
      ratelimit: `"default";r=${state.remainingPoints};t=${seconds}`,
    }
    if (refused) {
      throw new Problem(429, 'rate_limited', {
        detail: `More than ${requestsPerMinute} requests in a minute. Try again in ${seconds} s.`,
        headers: { ...headers, 'retry-after': String(seconds) },
      })
    }
    await next()
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
  }
}
