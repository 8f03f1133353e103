import type { Tx } from '@outdial/database/client'
import { noticeEndpoints } from '@outdial/database/schema/notices'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Who } from '../deps.ts'
import { archiveEndpoint } from './endpoints.ts'
import { newNoticeSecret } from './sign-notice.ts'

/**
 * Keeps the endpoint of an assistant's end-call URL in step with it, in the transaction that changes the assistant:
 * there while it has one, with a secret of its own that stays when the URL changes.
 */
export async function followEndCallUrl(tx: Tx, who: Who, assistant: { id: string; url: string | null }): Promise<void> {
  const { id: assistantId, url } = assistant
  const own = eq(noticeEndpoints.assistantId, assistantId)
  if (url === null) {
    const [endpoint] = await tx
      .select({ id: noticeEndpoints.id })
      .from(noticeEndpoints)
      .where(and(own, isNull(noticeEndpoints.archivedAt)))
    if (endpoint) await archiveEndpoint(tx, { endpointId: endpoint.id, now: who.now })
    return
  }
  // Another address is another receiver: what the one before did wrong is forgotten.
  const fresh = { failures: 0, failingSince: null, heldUntil: null, switchedOffAt: null, switchedOffReason: null }
  const at = { createdAt: who.now, updatedAt: who.now }
  const events = ['call.ended']
  await tx
    .insert(noticeEndpoints)
    .values({ workspaceId: who.workspaceId, assistantId, url, events, secret: newNoticeSecret(), ...at })
    .onConflictDoUpdate({
      target: noticeEndpoints.assistantId,
      targetWhere: sql`${noticeEndpoints.assistantId} is not null`,
      set: { url, archivedAt: null, updatedAt: who.now, ...fresh },
      setWhere: sql`${noticeEndpoints.url} <> excluded.url or ${noticeEndpoints.archivedAt} is not null`,
    })
}
