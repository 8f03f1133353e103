import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'
import { uuids } from '../campaigns/feed-contacts.ts'

export type Candidate = { contactId: string; phoneNumber: string; name: string | null; attempts: number }

/**
 * The contacts that are due in the zones that are open, longest due first, and those of them that must not be called
 * any more. One index range per zone, so the cost grows with `limit` and not with the campaign.
 * No row locks: only claims take waiting contacts, and the caller holds the lane.
 */
export async function dueContacts(
  tx: Tx,
  input: { campaignId: string; openZones: string[]; now: Date; limit: number },
): Promise<{ callable: Candidate[]; suppressed: string[] }> {
  if (input.limit <= 0 || input.openZones.length === 0) return { callable: [], suppressed: [] }
  const rows = await tx.execute<{
    contact_id: string
    attempts: number
    phone_number: string
    name: string | null
    suppressed: boolean
  }>(sql`
    select due.contact_id, due.attempts, k.phone_number, k.name,
      exists (select from suppressions s where s.workspace_id = k.workspace_id and s.phone_number = k.phone_number) as suppressed
    from (
      select d.* from jsonb_array_elements_text(${JSON.stringify(input.openZones)}::jsonb) as zone(key)
      cross join lateral (
        select contact_id, due_at, attempts from campaign_contacts
        where campaign_id = ${input.campaignId} and zone_key = zone.key and state = 'waiting'
          and due_at <= ${input.now.toISOString()}::timestamptz
        order by due_at, contact_id limit ${input.limit}) d
      order by d.due_at, d.contact_id limit ${input.limit}) due
    join contacts k on k.id = due.contact_id
    order by due.due_at, due.contact_id`)
  return {
    callable: rows
      .filter((row) => !row.suppressed)
      .map((row) => ({
        contactId: row.contact_id,
        phoneNumber: row.phone_number,
        name: row.name,
        attempts: row.attempts,
      })),
    suppressed: rows.filter((row) => row.suppressed).map((row) => row.contact_id),
  }
}

/** When the next contact of each zone is due; zones without waiting contacts are left out. */
export async function nextDueByZone(tx: Tx, campaignId: string): Promise<Map<string, Date>> {
  const rows = await tx.execute<{ zone_key: string; due_at: string | null }>(sql`
    select z.zone_key, (
      select min(due_at) from campaign_contacts
      where campaign_id = z.campaign_id and zone_key = z.zone_key and state = 'waiting') as due_at
    from campaign_zones z where z.campaign_id = ${campaignId}`)
  return new Map(rows.flatMap((row) => (row.due_at ? [[row.zone_key, new Date(row.due_at)]] : [])))
}

/** The caller keeps the counters. */
export async function finishSuppressed(tx: Tx, input: { campaignId: string; contactIds: string[] }): Promise<void> {
  if (input.contactIds.length === 0) return
  await tx.execute(sql`
    update campaign_contacts set state = 'finished', finish_reason = 'suppressed'
    where campaign_id = ${input.campaignId} and contact_id = any(${uuids(input.contactIds)}) and state = 'waiting'`)
}
