import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'
import { attemptsToNumber, type NumberAttempts, type NumberBlock, toBlock } from '../calls/attempts-to-number.ts'
import { uuids } from '../campaigns/feed-contacts.ts'
import { logEach } from '../event-log.ts'

export type Candidate = {
  contactId: string
  phoneNumber: string
  name: string | null
  attempts: number
  zoneKey: string
}

/** A contact whose number was called too often, or is in another call, and is due again then. */
export type Deferred = NumberBlock & { contactId: string }

export type DueContacts = { callable: Candidate[]; suppressed: string[]; deferred: Deferred[] }

/**
 * The contacts that are due in the zones that are open, longest due first, and those of them that must not be called
 * now, or not any more. One index range per zone, so the cost grows with `limit` and not with the campaign.
 * No row locks: only claims take waiting contacts, and the caller holds the lane. The permit looks at the number again,
 * under a lock, since campaigns of other lanes may call it too.
 */
export async function dueContacts(
  tx: Tx,
  input: { campaignId: string; openZones: string[]; now: Date; limit: number },
): Promise<DueContacts> {
  const found: DueContacts = { callable: [], suppressed: [], deferred: [] }
  if (input.limit <= 0 || input.openZones.length === 0) return found
  const rows = await tx.execute<
    NumberAttempts & {
      contact_id: string
      attempts: number
      zone_key: string
      phone_number: string
      name: string | null
      suppressed: boolean
    }
  >(sql`
    select due.contact_id, due.attempts, due.zone_key, k.phone_number, k.name,
      w.attempt_limit_calls as limit_calls, w.attempt_limit_hours as limit_hours, recent.*,
      exists (select from suppressions s where s.workspace_id = k.workspace_id and s.phone_number = k.phone_number) as suppressed
    from (
      select d.* from jsonb_array_elements_text(${JSON.stringify(input.openZones)}::jsonb) as zone(key)
      cross join lateral (
        select contact_id, due_at, attempts, zone_key from campaign_contacts
        where campaign_id = ${input.campaignId} and zone_key = zone.key and state = 'waiting'
          and due_at <= ${input.now.toISOString()}::timestamptz
        order by due_at, contact_id limit ${input.limit}) d
      order by d.due_at, d.contact_id limit ${input.limit}) due
    join contacts k on k.id = due.contact_id
    join workspaces w on w.id = k.workspace_id
    cross join lateral (${attemptsToNumber({ workspace: sql`w`, phoneNumber: sql`k.phone_number`, now: input.now })}) recent
    order by due.due_at, due.contact_id`)
  for (const row of rows) {
    const { contact_id: contactId, phone_number: phoneNumber, zone_key: zoneKey, name, attempts } = row
    const block = toBlock(row, input.now)
    if (row.suppressed) found.suppressed.push(contactId)
    else if (block) found.deferred.push({ contactId, ...block })
    else found.callable.push({ contactId, phoneNumber, name, attempts, zoneKey })
  }
  return found
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

type Passed = { campaign: { id: string; workspaceId: string }; now: Date }

/** The caller keeps the counters. */
export async function finishSuppressed(
  tx: Tx,
  { campaign, contactIds, now }: Passed & { contactIds: string[] },
): Promise<void> {
  if (contactIds.length === 0) return
  const entry = { kind: 'finished', at: now, workspaceId: campaign.workspaceId, campaignId: campaign.id } as const
  const details = { reason: 'suppressed', disposition: null, outcome: null }
  await tx.execute(sql`
    with passed as (
      update campaign_contacts set state = 'finished', finish_reason = 'suppressed'
      where campaign_id = ${campaign.id} and contact_id = any(${uuids(contactIds)}) and state = 'waiting'
      returning contact_id)
    ${logEach(sql`passed`, { ...entry, contactId: sql`contact_id`, details })}`)
}

/** They wait until their number may be called again. */
export async function deferContacts(
  tx: Tx,
  { campaign, deferred, now }: Passed & { deferred: Deferred[] },
): Promise<void> {
  if (deferred.length === 0) return
  const entry = { kind: 'deferred', at: now, workspaceId: campaign.workspaceId, campaignId: campaign.id } as const
  const details = sql`jsonb_build_object('reason', reason, 'until', until)`
  await tx.execute(sql`
    with passed as (
      update campaign_contacts c set due_at = w.until::timestamptz
      from jsonb_to_recordset(${JSON.stringify(deferred)}::jsonb) as w("contactId" uuid, reason text, until text)
      where c.campaign_id = ${campaign.id} and c.contact_id = w."contactId" and c.state = 'waiting'
      returning c.contact_id, w.reason, w.until)
    ${logEach(sql`passed`, { ...entry, contactId: sql`contact_id`, details })}`)
}
