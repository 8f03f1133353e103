import type { z } from 'zod'
import { problem } from './problem.ts'

/** Names every field that does not fit. */
export function wrongFields(error: z.ZodError): Response {
  const errors = error.issues.map(({ path, code, message }) => ({ field: path.join('.') || 'body', code, message }))
  return problem(400, { code: 'invalid_input', detail: 'Correct the fields below and send it again.', errors })
}
