import { inWorkspace } from '@outdial/database/client'
import { suppressions } from '@outdial/database/schema/contacts'
import { countrySchema } from '@outdial/policy/phone-number'
import { and, asc, eq, gt } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { createBreather } from './breathe.ts'
import { cleanText } from './clean-text.ts'
import { shorten } from './contact-draft.ts'
import { plainHeader } from './csv-header.ts'
import { openCsv } from './csv-reader.ts'
import type { CsvRecord } from './csv-records.ts'
import { csvLine } from './csv-text.ts'
import { insertSuppressions, type NewSuppression, readSuppressedNumber } from './suppressions.ts'

export const suppressionsCsvInput = z.strictObject({
  defaultCountry: countrySchema.optional().meta({ description: 'For numbers without a country code.' }),
  column: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(200, 'must have at most 200 characters')
    .optional()
    .meta({ description: 'The column with the numbers. Otherwise recognised, or else the first one.' }),
  reason: z.string().trim().max(500, 'must have at most 500 characters').transform(cleanText).default(''),
})

export type ImportedSuppressions = {
  rows: number
  added: number
  /** Forbidden before, or repeated in the file. */
  known: number
  invalid: number
  /** The first thousand of the invalid ones. */
  rejects: { line: number; code: string; reason: string; value: string }[]
}

const chunkRows = 2_500
const rejectsMax = 1_000

/**
 * Forbids the numbers of a CSV file of any size and encoding. A column called `reason` is taken over. Every few thousand
 * rows are one transaction; a file that breaks off half-way can be sent again.
 * @throws InvalidInput for a file or column that cannot be used, and whatever the stream throws
 */
export async function importSuppressions(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: z.infer<typeof suppressionsCsvInput> & { stream: AsyncIterable<Uint8Array> },
): Promise<ImportedSuppressions> {
  const mapping = input.column === undefined ? {} : { phoneNumber: input.column }
  const csv = await openCsv(input.stream, { mapping, defaultCountry: input.defaultCountry })
  const { columns, positions } = csv.layout
  const reasonAt = columns.findIndex((column) => plainHeader(column) === 'reason')
  const result: ImportedSuppressions = { rows: 0, added: 0, known: 0, invalid: 0, rejects: [] }
  const breathe = createBreather()
  let chunk: NewSuppression[] = []
  const writeOut = async () => {
    const rows = chunk
    chunk = []
    const added = await inWorkspace(deps.db, who.workspaceId, (tx) =>
      insertSuppressions(tx, { who, source: 'import', rows }),
    )
    result.added += added.length
    result.known += rows.length - added.length
  }
  try {
    for await (const records of csv.batches()) {
      for (const record of records) {
        await breathe()
        result.rows++
        const row = readRow(record, { numberAt: positions.phoneNumber ?? 0, reasonAt, ...input })
        if (row.ok) chunk.push(row.suppression)
        else if (++result.invalid <= rejectsMax) result.rejects.push(row.reject)
      }
      if (chunk.length >= chunkRows) await writeOut()
    }
    if (chunk.length > 0) await writeOut()
  } finally {
    await csv.close()
  }
  await auditImport(deps, who, result)
  return result
}

type ReadRow =
  | { ok: true; suppression: NewSuppression }
  | { ok: false; reject: ImportedSuppressions['rejects'][number] }

function readRow(
  { line, cells, broken }: CsvRecord,
  options: { numberAt: number; reasonAt: number } & z.infer<typeof suppressionsCsvInput>,
): ReadRow {
  if (broken) return { ok: false, reject: { line, ...broken, value: shorten(broken.value) } }
  const raw = cells[options.numberAt] ?? ''
  const parsed = readSuppressedNumber(raw, options.defaultCountry)
  if (!parsed.ok) {
    const { code, message } = parsed.reason
    return { ok: false, reject: { line, code, reason: message, value: shorten(raw.trim()) } }
  }
  const own = (cells[options.reasonAt] ?? '').trim().slice(0, 500).toWellFormed()
  return { ok: true, suppression: { phoneNumber: parsed.e164, reason: own || options.reason } }
}

async function auditImport(deps: Pick<Deps, 'db'>, who: Who, result: ImportedSuppressions): Promise<void> {
  const { rejects: _, ...details } = result
  await inWorkspace(deps.db, who.workspaceId, (tx) =>
    writeAudit(tx, who, { action: 'suppressions.imported', entity: 'suppression', entityId: null, details }),
  )
}

const suppressionsPerRead = 2_000

/** All of them as CSV, oldest first, read as it is consumed. See `csvLine` for the apostrophe before each number. */
export async function* suppressionsAsCsv(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
): AsyncGenerator<string> {
  yield csvLine(['phone_number', 'reason', 'source', 'created_at'])
  for (let after: string | undefined; ; ) {
    const own = eq(suppressions.workspaceId, who.workspaceId)
    const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
      tx
        .select()
        .from(suppressions)
        .where(and(own, after ? gt(suppressions.id, after) : undefined))
        .orderBy(asc(suppressions.id))
        .limit(suppressionsPerRead),
    )
    if (rows.length === 0) return
    yield rows.map((row) => csvLine([row.phoneNumber, row.reason, row.source, row.createdAt])).join('')
    after = rows.at(-1)?.id
  }
}
