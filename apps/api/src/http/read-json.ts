import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ApiEnv } from '../context.ts'
import { invalidRequest, type WrongField } from './problem.ts'
import { tooLarge } from './to-problem.ts'

const maxBytes = 10 * 1024 * 1024
const maxDepth = 32
const maxValues = 1_000_000

/** Arrays of more would be refused by every schema anyway, but only after each entry was looked at. */
const maxEntries = 20_000

const limitBody = bodyLimit({
  maxSize: maxBytes,
  onError: () => {
    throw tooLarge()
  },
})

/**
 * Reads a JSON body before anything else does, and refuses what no field of ours may hold: text that PostgreSQL cannot
 * store, numbers that are none, keys that reach into prototypes, and shapes made to exhaust us. Other bodies pass.
 */
export const readJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  // Some clients announce JSON with everything they send.
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  if (!/^application\/([\w.-]+\+)?json\b/i.test(c.req.header('content-type') ?? '')) return next()
  const tooBig = await limitBody(c, async () => {
    const text = await c.req.text()
    // Many clients announce JSON and send nothing where nothing is needed.
    if (text.trim() === '') sendInstead(c, '{}')
    else checkJson(text)
  })
  if (tooBig) return tooBig
  return next()
}

function sendInstead(c: Context<ApiEnv>, body: string): void {
  const { url, method, headers } = c.req.raw
  delete c.req.bodyCache.text
  c.req.raw = new Request(url, { method, headers, body })
}

/** Throws the problem that names the first field that cannot be used. */
function checkJson(text: string): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be parsed'
    throw invalidRequest([{ field: 'body', code: 'malformed_json', message: `is not JSON: ${reason}` }])
  }
  const seen = { values: 0 }
  const wrong = findUnusable(value, { path: [], seen })
  if (wrong) throw invalidRequest([wrong])
}

function findUnusable(value: unknown, at: { path: string[]; seen: { values: number } }): WrongField | undefined {
  const refuse = (code: string, message: string) => ({ field: at.path.join('.') || 'body', code, message })
  at.seen.values += 1
  if (at.seen.values > maxValues) return refuse('too_big', 'holds too many values')
  if (typeof value === 'string') {
    const why = unusableText(value)
    return why === undefined ? undefined : refuse('invalid_text', why)
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : refuse('too_big', 'is too large a number')
  if (typeof value !== 'object' || value === null) return undefined
  if (at.path.length >= maxDepth) return refuse('too_deep', `is nested more than ${maxDepth} levels deep`)
  if (Array.isArray(value) && value.length > maxEntries) return refuse('too_big', `has more than ${maxEntries} entries`)
  for (const [key, child] of Object.entries(value)) {
    const path = [...at.path, key]
    if (key === '__proto__' || unusableText(key)) {
      return { field: path.join('.'), code: 'invalid_key', message: 'is a key that cannot be used' }
    }
    const wrong = findUnusable(child, { path, seen: at.seen })
    if (wrong) return wrong
  }
  return undefined
}

/** Why PostgreSQL cannot store this text; undefined when it can. */
export function unusableText(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain the NUL character'
  return text.isWellFormed() ? undefined : 'must be well-formed Unicode'
}
