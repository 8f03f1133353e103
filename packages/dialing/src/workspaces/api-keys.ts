import { createHash, randomBytes } from 'node:crypto'
import { inWorkspace } from '@outdial/database/client'
import { apiKeys } from '@outdial/database/schema/workspaces'
import { and, desc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { name } from '../fields.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { NotFound } from '../refusals.ts'

export const createApiKeyInput = z.strictObject({ name })

export type ApiKey = {
  id: string
  name: string
  /** The first characters of the key, to tell keys apart. */
  prefix: string
  createdAt: Date
  lastUsedAt: Date | null
}

/** Makes a key. The secret is in the answer and nowhere else: only its SHA-256 is stored. */
export async function createApiKey(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: z.infer<typeof createApiKeyInput>,
): Promise<ApiKey & { secret: string }> {
  const secret = `odk_${randomBytes(32).toString('base64url')}`
  const stored = { prefix: prefixOf(secret), sha256: hashOf(secret) }
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [key] = await tx
      .insert(apiKeys)
      .values({ id: who.newId, workspaceId: who.workspaceId, name: input.name, createdAt: who.now, ...stored })
      // A repeat after a crash: nobody has seen the secret of the first try, so it may be replaced.
      .onConflictDoUpdate({ target: apiKeys.id, set: stored })
      .returning(visible)
    if (!key) throw new Error('the new API key was not stored')
    await writeAudit(tx, who, { action: 'api_key.created', entity: 'api_key', entityId: key.id })
    return { ...key, secret }
  })
}

/** The keys that open the workspace, newest first; revoked ones are not listed. */
export async function listApiKeys(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor }: PageInput,
): Promise<Page<ApiKey>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select(visible)
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.workspaceId, who.workspaceId),
          isNull(apiKeys.revokedAt),
          cursor ? lt(apiKeys.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(apiKeys.id))
      .limit(limit + 1),
  )
  return toPage(rows, limit)
}

/** The key opens nothing from now on. Throws NotFound also when it was revoked before. */
export async function revokeApiKey(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { apiKeyId }: { apiKeyId: string },
): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const revoked = await tx
      .update(apiKeys)
      .set({ revokedAt: who.now })
      .where(and(eq(apiKeys.id, apiKeyId), eq(apiKeys.workspaceId, who.workspaceId), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id })
    if (revoked.length === 0) throw new NotFound('API key', apiKeyId)
    await writeAudit(tx, who, { action: 'api_key.revoked', entity: 'api_key', entityId: apiKeyId })
  })
}

export type KeyOwner = { apiKeyId: string; workspaceId: string; prefix: string }

/** Whose key this is; null when it opens nothing. Works before any workspace is known. */
export async function findApiKey(deps: Pick<Deps, 'db'>, secret: string): Promise<KeyOwner | null> {
  const rows = await deps.db.execute<{ id: string; workspace_id: string; prefix: string }>(
    sql`select id, workspace_id, prefix from find_api_key(${hashOf(secret)})`,
  )
  const row = rows[0]
  return row ? { apiKeyId: row.id, workspaceId: row.workspace_id, prefix: row.prefix } : null
}

/** Notes that a key is in use, at most once a minute of `now`. */
export async function touchApiKey(
  deps: Pick<Deps, 'db'>,
  { owner, now }: { owner: KeyOwner; now: Date },
): Promise<void> {
  const { apiKeyId, workspaceId } = owner
  const stale = new Date(now.getTime() - 60_000)
  await inWorkspace(deps.db, workspaceId, (tx) =>
    tx
      .update(apiKeys)
      .set({ lastUsedAt: now })
      .where(and(eq(apiKeys.id, apiKeyId), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, stale)))),
  )
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Enough to recognise a key by, and of a short chosen one not enough to guess it. */
export function prefixOf(secret: string): string {
  return secret.startsWith('odk_') ? secret.slice(0, 10) : secret.slice(0, 4)
}

const visible = {
  id: apiKeys.id,
  name: apiKeys.name,
  prefix: apiKeys.prefix,
  createdAt: apiKeys.createdAt,
  lastUsedAt: apiKeys.lastUsedAt,
}
