import type { Tx } from '@outdial/database/client'
import { assistants, trunks } from '@outdial/database/schema/assistants'
import { and, desc, eq, isNull } from 'drizzle-orm'
import { InvalidInput } from '../refusals.ts'

/**
 * The trunk a call goes out on: the one named, else the assistant's, else the fallback, else the workspace's default,
 * else its only one.
 * @throws InvalidInput when none of these exists
 */
export async function resolveTrunk(
  tx: Tx,
  wish: { assistantId: string | null; trunkId?: string | null; fallbackId?: string },
): Promise<string> {
  const [assistant] = wish.assistantId
    ? await tx.select().from(assistants).where(eq(assistants.id, wish.assistantId))
    : []
  const named = wish.trunkId ?? assistant?.trunkId ?? wish.fallbackId
  if (named) {
    const [trunk] = await tx
      .select()
      .from(trunks)
      .where(and(eq(trunks.id, named), isNull(trunks.archivedAt)))
    if (trunk) return trunk.id
    throw refuse(`trunk ${named} was removed: choose another one`)
  }
  const active = await tx
    .select()
    .from(trunks)
    .where(isNull(trunks.archivedAt))
    .orderBy(desc(trunks.isDefault))
    .limit(2)
  const [first, second] = active
  if (!first) throw refuse('the workspace has no trunk: create one with POST /api/v1/trunks')
  if (second && !first.isDefault) throw refuse('the workspace has several trunks and no default: name one')
  return first.id
}

function refuse(message: string): InvalidInput {
  return new InvalidInput([{ field: 'trunkId', code: 'no_trunk', message }])
}
