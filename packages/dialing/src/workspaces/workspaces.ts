import type { Tx } from '@outdial/database/client'
import { inWorkspace } from '@outdial/database/client'
import { apiKeys, workspaces } from '@outdial/database/schema/workspaces'
import { asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { logEvents } from '../event-log.ts'
import { name } from '../fields.ts'
import { NotFound } from '../refusals.ts'
import { hashOf, prefixOf } from './api-keys.ts'

export const createWorkspaceInput = z.strictObject({ name })

/** How often a number may be called by everything in a workspace together. */
const attemptLimit = z.strictObject({
  calls: z.int().min(1).max(100),
  hours: z.int().min(1).max(720),
})

const retentionDays = z.int().min(1).max(3_650).nullable().optional()

export const workspacePatch = z.strictObject({
  name: name.optional(),
  attemptLimit: attemptLimit.nullable().optional().meta({
    description: 'No number is called by campaigns more often than `calls` times within `hours` hours; null: no limit.',
  }),
  recordingRetentionDays: retentionDays.meta({
    description: 'Days after a call for which its recording is kept; null: for good.',
  }),
  transcriptRetentionDays: retentionDays.meta({
    description: 'Days after a call for which its words are kept; null: for good.',
  }),
})

/** The key of an installation's own workspace, chosen by its operator. */
export const chosenApiKey = z
  .string()
  .min(16, 'must have at least 16 characters: whoever knows the key may call people')
  .max(200, 'must have at most 200 characters')
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')

export type Workspace = {
  id: string
  name: string
  attemptLimit: z.infer<typeof attemptLimit> | null
  recordingRetentionDays: number | null
  transcriptRetentionDays: number | null
  createdAt: Date
}

/** Makes a tenant. Needs a connection as `engine`: the API's role sees one workspace and makes none. */
export async function createWorkspace(
  deps: Pick<Deps, 'db'>,
  input: z.infer<typeof createWorkspaceInput>,
  { actor, now }: { actor: string; now: Date },
): Promise<Workspace> {
  return deps.db.transaction((tx) => insertWorkspace(tx, input.name, { actor, now }))
}

export async function readWorkspace(deps: Pick<Deps, 'db'>, who: Pick<Who, 'workspaceId'>): Promise<Workspace> {
  const [workspace] = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx.select().from(workspaces).where(eq(workspaces.id, who.workspaceId)),
  )
  if (!workspace) throw new NotFound('workspace', who.workspaceId)
  return toWorkspace(workspace)
}

/** Changes what is given. A new limit holds from the next claim and permit on. */
export async function changeWorkspace(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { name, attemptLimit, recordingRetentionDays, transcriptRetentionDays }: z.infer<typeof workspacePatch>,
): Promise<Workspace> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const ofOwn = eq(workspaces.id, who.workspaceId)
    const set = {
      ...(name !== undefined && { name }),
      ...(attemptLimit !== undefined && { attemptLimitCalls: attemptLimit?.calls ?? null }),
      ...(attemptLimit && { attemptLimitHours: attemptLimit.hours }),
      ...(recordingRetentionDays !== undefined && { recordingRetentionDays }),
      ...(transcriptRetentionDays !== undefined && { transcriptRetentionDays }),
    }
    const [row] = Object.keys(set).length
      ? await tx.update(workspaces).set(set).where(ofOwn).returning()
      : await tx.select().from(workspaces).where(ofOwn)
    if (!row) throw new NotFound('workspace', who.workspaceId)
    const details = { fields: Object.keys(set) }
    await writeAudit(tx, who, { action: 'workspace.changed', entity: 'workspace', entityId: row.id, details })
    await logLimit(tx, row, who.now)
    return toWorkspace(row)
  })
}

/** Arbitrary, the same in every process: two that start at once must not make two default workspaces. */
const defaultWorkspaceLock = 712_406_552

/**
 * The oldest workspace called Default, made if missing, and `apiKey` as a key for it, made if missing.
 * Needs a connection as `engine`. Throws when the key was revoked or opens another workspace.
 */
export async function ensureDefaultWorkspace(
  deps: Pick<Deps, 'db'>,
  { apiKey, now }: { apiKey?: string; now: Date },
): Promise<Workspace> {
  const secret = apiKey === undefined ? undefined : chosenApiKey.parse(apiKey)
  return deps.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${defaultWorkspaceLock})`)
    const [found] = await tx
      .select()
      .from(workspaces)
      .where(eq(workspaces.name, 'Default'))
      .orderBy(asc(workspaces.id))
      .limit(1)
    const workspace = found ? toWorkspace(found) : await insertWorkspace(tx, 'Default', { actor: 'setup', now })
    if (secret) await ensureKey(tx, { workspace, secret, now })
    return workspace
  })
}

async function insertWorkspace(tx: Tx, name: string, { actor, now }: { actor: string; now: Date }): Promise<Workspace> {
  const [workspace] = await tx.insert(workspaces).values({ name, createdAt: now }).returning()
  if (!workspace) throw new Error('the new workspace was not stored')
  await writeAudit(
    tx,
    { workspaceId: workspace.id, actor, now },
    { action: 'workspace.created', entity: 'workspace', entityId: workspace.id },
  )
  await logLimit(tx, workspace, now)
  return toWorkspace(workspace)
}

type Row = typeof workspaces.$inferSelect

async function logLimit(tx: Tx, row: Row, at: Date): Promise<void> {
  const { attemptLimit } = toWorkspace(row)
  await logEvents(tx, [{ kind: 'workspace_changed', at, workspaceId: row.id, details: { attemptLimit } }])
}

function toWorkspace(row: Row): Workspace {
  const { id, name, attemptLimitCalls: calls, attemptLimitHours: hours, createdAt } = row
  const { recordingRetentionDays, transcriptRetentionDays } = row
  const attemptLimit = calls === null ? null : { calls, hours }
  return { id, name, attemptLimit, recordingRetentionDays, transcriptRetentionDays, createdAt }
}

async function ensureKey(
  tx: Tx,
  { workspace, secret, now }: { workspace: Workspace; secret: string; now: Date },
): Promise<void> {
  const sha256 = hashOf(secret)
  const [known] = await tx.select().from(apiKeys).where(eq(apiKeys.sha256, sha256))
  if (known && known.workspaceId === workspace.id && !known.revokedAt) return
  if (known) {
    const why = known.revokedAt ? 'was revoked' : 'belongs to another workspace'
    throw new Error(`The API key ${known.prefix}… ${why}: choose another one.`)
  }
  const key = { workspaceId: workspace.id, name: 'Set up with the installation', prefix: prefixOf(secret), sha256 }
  const [created] = await tx
    .insert(apiKeys)
    .values({ ...key, createdAt: now })
    .returning({ id: apiKeys.id })
  await writeAudit(
    tx,
    { workspaceId: workspace.id, actor: 'setup', now },
    { action: 'api_key.created', entity: 'api_key', entityId: created?.id ?? null },
  )
}
