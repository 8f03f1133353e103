/** The Twirp error codes answered here, and their HTTP status (Twirp protocol v7). */
const httpStatus = {
  canceled: 408,
  unknown: 500,
  invalid_argument: 400,
  malformed: 400,
  deadline_exceeded: 408,
  not_found: 404,
  bad_route: 404,
  permission_denied: 403,
  unauthenticated: 401,
  resource_exhausted: 429,
  failed_precondition: 412,
  aborted: 409,
  internal: 500,
  unavailable: 503,
} as const

export type TwirpCode = keyof typeof httpStatus

/** What the part of LiveKit that does the work says reaches the caller with these words before it. */
export function fromNode(message: string): string {
  return `twirp error unknown: ${message}`
}

/** An answer of the LiveKit API that is an error: `{ code, msg, meta? }`. */
export class TwirpError extends Error {
  readonly code: TwirpCode
  readonly meta: Record<string, string> | undefined

  constructor(code: TwirpCode, message: string, meta?: Record<string, string>) {
    super(message)
    this.code = code
    this.meta = meta
  }

  get status(): number {
    return httpStatus[this.code]
  }

  get body(): string {
    return JSON.stringify({ code: this.code, msg: this.message, ...(this.meta && { meta: this.meta }) })
  }
}

/** What LiveKit answers before Twirp with plain text: a bad token with 401, and a path that is no service with 404. */
export class PlainAnswer extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A bad token. */
export class TokenRefused extends PlainAnswer {
  constructor(message: string) {
    super(401, message)
  }
}
