import { inWorkspace, type Tx } from '@outdial/database/client'
import { contactLists, csvFiles, csvRejects } from '@outdial/database/schema/contacts'
import { countrySchema } from '@outdial/policy/phone-number'
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { uuid } from '../fields.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, InvalidInput, NotFound } from '../refusals.ts'
import { cleanText } from './clean-text.ts'
import { insertContactList } from './contact-lists.ts'
import type { ContactField } from './csv-header.ts'
import { csvLine } from './csv-text.ts'

const columnName = z.string().trim().max(200, 'must have at most 200 characters').transform(cleanText).optional()

/** The name of the file's column for each field; an empty text says that there is none, undefined that it is to be found. */
export const csvMapping = z.strictObject({
  phoneNumber: columnName,
  name: columnName,
  firstName: columnName,
  lastName: columnName,
  externalId: columnName,
  timezone: columnName,
  country: columnName,
} satisfies Record<ContactField, typeof columnName>)

export const csvFileInput = z.strictObject({
  fileName: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(255, 'must have at most 255 characters')
    .transform(cleanText),
  contactListId: uuid
    .optional()
    .meta({ description: 'The list to fill; without it a new one is named after the file.' }),
  defaultCountry: countrySchema.optional().meta({ description: 'For numbers without a country code.' }),
  mapping: csvMapping.optional().meta({ description: 'Column names, where they are not recognised by themselves.' }),
})

export type CsvFileInput = z.infer<typeof csvFileInput>
export type CsvFile = Omit<typeof csvFiles.$inferSelect, 'workspaceId'>

/** Announces a file, and makes its list if there is none. Throws InvalidInput for a list that does not exist, Conflict for an archived one. */
export async function createCsvFile(deps: Pick<Deps, 'db'>, who: Who, input: CsvFileInput): Promise<CsvFile> {
  const { fileName, defaultCountry, mapping, contactListId } = input
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    if (who.newId) {
      // A repeat at the same time waits here, and then finds what the first one made.
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${who.newId}, 0))`)
      const [made] = await tx.select().from(csvFiles).where(ownFile(who, who.newId))
      if (made) return toCsvFile(made)
    }
    const list = contactListId
      ? await findOpenList(tx, who, contactListId)
      : await insertContactList(tx, who, { name: listName(fileName) })
    const [row] = await tx
      .insert(csvFiles)
      .values({
        id: who.newId,
        workspaceId: who.workspaceId,
        contactListId: list.id,
        fileName,
        defaultCountry,
        mapping: withoutGaps(mapping ?? {}),
        createdAt: who.now,
        progressedAt: who.now,
      })
      .returning()
    if (!row) throw new Error('the new CSV file was not stored')
    const details = { fileName, contactListId: list.id }
    await writeAudit(tx, who, { action: 'csv_file.created', entity: 'csv_file', entityId: row.id, details })
    return toCsvFile(row)
  })
}

export async function readCsvFile(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { csvFileId }: { csvFileId: string },
): Promise<CsvFile> {
  const [row] = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx.select().from(csvFiles).where(ownFile(who, csvFileId)),
  )
  if (!row) throw new NotFound('CSV file', csvFileId)
  return toCsvFile(row)
}

export async function listCsvFiles(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { limit, cursor, contactListId }: PageInput & { contactListId?: string },
): Promise<Page<CsvFile>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(csvFiles)
      .where(
        and(
          eq(csvFiles.workspaceId, who.workspaceId),
          contactListId ? eq(csvFiles.contactListId, contactListId) : undefined,
          cursor ? lt(csvFiles.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(csvFiles.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toCsvFile), limit)
}

const rejectsPerRead = 2_000

/**
 * What was not taken over, as CSV by line number, read as it is consumed. Begin to iterate before answering: the first
 * step throws NotFound. See `csvLine` for the apostrophe that telephone numbers get.
 */
export async function* csvRejectsAsCsv(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { csvFileId }: { csvFileId: string },
): AsyncGenerator<string> {
  await readCsvFile(deps, who, { csvFileId })
  yield csvLine(['line_number', 'code', 'reason', 'value'])
  for (let after = 0; ; ) {
    const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
      tx
        .select()
        .from(csvRejects)
        .where(and(eq(csvRejects.csvFileId, csvFileId), gt(csvRejects.lineNumber, after)))
        .orderBy(asc(csvRejects.lineNumber))
        .limit(rejectsPerRead),
    )
    const last = rows.at(-1)
    if (!last) return
    yield rows.map((row) => csvLine([row.lineNumber, row.code, row.reason, row.value])).join('')
    after = last.lineNumber
  }
}

function ownFile({ workspaceId }: Pick<Who, 'workspaceId'>, csvFileId: string) {
  return and(eq(csvFiles.id, csvFileId), eq(csvFiles.workspaceId, workspaceId))
}

async function findOpenList(tx: Tx, who: Who, contactListId: string): Promise<{ id: string }> {
  const [list] = await tx
    .select()
    .from(contactLists)
    .where(and(eq(contactLists.id, contactListId), eq(contactLists.workspaceId, who.workspaceId)))
  if (!list) {
    const message = `There is no contact list ${contactListId} in this workspace. Leave it out to have a new list made.`
    throw new InvalidInput([{ field: 'contactListId', code: 'not_found', message }])
  }
  if (list.archivedAt) throw new Conflict('list_archived', 'The contact list is archived. Use another list.')
  return list
}

function listName(fileName: string): string {
  return (fileName.replace(/\.(csv|tsv|txt)$/i, '').trim() || fileName).slice(0, 200).toWellFormed()
}

function withoutGaps(mapping: z.output<typeof csvMapping>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mapping).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

export function toCsvFile({ workspaceId: _, ...file }: typeof csvFiles.$inferSelect): CsvFile {
  return file
}
