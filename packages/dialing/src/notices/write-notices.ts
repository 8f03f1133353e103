import type { Tx } from '@outdial/database/client'
import { notices } from '@outdial/database/schema/calls'

/** What an endpoint can ask for. */
export const noticeEvents = [
  'call.started',
  'call.answered',
  'call.outcome',
  'call.ended',
  'campaign.started',
  'campaign.paused',
  'campaign.completed',
  'campaign.error',
  'endpoint.switched_off',
] as const
export type NoticeEvent = (typeof noticeEvents)[number]

export type Notice = {
  workspaceId: string
  event: NoticeEvent
  campaignId?: string | null
  callId?: string | null
  data: Record<string, unknown>
  now: Date
}

/**
 * Puts down what the customer's system is to be told, in the transaction of the change it tells of.
 * A second notice of a moment that happens once in a call changes nothing.
 */
export async function writeNotices(tx: Tx, told: Notice[]): Promise<void> {
  if (told.length === 0) return
  const rows = told.map(({ now, ...notice }) => ({ ...notice, dueAt: now }))
  await tx.insert(notices).values(rows).onConflictDoNothing()
}
