import type { Tx } from '@outdial/database/client'
import type { campaigns } from '@outdial/database/schema/campaigns'
import { localDay } from '@outdial/policy/calling-window'
import { withinAttempts } from '@outdial/policy/retry'
import type { FinishReason } from '@outdial/policy/states'
import { sql } from 'drizzle-orm'
import { attemptsToNumber, type NumberAttempts, type NumberBlock, toBlock } from '../calls/attempts-to-number.ts'
import { logEach } from '../event-log.ts'

export type Candidate = {
  contactId: string
  phoneNumber: string
  name: string | null
  attempts: number
  zoneKey: string
}

/** A contact that must not be called any more. */
export type Finished = { contactId: string; reason: FinishReason }

/** A contact who, or whose number, was called too often, or is in another call, and is due again then. */
export type Deferred = NumberBlock & { contactId: string }

export type DueContacts = { callable: Candidate[]; finished: Finished[]; deferred: Deferred[] }

type AttemptLimits = Pick<
  typeof campaigns.$inferSelect,
  'id' | 'timezone' | 'maxAttemptsPerContact' | 'maxAttemptsPerDay'
>

/**
 * The contacts that are due in the zones that are open, longest due first, and those of them that must not be called
 * now, or not any more. One index range per zone, so the cost grows with `limit` and not with the campaign. Who is due
 * was within the campaign's attempts when the last call was settled; they may have been lowered since.
 * No row locks: only claims take waiting contacts, and the caller holds the lane. The permit looks at the number again,
 * under a lock, since campaigns of other lanes may call it too.
 */
export async function dueContacts(
  tx: Tx,
  input: { campaign: AttemptLimits; openZones: string[]; now: Date; limit: number },
): Promise<DueContacts> {
  const { campaign, now } = input
  const found: DueContacts = { callable: [], finished: [], deferred: [] }
  if (input.limit <= 0 || input.openZones.length === 0) return found
  const rows = await tx.execute<
    NumberAttempts & {
      contact_id: string
      attempts: number
      zone_key: string
      phone_number: string
      name: string | null
      suppressed: boolean
      attempts_today: number
    }
  >(sql`
    select due.contact_id, due.attempts, due.zone_key, k.phone_number, k.name,
      w.attempt_limit_calls as limit_calls, w.attempt_limit_hours as limit_hours, recent.*,
      exists (select from suppressions s where s.workspace_id = k.workspace_id and s.phone_number = k.phone_number) as suppressed,
      case when due.attempts < ${campaign.maxAttemptsPerDay} then 0 else (
        select count(*) filter (where c.campaign_id = ${campaign.id} and c.burned
          and c.dial_day = ${localDay(campaign.timezone, now)}::date)::int
        from calls c where c.contact_id = due.contact_id) end as attempts_today
    from (
      select d.* from jsonb_array_elements_text(${JSON.stringify(input.openZones)}::jsonb) as zone(key)
      cross join lateral (
        select contact_id, due_at, attempts, zone_key from campaign_contacts
        where campaign_id = ${campaign.id} and zone_key = zone.key and state = 'waiting'
          and due_at <= ${now.toISOString()}::timestamptz
        order by due_at, contact_id limit ${input.limit}) d
      order by d.due_at, d.contact_id limit ${input.limit}) due
    join contacts k on k.id = due.contact_id
    join workspaces w on w.id = k.workspace_id
    cross join lateral (${attemptsToNumber({ workspace: sql`w`, phoneNumber: sql`k.phone_number`, now })}) recent
    order by due.due_at, due.contact_id`)
  for (const row of rows) {
    const { contact_id: contactId, phone_number: phoneNumber, zone_key: zoneKey, name, attempts } = row
    const next = withinAttempts({ ...campaign, attempts, attemptsToday: row.attempts_today, now }, now)
    const block = toBlock(row, now) ?? (next.kind === 'again' && next.at > now ? triedToday(next.at) : null)
    if (row.suppressed) found.finished.push({ contactId, reason: 'suppressed' })
    else if (next.kind === 'finish') found.finished.push({ contactId, reason: next.reason })
    else if (block) found.deferred.push({ contactId, ...block })
    else found.callable.push({ contactId, phoneNumber, name, attempts, zoneKey })
  }
  return found
}

function triedToday(until: Date): NumberBlock {
  return { reason: 'They were called as often today as the campaign allows.', until }
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
export async function finishContacts(
  tx: Tx,
  { campaign, finished, now }: Passed & { finished: Finished[] },
): Promise<void> {
  if (finished.length === 0) return
  const entry = { kind: 'finished', at: now, workspaceId: campaign.workspaceId, campaignId: campaign.id } as const
  const details = sql`jsonb_build_object('reason', reason, 'disposition', null, 'outcome', null)`
  await tx.execute(sql`
    with passed as (
      update campaign_contacts c set state = 'finished', finish_reason = f.reason::finish_reason
      from jsonb_to_recordset(${JSON.stringify(finished)}::jsonb) as f("contactId" uuid, reason text)
      where c.campaign_id = ${campaign.id} and c.contact_id = f."contactId" and c.state = 'waiting'
      returning c.contact_id, f.reason)
    ${logEach(sql`passed`, { ...entry, contactId: sql`contact_id`, details })}`)
}

/** They wait until they may be called again. */
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
