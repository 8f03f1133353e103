import type { Tx } from '@outdial/database/client'
import { notices } from '@outdial/database/schema/calls'
import { type SQL, sql } from 'drizzle-orm'

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

/** The same as a part of another statement, `with … as (<this>)`, where `rows` has a row; nothing where it has none. */
export function noticeEach(rows: SQL, told: Notice[]): SQL {
  return sql`
    insert into notices (workspace_id, event, campaign_id, call_id, data, due_at)
    select n."workspaceId", n.event, n."campaignId", n."callId", n.data, n.now
    from ${rows}, jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as n(
      "workspaceId" uuid, event text, "campaignId" uuid, "callId" uuid, data jsonb, now timestamptz)
    on conflict do nothing`
}
