import type { Tx } from '@outdial/database/client'
import { contactLists } from '@outdial/database/schema/contacts'
import { and, eq, sql } from 'drizzle-orm'
import { feedLiveCampaigns, lockListForAppend } from '../campaigns/feed-contacts.ts'
import { Conflict, NotFound } from '../refusals.ts'
import type { ContactDraft } from './contact-draft.ts'

export type NumberedDraft = ContactDraft & {
  /** Tells the drafts of one call apart; the line of the file, where there is one. */
  line: number
}

export type Inserted = {
  /** Ids of the new contacts by line. */
  ids: Map<number, string>
  /** Why the others were left out, by line. */
  duplicates: Map<number, 'duplicate_number' | 'duplicate_external_id'>
  /** Lanes to tick after the commit. */
  trunkIds: string[]
}

/**
 * Adds contacts to a list and to the campaigns that run on it; of those with the same number or external id the first
 * is kept, or the one that is in the list already. At most some thousand at once.
 * @throws NotFound, Conflict for an archived list
 */
export async function insertContacts(
  tx: Tx,
  target: { workspaceId: string; contactListId: string; csvFileId: string | null; now: Date },
  drafts: NumberedDraft[],
): Promise<Inserted> {
  await lockOpenList(tx, target)
  const added = await tx.execute<{ id: string; phone_number: string; external_id: string | null }>(sql`
    insert into contacts (workspace_id, contact_list_id, csv_file_id, line_number, external_id, phone_number, country,
      name, zone_key, zone_source, variables, created_at)
    select ${target.workspaceId}::uuid, ${target.contactListId}::uuid, ${target.csvFileId}::uuid,
      case when ${target.csvFileId}::uuid is not null then line end, "externalId", "phoneNumber", country, name,
      "zoneKey", "zoneSource", variables, ${target.now.toISOString()}::timestamptz
    from json_to_recordset(${JSON.stringify(drafts)}::text::json) as draft(line integer, "externalId" text,
      "phoneNumber" text, country text, name text, "zoneKey" text, "zoneSource" text, variables jsonb)
    order by line
    on conflict do nothing
    returning id, phone_number, external_id`)

  const idByContact = new Map(added.map((row) => [keyOf(row.phone_number, row.external_id), row.id]))
  const ids = new Map<number, string>()
  const left: NumberedDraft[] = []
  for (const draft of drafts) {
    const key = keyOf(draft.phoneNumber, draft.externalId)
    const id = idByContact.get(key)
    if (id === undefined) left.push(draft)
    else ids.set(draft.line, id)
    // The next one that looks the same was left out because of this one.
    idByContact.delete(key)
  }
  const { contactListId, now } = target
  return {
    ids,
    duplicates: await explainDuplicates(tx, contactListId, left),
    trunkIds: await feedLiveCampaigns(tx, { contactListId, contactIds: [...ids.values()], now }),
  }
}

/**
 * One append to a list at a time: two that insert the same numbers in different order would wait for each other
 * forever. The lock is the stronger one on the same row, taken first, since nobody can be promoted while others share.
 */
async function lockOpenList(tx: Tx, target: { workspaceId: string; contactListId: string }): Promise<void> {
  const [list] = await tx
    .select({ archivedAt: contactLists.archivedAt })
    .from(contactLists)
    .where(and(eq(contactLists.id, target.contactListId), eq(contactLists.workspaceId, target.workspaceId)))
    .for('no key update')
  if (!list) throw new NotFound('contact list', target.contactListId)
  if (list.archivedAt) {
    throw new Conflict('list_archived', 'The contact list is archived and takes no more contacts. Use another list.')
  }
  await lockListForAppend(tx, target.contactListId)
}

async function explainDuplicates(
  tx: Tx,
  contactListId: string,
  left: NumberedDraft[],
): Promise<Inserted['duplicates']> {
  if (left.length === 0) return new Map()
  const numbers = [...new Set(left.map((draft) => draft.phoneNumber))]
  const found = await tx.execute<{ phone_number: string }>(sql`
    select phone_number from contacts
    where contact_list_id = ${contactListId} and phone_number = any(${`{${numbers.join(',')}}`}::text[])`)
  const taken = new Set(found.map((row) => row.phone_number))
  return new Map(
    left.map((draft) => [draft.line, taken.has(draft.phoneNumber) ? 'duplicate_number' : 'duplicate_external_id']),
  )
}

const keyOf = (phoneNumber: string, externalId: string | null) => `${phoneNumber} ${externalId ?? ''}`
