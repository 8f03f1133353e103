import { isConnectionError } from '@outdial/database/connection-error'
import { Conflict, InvalidInput, NotFound, Refusal } from '@outdial/dialing/refusals'
import { LiveKitError } from '@outdial/telephony/livekit-error'
import { HTTPException } from 'hono/http-exception'
import { invalidRequest, Problem } from './problem.ts'

/** What the caller is told about an error. Whatever nobody foresaw is a 500 that says nothing but the request's id. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof NotFound) return new Problem(404, error.code, { detail: error.message })
  if (error instanceof InvalidInput) {
    return new Problem(422, error.code, { detail: error.message, errors: error.fields })
  }
  if (error instanceof Conflict) return new Problem(409, error.code, { detail: error.message, extra: error.details })
  if (error instanceof Refusal) return new Problem(422, error.code, { detail: error.message })
  if (error instanceof HTTPException) return fromHono(error)
  // What LiveKit said is for operators and in the log; whoever called us can only come back.
  if (error instanceof LiveKitError) {
    const detail = 'LiveKit did not do what it was asked to. Try again shortly; if it stays, tell the operator.'
    return new Problem(503, `livekit_${error.trouble}`, { detail, headers: { 'retry-after': '5' } })
  }
  return fromDatabase(error) ?? unexpected()
}

/** What Hono and its validators throw before a handler runs. */
function fromHono(error: HTTPException): Problem {
  if (error.status === 415) {
    const detail = 'Send the body as the content type that this route describes, mostly application/json.'
    return new Problem(415, 'unsupported_media_type', { detail })
  }
  if (error.status === 413) return tooLarge()
  if (error.status < 500) return invalidRequest([{ field: 'body', code: 'malformed', message: error.message }])
  return unexpected()
}

export function tooLarge(): Problem {
  const detail =
    'The body is larger than 10 MB. Send it in parts; contacts can also be uploaded as a CSV file of any size.'
  return new Problem(413, 'body_too_large', { detail })
}

function unexpected(): Problem {
  const detail = 'Something went wrong on our side. Try again; if it stays, tell the operator the request id.'
  return new Problem(500, 'internal_error', { detail })
}

function fromDatabase(error: unknown): Problem | undefined {
  const code = sqlState(error)
  if (!code) return undefined
  if (code === '23505' || code === '40001' || code === '40P01' || code === '55P03') {
    const detail = 'Somebody else changed the same thing at the same moment. Read it again and repeat the request.'
    return new Problem(409, 'changed_meanwhile', { detail })
  }
  // Class 22: a value that PostgreSQL cannot hold and that no schema of ours refused.
  if (code.startsWith('22')) {
    return new Problem(400, 'invalid_request', { detail: 'A value of the request cannot be stored. Check the body.' })
  }
  if (isConnectionError(error)) {
    const detail = 'The database does not answer at the moment. Try again shortly.'
    return new Problem(503, 'unavailable', { detail, headers: { 'retry-after': '5' } })
  }
  return undefined
}

/** The driver's code; drizzle wraps the driver's error. */
function sqlState(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}
