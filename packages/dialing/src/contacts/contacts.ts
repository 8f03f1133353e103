import { inWorkspace } from '@outdial/database/client'
import { contactLists, contacts } from '@outdial/database/schema/contacts'
import { type Country, countrySchema } from '@outdial/policy/phone-number'
import { and, asc, eq, gt } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { NotFound } from '../refusals.ts'
import { createBreather } from './breathe.ts'
import { cleanText } from './clean-text.ts'
import { draftContact } from './contact-draft.ts'
import { type Inserted, insertContacts, type NumberedDraft } from './insert-contacts.ts'

const text = (max: number) => z.string().max(max, `must have at most ${max} characters`).transform(cleanText)

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]).transform((value) => cleanText(String(value)))

const variables = z
  .record(text(200), z.union([scalar, z.null().transform(() => '')]))
  .refine((value) => Object.keys(value).length <= 500, 'must have at most 500 entries')
  .transform((value) => Object.fromEntries(Object.entries(value).filter(([, content]) => content !== '')))

/** A contact as an integrator sends it. What is wrong with its content is said per contact, not by refusing them all. */
export const contactInput = z.strictObject({
  phoneNumber: text(1_000).meta({ description: 'In E.164 form, or as dialed within the country.' }),
  name: text(10_000).nullish(),
  externalId: text(10_000).nullish().meta({ description: 'Your own id; a repeated one is skipped.' }),
  timezone: text(200).nullish().meta({ description: 'IANA name such as America/New_York.' }),
  country: text(200).nullish().meta({ description: 'Of the number, if it has no country code.' }),
  variables: variables.optional(),
})

export const addContactsInput = z.strictObject({
  contacts: z.array(contactInput).min(1, 'must not be empty').max(10_000, 'must have at most 10,000 entries'),
  defaultCountry: countrySchema.optional(),
})

export type AddContactsInput = z.infer<typeof addContactsInput>
export type Contact = Omit<typeof contacts.$inferSelect, 'workspaceId'>

export type AddedContact =
  | { index: number; status: 'accepted'; id: string }
  | { index: number; status: 'skipped' | 'invalid'; code: string; reason: string }

export type AddedContacts = { accepted: number; skipped: number; invalid: number; contacts: AddedContact[] }

/**
 * Adds contacts to a list, and to the campaigns that run on it, all in one transaction. Those whose number or external
 * id is in the list already are skipped, so the same request can be repeated.
 * @throws NotFound, Conflict for an archived list
 */
export async function addContacts(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  { contactListId, contacts: raw, defaultCountry }: AddContactsInput & { contactListId: string },
): Promise<AddedContacts> {
  const { drafts, invalid } = await draftAll(raw, defaultCountry)
  const { workspaceId, now } = who
  const inserted = await inWorkspace(deps.db, workspaceId, async (tx) => {
    const result = await insertContacts(tx, { workspaceId, contactListId, csvFileId: null, now }, drafts)
    const details = { accepted: result.ids.size, skipped: result.duplicates.size, invalid: invalid.size }
    await writeAudit(tx, who, { action: 'contacts.added', entity: 'contact_list', entityId: contactListId, details })
    return result
  })
  for (const trunkId of inserted.trunkIds) await deps.queue.tick(trunkId)
  return {
    accepted: inserted.ids.size,
    skipped: inserted.duplicates.size,
    invalid: invalid.size,
    contacts: raw.map((_, index) => invalid.get(index) ?? answerFor(index, inserted)),
  }
}

/** In the order in which they came. @throws NotFound */
export async function listContacts(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { contactListId, limit, cursor }: PageInput & { contactListId: string },
): Promise<Page<Contact>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [list] = await tx
      .select({ id: contactLists.id })
      .from(contactLists)
      .where(and(eq(contactLists.id, contactListId), eq(contactLists.workspaceId, who.workspaceId)))
    if (!list) throw new NotFound('contact list', contactListId)
    return tx
      .select()
      .from(contacts)
      .where(and(eq(contacts.contactListId, contactListId), cursor ? gt(contacts.id, cursor) : undefined))
      .orderBy(asc(contacts.id))
      .limit(limit + 1)
  })
  return toPage(rows.map(toContact), limit)
}

async function draftAll(
  raw: AddContactsInput['contacts'],
  defaultCountry: Country | undefined,
): Promise<{ drafts: NumberedDraft[]; invalid: Map<number, AddedContact> }> {
  const breathe = createBreather()
  const drafts: NumberedDraft[] = []
  const invalid = new Map<number, AddedContact>()
  for (const [index, contact] of raw.entries()) {
    await breathe()
    const drafted = draftContact(
      {
        phoneNumber: contact.phoneNumber,
        country: contact.country ?? '',
        name: contact.name ?? '',
        externalId: contact.externalId ?? '',
        timezone: contact.timezone ?? '',
        variables: contact.variables ?? {},
      },
      defaultCountry,
    )
    const isZoneLost = drafted.ok && contact.timezone?.trim() && drafted.contact.zoneSource !== 'contact'
    if (!drafted.ok) invalid.set(index, { index, status: 'invalid', ...withoutValue(drafted.reject) })
    else if (isZoneLost) invalid.set(index, { index, status: 'invalid', ...unknownTimezone })
    else drafts.push({ ...drafted.contact, line: index })
  }
  return { drafts, invalid }
}

/** A file may hold anything in that column; a program that names a zone means it. */
const unknownTimezone = {
  code: 'unknown_timezone',
  reason: 'There is no such time zone. Give an IANA name such as America/New_York, or leave it out.',
}

function answerFor(index: number, { ids, duplicates }: Inserted): AddedContact {
  const id = ids.get(index)
  if (id !== undefined) return { index, status: 'accepted', id }
  const code = duplicates.get(index) ?? 'duplicate_number'
  const what = code === 'duplicate_number' ? 'number' : 'external id'
  return { index, status: 'skipped', code, reason: `The list has a contact with this ${what} already.` }
}

const withoutValue = ({ code, reason }: { code: string; reason: string }) => ({ code, reason })

function toContact({ workspaceId: _, ...contact }: typeof contacts.$inferSelect): Contact {
  return contact
}
