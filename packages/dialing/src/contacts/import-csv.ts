import { inWorkspace, type Tx } from '@outdial/database/client'
import { csvFiles } from '@outdial/database/schema/contacts'
import { type Country, countrySchema } from '@outdial/policy/phone-number'
import { and, eq, isNull, lt } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import type { Clock, Deps, Who } from '../deps.ts'
import { Conflict, InvalidInput, Refusal } from '../refusals.ts'
import { createBreather } from './breathe.ts'
import { draftContact } from './contact-draft.ts'
import { listColumns } from './csv-columns.ts'
import { type CsvFile, type CsvFileInput, createCsvFile, csvMapping, readCsvFile, toCsvFile } from './csv-files.ts'
import { type CsvReader, openCsv } from './csv-reader.ts'
import { readRow } from './csv-row.ts'
import { findLanes } from './find-lanes.ts'
import { addToChunk, type Chunk, emptyChunk, importCutOff, isFull, writeChunk } from './import-chunk.ts'

export type ImportDeps = Pick<Deps, 'db' | 'queue'> & { clock: Pick<Clock, 'now'> }

export type ImportInput = ({ csvFileId: string } | CsvFileInput) & { stream: AsyncIterable<Uint8Array> }

/**
 * Takes the contacts of a CSV file over into its list, and into the campaigns that run on the list. Every few thousand
 * rows are one transaction, so that counts and rejects are exact at any moment and memory does not grow with the file.
 * What was taken over stays when a later part fails; the same file can be uploaded again, duplicates are skipped.
 *
 * A request that is repeated (`who.newId`) gets the file as it stands, and the stream is not read.
 * @throws InvalidInput for a file or mapping that cannot be used; Conflict when the file is or was being imported, or
 * the list is archived; whatever the stream throws. The file is `failed` then, and says why.
 */
export async function importCsv(deps: ImportDeps, who: Who, input: ImportInput): Promise<CsvFile> {
  const { stream, ...rest } = input
  const announced = 'csvFileId' in rest ? await readCsvFile(deps, who, rest) : await createCsvFile(deps, who, rest)
  const file = await takeFile(deps, who, announced)
  if (!file) {
    if (announced.id === who.newId) return readCsvFile(deps, who, { csvFileId: announced.id })
    throw new Conflict('import_begun', 'This CSV file has been uploaded already. Create another one to upload again.')
  }
  try {
    const csv = await openCsv(stream, {
      mapping: csvMapping.parse(file.mapping),
      defaultCountry: defaultCountryOf(file),
    })
    try {
      await writeLayout(deps, who, { file, csv })
      await importRows(deps, who, { file, csv })
    } finally {
      await csv.close()
    }
    return await finishImport(deps, who, { file, status: 'imported' })
  } catch (error) {
    const reason = error instanceof Refusal ? error.message : brokeOff
    // Without a database this cannot be written either; then the sweep for stale imports does it later.
    await finishImport(deps, who, { file, status: 'failed', error: reason }).catch(() => {})
    throw error
  }
}

const brokeOff =
  'The upload broke off before the end of the file. Upload the file again: contacts that are in the list already are ' +
  'skipped as duplicates.'

/** Takes the right to import a file; null if somebody else has it or had it. */
async function takeFile(deps: ImportDeps, who: Who, file: CsvFile): Promise<CsvFile | null> {
  const [taken] = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .update(csvFiles)
      .set({ encoding: 'unknown', progressedAt: deps.clock.now() })
      .where(and(whileImporting(who, file), isNull(csvFiles.encoding)))
      .returning(),
  )
  return taken ? toCsvFile(taken) : null
}

async function writeLayout(
  deps: ImportDeps,
  who: Who,
  { file, csv }: { file: CsvFile; csv: CsvReader },
): Promise<void> {
  const { columns, mapping, positions } = csv.layout
  if (positions.phoneNumber === undefined) {
    const hint = file.defaultCountry ? '' : ' If its numbers have no country code, set defaultCountry as well.'
    const message = `No column with telephone numbers was found. Name it; the file has: ${listColumns(columns)}.${hint}`
    throw new InvalidInput([{ field: 'mapping.phoneNumber', code: 'no_phone_column', message }])
  }
  await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .update(csvFiles)
      .set({ columns, mapping, delimiter: csv.delimiter, encoding: csv.encoding(), progressedAt: deps.clock.now() })
      .where(whileImporting(who, file)),
  )
}

