import { createHash } from 'node:crypto'
import { inWorkspace, type Tx } from '@outdial/database/client'
import { idempotencyKeys } from '@outdial/database/schema/workspaces'
import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { Conflict } from '../refusals.ts'

/*
 * A repeated request must not create or dial twice, whatever was killed in between. Three things make that so:
 * the key's row is committed before any work; it holds the id of what the work creates, so that work done again meets
 * its own primary key; and who died holding it is overtaken after `leaseMs`. Two that run at once are therefore harmless
 * too. Times here are real time, not the dialer's clock: a client's retry does not run faster because a demo does.
 */

const keptMs = 24 * 3_600_000
const leaseMs = 60_000

/** `key` as the client sent it; `request` is what must be the same in a repeat. */
export type Attempt = { workspaceId: string; key: string; request: string; at: Date }

export type Taken =
  | { kind: 'mine'; newId: string }
  | { kind: 'answered'; status: number; body: unknown }
  | { kind: 'running' }

/** Takes the key for this request, or tells what became of it. Throws Conflict when it was used for another request. */
export async function takeIdempotencyKey(deps: Pick<Deps, 'db'>, attempt: Attempt): Promise<Taken> {
  const { workspaceId, at } = attempt
  return inWorkspace(deps.db, workspaceId, async (tx) => {
    await deleteOldKeys(tx, attempt)
    const row = {
      workspaceId,
      key: hash(attempt.key),
      requestSha256: hash(attempt.request),
      takenAt: at,
      createdAt: at,
    }
    const [inserted] = await tx.insert(idempotencyKeys).values(row).onConflictDoNothing().returning()
    if (inserted) return { kind: 'mine', newId: inserted.newId }

    const [known] = await tx.select().from(idempotencyKeys).where(ownRow(attempt)).for('update')
    if (!known) return { kind: 'running' }
    if (known.requestSha256 !== row.requestSha256) {
      const message = 'This Idempotency-Key was used for another request. Choose a new key for a new request.'
      throw new Conflict('idempotency_conflict', message)
    }
    if (known.responseStatus !== null) {
      return { kind: 'answered', status: known.responseStatus, body: known.responseBody }
    }
    if (at.getTime() - known.takenAt.getTime() < leaseMs) return { kind: 'running' }
    await tx.update(idempotencyKeys).set({ takenAt: at }).where(ownRow(attempt))
    return { kind: 'mine', newId: known.newId }
  })
}

/** Keeps the answer, for repeats. The first one kept stays. */
export async function keepAnswer(
  deps: Pick<Deps, 'db'>,
  attempt: Attempt,
  answer: { status: number; body: unknown },
): Promise<void> {
  await inWorkspace(deps.db, attempt.workspaceId, (tx) =>
    tx
      .update(idempotencyKeys)
      .set({ responseStatus: answer.status, responseBody: answer.body })
      .where(and(ownRow(attempt), isNull(idempotencyKeys.responseStatus))),
  )
}

/** The request was refused and changed nothing: its key may be used as if never seen. */
export async function forgetIdempotencyKey(deps: Pick<Deps, 'db'>, attempt: Attempt): Promise<void> {
  await inWorkspace(deps.db, attempt.workspaceId, (tx) =>
    tx.delete(idempotencyKeys).where(and(ownRow(attempt), isNull(idempotencyKeys.responseStatus))),
  )
}

/** The work broke off and may have been done or not: the next repeat takes over at once, with the same id. */
export async function releaseIdempotencyKey(deps: Pick<Deps, 'db'>, attempt: Attempt): Promise<void> {
  await inWorkspace(deps.db, attempt.workspaceId, (tx) =>
    tx
      .update(idempotencyKeys)
      .set({ takenAt: new Date(0) })
      .where(ownRow(attempt)),
  )
}

/** The one asked for, if it is old, and some others, so that the table stays small without a job of its own. */
async function deleteOldKeys(tx: Tx, attempt: Attempt): Promise<void> {
  const old = lt(idempotencyKeys.createdAt, new Date(attempt.at.getTime() - keptMs))
  await tx.delete(idempotencyKeys).where(and(ownRow(attempt), old))
  await tx.execute(sql`
    delete from ${idempotencyKeys} where ctid = any(array(
      select ctid from ${idempotencyKeys} where ${old} limit 100 for update skip locked))`)
}

function ownRow({ workspaceId, key }: Attempt) {
  return and(eq(idempotencyKeys.workspaceId, workspaceId), eq(idempotencyKeys.key, hash(key)))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
