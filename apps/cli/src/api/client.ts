import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Part, writeMultipart } from './multipart.ts'

/** The API said no, or could not be reached. The message says what it said and what to do. */
export class ApiError extends Error {
  override name = 'ApiError'
}

export type ApiClient = {
  url: string
  get<S extends z.ZodType>(path: string, answer: S): Promise<z.output<S>>
  text(path: string): Promise<string>
  /** With a key of its own, so that a repeat after a broken connection changes nothing twice. */
  post<S extends z.ZodType>(path: string, request: { body?: unknown; answer: S }): Promise<z.output<S>>
  patch<S extends z.ZodType>(path: string, request: { body: unknown; answer: S }): Promise<z.output<S>>
  /** Sends a form with a file in it; `parts` are written in their order. */
  upload<S extends z.ZodType>(path: string, request: { parts: Part[]; answer: S }): Promise<z.output<S>>
  /** All pages of a list, one row after the other. */
  list<S extends z.ZodType>(path: string, row: S): AsyncGenerator<z.output<S>>
}

const rowsPerPage = 200

const problem = z.object({
  detail: z.string().catch(''),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).catch([]),
})

/** Speaks to the API as a customer's program does: over HTTP, with an API key. */
export function createApiClient(options: { url: string; apiKey: string; signal?: AbortSignal }): ApiClient {
  const send = async <S extends z.ZodType>(path: string, request: RequestInit, answer: S): Promise<z.output<S>> => {
    const response = await reach(options, { path, request })
    if (!response.ok) throw await explain(response)
    return answer.parse(response.status === 204 ? null : await response.json())
  }
  const get: ApiClient['get'] = (path, answer) => send(path, {}, answer)
  return {
    url: options.url,
    get,
    text: async (path) => {
      const response = await reach(options, { path, request: {} })
      if (!response.ok) throw await explain(response)
      return response.text()
    },
    post: (path, { body, answer }) =>
      send(
        path,
        {
          method: 'POST',
          headers: {
            'idempotency-key': randomUUID(),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        },
        answer,
      ),
    patch: (path, { body, answer }) => {
      const headers = { 'content-type': 'application/json' }
      return send(path, { method: 'PATCH', headers, body: JSON.stringify(body) }, answer)
    },
    upload(path, { parts, answer }) {
      const { body, contentType } = writeMultipart(parts)
      const request = { method: 'POST', headers: { 'content-type': contentType }, body, duplex: 'half' as const }
      return send(path, request, answer)
    },
    async *list(path, row) {
      const page = z.object({ data: z.array(row), nextCursor: z.string().nullable() })
      const joint = path.includes('?') ? '&' : '?'
      for (let cursor: string | null = ''; cursor !== null; ) {
        const after: string = cursor && `&cursor=${encodeURIComponent(cursor)}`
        const found: z.output<typeof page> = await get(`${path}${joint}limit=${rowsPerPage}${after}`, page)
        yield* found.data
        cursor = found.nextCursor
      }
    },
  }
}

type Reach = { url: string; apiKey: string; signal?: AbortSignal }

async function reach(
  { url, apiKey, signal }: Reach,
  { path, request }: { path: string; request: RequestInit },
): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.set('x-api-key', apiKey)
  try {
    return await fetch(`${url}/api/v1${path}`, { ...request, headers, ...(signal && { signal }) })
  } catch (error) {
    if (signal?.aborted) throw error
    const cause = error instanceof Error ? error.cause : undefined
    const reason = cause instanceof Error ? ` (${cause.message || cause.name})` : ''
    throw new ApiError(`The API at ${url} cannot be reached${reason}. Start it, or set OUTDIAL_URL to its address.`, {
      cause: error,
    })
  }
}

async function explain(response: Response): Promise<ApiError> {
  const told = problem.safeParse(await response.json().catch(() => ({})))
  const { detail, errors } = told.success ? told.data : { detail: '', errors: [] }
  // With one wrong field the detail says it all.
  const fields = errors
    .filter(({ message }) => !detail.includes(message))
    .map((each) => `\n  ${each.field}: ${each.message}`)
  return new ApiError(`${detail || `The API answered ${response.status} ${response.statusText}.`}${fields.join('')}`)
}
