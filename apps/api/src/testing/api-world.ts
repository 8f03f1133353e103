/** The API as its clients see it, over a real database and queue, for tests. */
import { createRecorder, type Recorder } from '@outdial/dialing/recordings/recorder'
import { livekitKeys, openWorld, type World } from '@outdial/dialing/testing'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { createWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { type ApiOptions, createApi } from '../api.ts'

export const jwtSecret = 'a secret of at least 32 characters, for tests'

export type RequestOptions = { json?: unknown; headers?: Record<string, string>; body?: string | FormData }

/** `body` is the parsed JSON, or the text of anything else. */
export type Answer = { status: number; headers: Headers; body: Record<string, unknown>; text: string }

export type Client = {
  workspaceId: string
  apiKey: string
  /** A request with this client's key, below /api/v1 unless the path begins with /api/ or /call/; `json` is the body. */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>
}

export type ApiWorld = World & {
  app: ReturnType<typeof createApi>
  /** What was logged as an error. */
  errors: object[]
  clock: { at: Date }
  /** A workspace of its own with a key, or a key for one that is there. */
  openClient(workspaceId?: string): Promise<Client>
}

/** `livekitUrl` is a simulator's; without it nobody answers there. */
export async function openApiWorld({
  livekitUrl,
  isRecording = true,
  ...options
}: Partial<ApiOptions> & { livekitUrl?: string; isRecording?: boolean } = {}): Promise<ApiWorld> {
  const world = await openWorld(livekitUrl ? { livekitUrl } : {})
  const clock = { at: new Date('2026-03-02T12:00:00.000Z') }
  const errors: object[] = []
  const log = { info: () => {}, warn: () => {}, error: (fields: object) => void errors.push(fields) }
  const app = createApi({
    deps: { ...world.apiDeps, log, ...(isRecording && { recorder: openRecorder(clock) }) },
    clock: { now: () => clock.at },
    auth: { jwtSecret },
    requestsPerMinute: 1_000_000,
    answerPatienceMs: 100,
    ...options,
  })
  const openClient = async (known?: string) => {
    const by = { actor: 'test', now: clock.at }
    const workspaceId = known ?? (await createWorkspace(world.deps, { name: 'Test' }, by)).id
    const key = await createApiKey(world.deps, { workspaceId, ...by }, { name: 'Test' })
    return openClientWith(app, { workspaceId, apiKey: key.secret })
  }
  return { ...world, app, errors, clock, openClient }
}

/** A storage that nobody asks: links are signed without it. */
function openRecorder(clock: { at: Date }): Recorder {
  const bucket = { bucket: 'calls', accessKey: 'AK', secretKey: 'SK', region: 'eu-central-1' }
  const livekit = { url: 'http://127.0.0.1:9', ...livekitKeys }
  return createRecorder({ when: 'always', bucket, keyPrefix: '' }, { livekit, clock: { realNow: () => clock.at } })
}

function openClientWith(app: ApiWorld['app'], known: { workspaceId: string; apiKey: string }): Client {
  return {
    ...known,
    send: (method, path, options = {}) =>
      send(app, addressOf(path), {
        ...options,
        method,
        headers: { 'x-api-key': known.apiKey, ...options.headers },
      }),
  }
}

/** Where a path of `describedRoutes` is served. */
export function addressOf(path: string): string {
  return /^\/(api|call)\//.test(path) ? path : `/api/v1${path}`
}

export async function send(
  app: ApiWorld['app'],
  path: string,
  { method = 'GET', json, body, headers = {} }: RequestOptions & { method?: string } = {},
): Promise<Answer> {
  const sent = json === undefined ? body : JSON.stringify(json)
  const typed = json === undefined ? headers : { 'content-type': 'application/json', ...headers }
  const answer = await app.request(path, { method, headers: typed, ...(sent === undefined ? {} : { body: sent }) })
  const text = await answer.text()
  const isJson = /json/.test(answer.headers.get('content-type') ?? '')
  return { status: answer.status, headers: answer.headers, text, body: isJson && text ? JSON.parse(text) : {} }
}

export function idOf(answer: Answer): string {
  if (typeof answer.body.id !== 'string') throw new Error(`expected an id in ${answer.text}`)
  return answer.body.id
}

/** Fails on the last page. */
export function cursorOf(answer: Answer): string {
  if (typeof answer.body.nextCursor !== 'string') throw new Error(`expected another page after ${answer.text}`)
  return answer.body.nextCursor
}
