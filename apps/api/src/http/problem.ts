import { z } from '@hono/zod-openapi'

export const wrongFieldSchema = z.object({
  field: z
    .string()
    .openapi({ description: 'Dotted path of the field, such as `windows.0.from`.', example: 'startHour' }),
  code: z.string().openapi({ description: 'Stable name of what is wrong.', example: 'too_big' }),
  message: z.string().openapi({ description: 'What is wrong and what to do, for people.' }),
})

/** The one shape of all errors: RFC 9457, with a code that programs can rely on. */
export const problemSchema = z
  .looseObject({
    type: z.string().openapi({ description: 'Always `about:blank`: look at `code`.' }),
    title: z.string().openapi({ description: 'The name of the status.' }),
    status: z.int(),
    code: z.string().openapi({ description: 'Stable name of the error.', example: 'invalid_request' }),
    detail: z.string().openapi({ description: 'What happened and what to do next, for people.' }),
    errors: z.array(wrongFieldSchema).optional().openapi({ description: 'One entry per wrong field.' }),
    requestId: z.string().openapi({ description: 'Also in the log of the server and in the header `x-request-id`.' }),
  })
  .openapi('Problem')

export type WrongField = z.infer<typeof wrongFieldSchema>

/** An answer that is an error. `extra` are further members of the document; they never replace the standard ones. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: WrongField[] | undefined
  readonly extra: Record<string, unknown>
  readonly headers: Record<string, string>
  /** Something was done all the same: a repeat with the same Idempotency-Key must find it and not do it again. */
  readonly hadEffect: boolean

  constructor(
    status: number,
    code: string,
    options: {
      detail: string
      errors?: WrongField[]
      extra?: Record<string, unknown>
      headers?: Record<string, string>
      hadEffect?: boolean
    },
  ) {
    super(options.detail)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.errors = options.errors
    this.extra = options.extra ?? {}
    this.headers = options.headers ?? {}
    this.hadEffect = options.hadEffect ?? false
  }

  toResponse(requestId: string): Response {
    const { status, code, errors, extra, message: detail } = this
    const title = titles[status] ?? 'Error'
    const body = { ...extra, type: 'about:blank', title, status, code, detail, errors, requestId }
    const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...this.headers }
    return new Response(JSON.stringify(body), { status, headers })
  }
}

/** A long list helps nobody, and the sender of a hundred thousand mistakes should not be sent as many answers. */
const errorsShown = 100

/** Input that does not fit its schema. */
export function invalidRequest(errors: WrongField[]): Problem {
  const shown = errors.slice(0, errorsShown)
  const first = shown[0]
  const more = errors.length > 1 ? ` and ${errors.length - 1} more` : ''
  const detail = first ? `${first.field}: ${first.message.replace(/\.$/, '')}${more}.` : 'The request cannot be read.'
  return new Problem(400, 'invalid_request', { detail, errors: shown })
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
