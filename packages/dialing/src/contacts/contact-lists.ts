import { inWorkspace, type Tx } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contactLists, contacts, csvFiles } from '@outdial/database/schema/contacts'
import { and, count, desc, eq, inArray, isNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { name } from '../fields.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, NotFound } from '../refusals.ts'

export const contactListInput = z.strictObject({ name })

export type ContactListInput = z.infer<typeof contactListInput>
export type ContactList = Omit<typeof contactLists.$inferSelect, 'workspaceId'>
export type ContactListWithCounts = ContactList & {
  contacts: number
  /** CSV files that are being imported into it right now. */
  importing: number
}

export async function createContactList(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: ContactListInput,
): Promise<ContactList> {
  return inWorkspace(deps.db, who.workspaceId, (tx) => insertContactList(tx, who, { ...input, id: who.newId }))
}

/** In the transaction of whoever needs a list. With an `id` that is there already, that list. */
export async function insertContactList(
  tx: Tx,
  who: Who,
  input: ContactListInput & { id?: string },
): Promise<ContactList> {
  const [row] = await tx
    .insert(contactLists)
    .values({ ...input, workspaceId: who.workspaceId, createdAt: who.now })
    .onConflictDoNothing({ target: contactLists.id })
    .returning()
  if (!row) {
    // A repeat after a crash finds what the first try made.
    const made = await findList(tx, who, input.id ?? '')
    if (!made) throw new NotFound('contact list', input.id ?? '')
    return toContactList(made)
  }
  await writeAudit(tx, who, { action: 'contact_list.created', entity: 'contact_list', entityId: row.id })
  return toContactList(row)
}

/** Newest first, without archived ones. */
export async function listContactLists(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { limit, cursor }: PageInput,
): Promise<Page<ContactList>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(contactLists)
      .where(
        and(
          eq(contactLists.workspaceId, who.workspaceId),
          isNull(contactLists.archivedAt),
          cursor ? lt(contactLists.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(contactLists.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toContactList), limit)
}

/** @throws NotFound */
export async function readContactList(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { contactListId }: { contactListId: string },
): Promise<ContactListWithCounts> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const list = await findList(tx, who, contactListId)
    if (!list) throw new NotFound('contact list', contactListId)
    const [held] = await tx.select({ count: count() }).from(contacts).where(eq(contacts.contactListId, contactListId))
    const [open] = await tx
      .select({ count: count() })
      .from(csvFiles)
      .where(and(eq(csvFiles.contactListId, contactListId), eq(csvFiles.status, 'importing')))
    return { ...toContactList(list), contacts: held?.count ?? 0, importing: open?.count ?? 0 }
  })
}

/**
 * Puts a list away: it takes no more contacts and is not listed, its calls and results stay. Repeating it changes
 * nothing. @throws NotFound, Conflict while a campaign runs on it
 */
export async function archiveContactList(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { contactListId }: { contactListId: string },
): Promise<ContactList> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [list] = await tx.select().from(contactLists).where(ownList(who, contactListId)).for('update')
    if (!list) throw new NotFound('contact list', contactListId)
    if (list.archivedAt) return toContactList(list)
    const [live] = await tx
      .select({ id: campaigns.id, name: campaigns.name })
      .from(campaigns)
      .where(
        and(
          eq(campaigns.contactListId, contactListId),
          inArray(campaigns.executionStatus, ['running', 'paused', 'error']),
        ),
      )
      .limit(1)
    if (live) {
      const message = `The campaign "${live.name}" is calling this list. Stop it first.`
      throw new Conflict('list_in_use', message, { campaignId: live.id })
    }
    await tx.update(contactLists).set({ archivedAt: who.now }).where(ownList(who, contactListId))
    await writeAudit(tx, who, { action: 'contact_list.archived', entity: 'contact_list', entityId: contactListId })
    return toContactList({ ...list, archivedAt: who.now })
  })
}

async function findList(tx: Tx, who: Pick<Who, 'workspaceId'>, contactListId: string) {
  const [list] = await tx.select().from(contactLists).where(ownList(who, contactListId))
  return list
}

function ownList({ workspaceId }: Pick<Who, 'workspaceId'>, contactListId: string) {
  return and(eq(contactLists.id, contactListId), eq(contactLists.workspaceId, workspaceId))
}

function toContactList({ workspaceId: _, ...list }: typeof contactLists.$inferSelect): ContactList {
  return list
}
