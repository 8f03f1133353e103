import type { z } from 'zod'

type FieldError = { field: string; message: string }

/** A problem+json answer (RFC 9457) that names each wrong field. */
export function problem(status: number, { detail, errors }: { detail: string; errors?: FieldError[] }): Response {
  const body = { type: 'about:blank', title: status === 404 ? 'Not found' : 'Bad request', status, detail, errors }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}

export function invalidBody(error: z.ZodError): Response {
  const errors = error.issues.map(({ path, message }) => ({ field: path.join('.') || '(body)', message }))
  return problem(400, { detail: 'The request is not valid; see errors.', errors })
}
