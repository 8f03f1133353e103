import { randomUUID } from 'node:crypto'
import { z } from 'zod'

export type ApiAnswer = { status: number; body: unknown }

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** The API over HTTP, with a workspace's key. */
export type ApiClient = {
  /** One try, whatever it is answered. Rejects when nothing answers; `key` is the Idempotency-Key. */
  send(method: Method, path: string, request?: { body?: unknown; key?: string }): Promise<ApiAnswer>
  /** @throws unless it is a 2xx, with what the API said */
  get<S extends z.ZodType>(path: string, answer: S): Promise<z.output<S>>
  post<S extends z.ZodType>(path: string, body: unknown, answer: S): Promise<z.output<S>>
  patch<S extends z.ZodType>(path: string, body: unknown, answer: S): Promise<z.output<S>>
  /** All rows of a list. */
  list<S extends z.ZodType>(path: string, row: S): Promise<z.output<S>[]>
}

const rowsPerPage = 200
const answerDeadlineMs = 60_000

export function createApiClient({ url, apiKey }: { url: string; apiKey: string }): ApiClient {
  const send: ApiClient['send'] = async (method, path, { body, key } = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        'x-api-key': apiKey,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && { 'idempotency-key': key ?? randomUUID() }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerDeadlineMs),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }
  const expect = async <S extends z.ZodType>(method: Method, path: string, request: { body?: unknown; answer: S }) => {
    const { status, body } = await send(method, path, request)
    if (status >= 200 && status < 300) return request.answer.parse(body)
    throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(body)}`)
  }
  const get: ApiClient['get'] = (path, answer) => expect('GET', path, { answer })
  return {
    send,
    get,
    post: (path, body, answer) => expect('POST', path, { body, answer }),
    patch: (path, body, answer) => expect('PATCH', path, { body, answer }),
    async list(path, row) {
      const page = z.object({ data: z.array(row), nextCursor: z.string().nullable() })
      const joint = path.includes('?') ? '&' : '?'
      const rows: z.output<typeof row>[] = []
      for (let after = ''; ; ) {
        const { data, nextCursor } = await get(`${path}${joint}limit=${rowsPerPage}${after}`, page)
        rows.push(...data)
        if (nextCursor === null) return rows
        after = `&cursor=${encodeURIComponent(nextCursor)}`
      }
    },
  }
}
