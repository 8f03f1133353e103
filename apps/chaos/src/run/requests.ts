import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type ApiAnswer, type ApiClient, createApiClient } from '../world/api-client.ts'
import type { World } from '../world/world.ts'

export type Request = { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; path: string; body?: unknown }

/** Speaks for one workspace, and does not take a dead or dumb API for an answer. */
export type Requester = {
  /** Repeats with the same key until it is answered. Rejects when that lasts too long. */
  ask(request: Request): Promise<ApiAnswer>
  /** Sends it to both API processes at once, with one key. `differs`: they did not say the same. */
  askTwice(request: Request): Promise<{ answer: ApiAnswer; differs?: string }>
}

const patienceMs = 30_000
/** Who died with a request is overtaken after a minute; nobody here waits so long. */
const busyPatienceMs = 3_000
const pauseMs = 150

export function createRequester(world: World, workspace: number): Requester {
  const place = world.workspaces[workspace]
  if (!place) throw new Error(`there is no workspace ${workspace + 1}`)
  const own = world.rolesOf('api').map(({ url }) => createApiClient({ url, apiKey: place.apiKey }))
  const requester: Requester = {
    ask: (request) => persist(place.api, request, randomUUID()),
    async askTwice(request) {
      const key = randomUUID()
      const answers = await Promise.all(own.map((api) => persist(api, request, key)))
      const [answer = { status: 0, body: null }, other = answer] = answers
      const both = answer.status < 300 && other.status < 300
      if (request.method !== 'POST' || !both || isDeepStrictEqual(answer.body, other.body)) return { answer }
      return { answer, differs: `${request.path}: ${JSON.stringify(answer.body)} and ${JSON.stringify(other.body)}` }
    },
  }
  return requester
}

async function persist(api: ApiClient, { method, path, body }: Request, key: string): Promise<ApiAnswer> {
  const startedMs = Date.now()
  for (;;) {
    const answer = await api.send(method, path, { body, key }).catch((error: unknown) => String(error))
    if (typeof answer !== 'string' && !mayWorkLater(answer)) return answer
    const waitedMs = Date.now() - startedMs
    if (typeof answer !== 'string' && answer.status === 409 && waitedMs > busyPatienceMs) return answer
    if (waitedMs > patienceMs) throw new Error(`${method} ${path} gets no answer: ${JSON.stringify(answer)}`)
    await delay(pauseMs)
  }
}

function mayWorkLater({ status, body }: ApiAnswer): boolean {
  return status >= 500 || (status === 409 && /idempotency_in_progress|changed_meanwhile/.test(JSON.stringify(body)))
}
