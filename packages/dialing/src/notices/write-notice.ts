import type { Tx } from '@outdial/database/client'
import { notices } from '@outdial/database/schema/calls'

export type NoticeEvent =
  | 'call.started'
  | 'call.answered'
  | 'call.outcome'
  | 'call.ended'
  | 'campaign.started'
  | 'campaign.paused'
  | 'campaign.completed'
  | 'campaign.error'

/**
 * Puts down what the customer's system is to be told, in the transaction of the change it tells of.
 * A second notice of a moment that happens once in a call changes nothing.
 */
export async function writeNotice(
  tx: Tx,
  notice: {
    workspaceId: string
    event: NoticeEvent
    campaignId?: string | null
    callId?: string | null
    data: Record<string, unknown>
    now: Date
  },
): Promise<void> {
  const { now, ...values } = notice
  await tx
    .insert(notices)
    .values({ ...values, dueAt: now })
    .onConflictDoNothing()
}
