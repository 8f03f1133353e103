import type { Tx } from '@outdial/database/client'
import { auditLog } from '@outdial/database/schema/workspaces'
import type { Who } from './deps.ts'

/** Writes who did what, in the transaction that did it. */
export async function writeAudit(
  tx: Tx,
  who: Who,
  entry: { action: string; entity: string; entityId: string | null; details?: Record<string, unknown> },
): Promise<void> {
  await tx.insert(auditLog).values({
    workspaceId: who.workspaceId,
    actor: who.actor,
    at: who.now,
    ...entry,
    details: entry.details ?? {},
  })
}
