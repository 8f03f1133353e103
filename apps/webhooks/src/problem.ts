import { STATUS_CODES } from 'node:http'

type Problem = { code: string; detail: string; errors?: { field: string; code: string; message: string }[] }

/** An error answer as RFC 9457 wants it. */
export function problem(status: number, fields: Problem): Response {
  const body = JSON.stringify({ title: STATUS_CODES[status], status, ...fields })
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } })
}