/** While one chunk is being written, the next is being read. Never more than these two are in memory. */
async function importRows(deps: ImportDeps, who: Who, { file, csv }: { file: CsvFile; csv: CsvReader }): Promise<void> {
  const defaultCountry = defaultCountryOf(file)
  const breathe = createBreather()
  let chunk: Chunk = emptyChunk()
  let writing: Promise<void> = Promise.resolve()
  const writeOut = async (full: Chunk) => {
    await writing
    writing = writeChunk(deps, who, { file, chunk: full, bytes: csv.bytes(), encoding: csv.encoding() })
    // It is awaited later; until then its failure must not count as unhandled.
    writing.catch(() => {})
  }
  try {
    for await (const records of csv.batches()) {
      for (const record of records) {
        await breathe()
        const row = readRow(record, csv.layout)
        const drafted = row.ok ? draftContact(row.raw, defaultCountry) : row
        addToChunk(chunk, record, drafted)
      }
      if (!isFull(chunk)) continue
      await writeOut(chunk)
      chunk = emptyChunk()
    }
    await writeOut(chunk)
    await writing
  } finally {
    await writing.catch(() => {})
  }
}

async function finishImport(
  deps: ImportDeps,
  who: Who,
  { file, ...end }: { file: CsvFile; status: 'imported' | 'failed'; error?: string },
): Promise<CsvFile> {
  const now = deps.clock.now()
  const { finished, trunkIds } = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [row] = await tx
      .update(csvFiles)
      .set({ ...end, progressedAt: now, finishedAt: now })
      .where(whileImporting(who, file))
      .returning()
    if (!row) throw importCutOff()
    await auditEnd(tx, { ...who, now }, row)
    return { finished: toCsvFile(row), trunkIds: await findLanes(tx, [file.contactListId]) }
  })
  // A campaign that has called everybody waited for this end.
  for (const trunkId of trunkIds) await deps.queue.tick(trunkId)
  return finished
}

async function auditEnd(tx: Tx, who: Who, file: typeof csvFiles.$inferSelect): Promise<void> {
  const { rows, accepted, duplicates, invalid } = file
  const details = { rows, accepted, duplicates, invalid }
  await writeAudit(tx, who, { action: `csv_file.${file.status}`, entity: 'csv_file', entityId: file.id, details })
}

function defaultCountryOf(file: CsvFile): Country | undefined {
  return file.defaultCountry === null ? undefined : countrySchema.parse(file.defaultCountry)
}

function whileImporting(who: Who, file: { id: string }) {
  return and(eq(csvFiles.id, file.id), eq(csvFiles.workspaceId, who.workspaceId), eq(csvFiles.status, 'importing'))
}

const staleAfterMs = 10 * 60_000

/**
 * Ends imports that have stood still for ten minutes (real ones: `clockSpeed` counts), because their process was killed
 * or the upload stopped without a word. Returns how many. For the sweep; needs a connection as `engine`.
 */
export async function failStaleImports(deps: Pick<Deps, 'db' | 'queue' | 'clockSpeed'>, now: Date): Promise<number> {
  const staleBefore = new Date(now.getTime() - staleAfterMs * deps.clockSpeed)
  const { count, trunkIds } = await deps.db.transaction(async (tx) => {
    const stale = await tx
      .update(csvFiles)
      .set({
        status: 'failed',
        finishedAt: now,
        error:
          'The import stopped on the way: nothing came in for ten minutes. Upload the file again: contacts that are in ' +
          'the list already are skipped as duplicates.',
      })
      .where(and(eq(csvFiles.status, 'importing'), lt(csvFiles.progressedAt, staleBefore)))
      .returning({ contactListId: csvFiles.contactListId })
    const lists = [...new Set(stale.map((file) => file.contactListId))]
    return { count: stale.length, trunkIds: await findLanes(tx, lists) }
  })
  // A campaign that has called everybody waited for this end.
  for (const trunkId of trunkIds) await deps.queue.tick(trunkId)
  return count
}
