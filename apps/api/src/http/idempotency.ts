import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import {
  type Attempt,
  forgetIdempotencyKey,
  keepAnswer,
  releaseIdempotencyKey,
  type Taken,
  takeIdempotencyKey,
} from '@outdial/dialing/workspaces/idempotency'
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { invalidRequest, Problem } from './problem.ts'
import { toProblem } from './to-problem.ts'

/** How long a repeat waits for the first request to be answered, before it is told to come back. */
const waitMs = 5_000
const pollMs = 100

/**
 * For a POST with an Idempotency-Key: the first request works, repeats within 24 hours get its answer. Answers that
 * changed nothing (4xx) are not kept, so that a corrected repeat works. See dialing/workspaces/idempotency for what
 * happens when somebody dies in between.
 */
export function repeatSafely(deps: RouteDeps): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (c.req.method !== 'POST' || streamedPaths.has(c.req.path)) return next()
    const turn = await takeTurn(deps, c)
    if (turn.replay) return turn.replay
    if (turn.newId === undefined) return next()
    c.set('who', { ...c.var.who, newId: turn.newId })
    await next()
    if (c.error || c.res.status >= 400) await turn.giveUp(c.error)
    else await turn.keep({ status: c.res.status, body: await c.res.clone().json() })
  })
}

/** Their answers begin before the work is done, so they take their turn themselves. */
const streamedPaths: ReadonlySet<string> = new Set(['/api/v1/csv-files'])

export type Turn = {
  /** The answer of the first request: send it and do nothing. */
  replay?: Response
  /** The id for what the request creates; undefined without an Idempotency-Key. */
  newId?: string
  /** To be called with the answer, before it is sent. */
  keep(answer: { status: number; body: unknown }): Promise<void>
  /** To be called with the error when there is no answer to keep. */
  giveUp(error: unknown): Promise<void>
}

/** Waits for its turn where the same request is under way. Throws Problem 409 for another request or too long a wait. */
export async function takeTurn(deps: RouteDeps, c: Context<ApiEnv>): Promise<Turn> {
  const key = c.req.header('idempotency-key')
  const nothing = async () => {}
  if (key === undefined) return { keep: nothing, giveUp: nothing }
  const { workspaceId } = c.var.who
  const attempt = { workspaceId, key: checkKey(key), request: await fingerprint(c) }

  const taken = await takeOrWait(deps, attempt)
  if (taken.kind === 'running') {
    const detail = 'The first request with this Idempotency-Key is still being worked on. Repeat it in a moment.'
    throw new Problem(409, 'idempotency_in_progress', { detail, headers: { 'retry-after': '1' } })
  }
  if (taken.kind === 'answered') return { replay: replay(c, { key, ...taken }), keep: nothing, giveUp: nothing }
  const now = () => ({ ...attempt, at: new Date() })
  return {
    newId: taken.newId,
    keep: ({ status, body }) =>
      keepAnswer(deps, now(), { status, body: c.var.hasSecret ? seal(body, { key, workspaceId }) : body }),
    // A refusal changed nothing. Whatever else happened, the work may have been done: the id must stay the same.
    giveUp: (error) => (changedNothing(error) ? forgetIdempotencyKey : releaseIdempotencyKey)(deps, now()),
  }
}

function changedNothing(error: unknown): boolean {
  const { status, hadEffect } = toProblem(error)
  return status < 500 && !hadEffect
}

function checkKey(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key
  const message = 'must be 1 to 255 printable ASCII characters'
  throw invalidRequest([{ field: 'Idempotency-Key', code: 'invalid_format', message }])
}

/** What must be the same in a repeat. A streamed upload is known by its length: its bytes are gone when they are read. */
async function fingerprint(c: Context<ApiEnv>): Promise<string> {
  const { method, path } = c.req
  const query = new URL(c.req.url).search
  const isJson = c.req.bodyCache.text !== undefined
  const body = isJson ? await c.req.text() : `${c.req.header('content-length') ?? ''}`
  return createHash('sha256')
    .update(JSON.stringify([method, path, query, body]))
    .digest('hex')
}

async function takeOrWait(deps: RouteDeps, attempt: Omit<Attempt, 'at'>): Promise<Taken> {
  const deadlineMs = performance.now() + waitMs
  for (;;) {
    const taken = await takeIdempotencyKey(deps, { ...attempt, at: new Date() })
    if (taken.kind !== 'running' || performance.now() > deadlineMs) return taken
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function replay(c: Context<ApiEnv>, { key, status, body }: { key: string; status: number; body: unknown }): Response {
  const { workspaceId } = c.var.who
  c.header('idempotency-replayed', 'true')
  return c.json(isSealed(body) ? open(body, { key, workspaceId }) : body, status as ContentfulStatusCode)
}

type Sealed = { sealed: string }
type SealedFor = { key: string; workspaceId: string }

/** An answer with a secret is kept so that only who has the Idempotency-Key can read it; the table holds its hash. */
function seal(body: unknown, to: SealedFor): Sealed {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(to), iv)
  const text = Buffer.concat([cipher.update(JSON.stringify(body), 'utf8'), cipher.final()])
  return { sealed: Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64') }
}

function open({ sealed }: Sealed, from: SealedFor): unknown {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(from), bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(12, 28))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'))
}

function sealingKey({ key, workspaceId }: SealedFor): Buffer {
  return Buffer.from(hkdfSync('sha256', key, workspaceId, 'outdial kept answer', 32))
}

function isSealed(body: unknown): body is Sealed {
  return typeof body === 'object' && body !== null && 'sealed' in body && typeof body.sealed === 'string'
}
