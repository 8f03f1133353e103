import { findApiKey, type KeyOwner, touchApiKey } from '@outdial/dialing/workspaces/api-keys'
import { readWorkspace } from '@outdial/dialing/workspaces/workspaces'
import type { MiddlewareHandler } from 'hono'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { Problem } from '../http/problem.ts'
import type { ReadToken } from './read-token.ts'

/** Who asks, known from an API key or a JWT; without either the answer is 401. Sets `who` and `rateKey`. */
export function authenticate(deps: RouteDeps, readToken: ReadToken): MiddlewareHandler<ApiEnv> {
  const markUse = createUseMarker(deps)
  const isWorkspace = createWorkspaceCheck(deps)

  return async (c, next) => {
    const { token, apiKey } = credentials(c.req.header('authorization'), c.req.header('x-api-key'))
    const now = deps.clock.now()
    if (apiKey !== undefined) {
      const owner = await findApiKey(deps, apiKey)
      if (!owner) throw unauthorized('invalid_api_key', 'The API key is not known or was revoked. Use another one.')
      await markUse(owner, now)
      c.set('who', { workspaceId: owner.workspaceId, actor: `key:${owner.prefix}`, now })
      c.set('rateKey', owner.apiKeyId)
    } else if (token !== undefined) {
      const claims = await readToken(token)
      if (!claims.ok) throw unauthorized('invalid_token', claims.reason)
      if (!(await isWorkspace(claims.workspaceId))) {
        throw unauthorized(
          'invalid_token',
          'The workspace of the token does not exist. Mint a token for one that does.',
        )
      }
      c.set('who', { workspaceId: claims.workspaceId, actor: `user:${claims.subject}`, now })
      c.set('rateKey', `${claims.workspaceId}:${claims.subject}`)
    } else {
      const detail = 'Send an API key in the header x-api-key, or a JWT as Authorization: Bearer.'
      throw unauthorized('no_credentials', detail)
    }
    return next()
  }
}

/** A bearer that is not a JWT is an API key: some clients can send nothing else. */
function credentials(
  authorization: string | undefined,
  apiKeyHeader: string | undefined,
): { token?: string; apiKey?: string } {
  if (apiKeyHeader?.trim()) return { apiKey: apiKeyHeader.trim() }
  const bearer = authorization?.match(/^Bearer +(\S+)$/i)?.[1]
  if (bearer === undefined) return {}
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(bearer) ? { token: bearer } : { apiKey: bearer }
}

function unauthorized(code: string, detail: string): Problem {
  const error = code === 'no_credentials' ? '' : `, error="invalid_token"`
  return new Problem(401, code, { detail, headers: { 'www-authenticate': `Bearer realm="outdial"${error}` } })
}

/** "Last used" is for people: once a minute is enough, and not worth failing a request for. */
function createUseMarker(deps: RouteDeps) {
  const markedMs = new Map<string, number>()
  return async (owner: KeyOwner, now: Date): Promise<void> => {
    const last = markedMs.get(owner.apiKeyId)
    if (last !== undefined && Math.abs(Date.now() - last) < 60_000) return
    if (markedMs.size > 10_000) markedMs.clear()
    markedMs.set(owner.apiKeyId, Date.now())
    await touchApiKey(deps, { owner, now }).catch((error: unknown) => {
      deps.log.warn({ err: error, apiKeyId: owner.apiKeyId }, 'could not note the use of an API key')
    })
  }
}

/** Workspaces are never deleted, so one that was seen needs no second look. */
function createWorkspaceCheck(deps: RouteDeps) {
  const known = new Set<string>()
  return async (workspaceId: string): Promise<boolean> => {
    if (known.has(workspaceId)) return true
    const found = await readWorkspace(deps, { workspaceId }).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'NotFound') return null
      throw error
    })
    if (found && known.size < 10_000) known.add(workspaceId)
    return found !== null
  }
}
