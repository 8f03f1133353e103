import type { ErrorHandler } from 'hono'
import type { ApiEnv, RouteDeps } from '../context.ts'
import type { Problem } from './problem.ts'
import { toProblem } from './to-problem.ts'

/** Answers with the problem that an error is, in another form where clients expect one; what is ours is in the log. */
export function answerErrors(
  { log }: Pick<RouteDeps, 'log'>,
  reshape: (problem: Problem) => Problem = (problem) => problem,
): ErrorHandler<ApiEnv> {
  return (error, c) => {
    const problem = reshape(toProblem(error))
    const requestId = c.var.requestId ?? ''
    if (problem.status >= 500) {
      log.error({ err: error, requestId, method: c.req.method, path: c.req.path }, 'could not answer a request')
    }
    return problem.toResponse(requestId)
  }
}
