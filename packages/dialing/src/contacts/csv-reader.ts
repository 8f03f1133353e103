import type { Country } from '@outdial/policy/phone-number'
import { InvalidInput } from '../refusals.ts'
import { type CsvLayout, type CsvMapping, findColumns } from './csv-columns.ts'
import { findBinaryKind, startDecoding } from './csv-decoding.ts'
import { knowHeader } from './csv-header.ts'
import { type CsvDialect, type CsvRecord, createRecordReader, recordLimits } from './csv-records.ts'

export type CsvReader = {
  delimiter: string
  layout: CsvLayout
  encoding(): string
  /** Bytes taken from the stream so far. */
  bytes(): number
  /** The records under the header, blank ones left out, a few hundred at a time. */
  batches(): AsyncGenerator<CsvRecord[]>
  /** Lets go of the stream, however far it was read. */
  close(): Promise<void>
}

/** More than the longest record has, also in UTF-16. */
const headBytes = 256 * 1024
const pieceBytesMin = 16 * 1024
const pieceBytesMax = 64 * 1024
const batchRecords = 200
const batchMs = 5
const sampleRecords = 100

/**
 * Opens a CSV or TSV file for reading from front to end: finds encoding, delimiter, header and columns in its first
 * 256 KiB. Holds no more than that and one record. Close it in the end.
 * @throws InvalidInput (field `file` or `mapping.…`) for what is empty, no text, or lacks a column of the mapping
 */
export async function openCsv(
  stream: AsyncIterable<Uint8Array>,
  options: { mapping?: CsvMapping; defaultCountry?: Country },
): Promise<CsvReader> {
  let bytes = 0
  const pieces = joinPieces(stream, (count) => {
    bytes += count
  })
  try {
    const head = await takeHead(pieces)
    const decoding = startDecoding(head.bytes)
    const text = decoding.decode(head.bytes) + (head.isAll ? decoding.end() : '')
    const { preamble, ...dialect } = findDialect(text)
    const body = text.slice(preamble.length)
    const layout = readLayout(sampleOf(body, dialect), options)

    return {
      delimiter: dialect.delimiter,
      layout,
      encoding: () => decoding.encoding(),
      bytes: () => bytes,
      async *batches() {
        const reader = createRecordReader(dialect)
        const rows = skipHeader(layout.hasHeader)
        yield* inBatches(rows(reader.read(body, head.isAll)))
        if (head.isAll) return
        for await (const piece of pieces) yield* inBatches(rows(reader.read(decoding.decode(piece), false)))
        yield* inBatches(rows(reader.read(decoding.end(), true)))
      },
      close: async () => void (await pieces.return(undefined)),
    }
  } catch (error) {
    await pieces.return(undefined)
    throw error
  }
}

/** Gathers small pieces, so that a stream of single bytes costs no more than one of large blocks. */
async function* joinPieces(
  stream: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer, undefined> {
  let gathered: Uint8Array[] = []
  let size = 0
  for await (const piece of stream) {
    count(piece.length)
    gathered.push(piece)
    size += piece.length
    if (size < pieceBytesMin) continue
    const whole = Buffer.concat(gathered)
    gathered = []
    size = 0
    for (let at = 0; at < whole.length; at += pieceBytesMax) yield whole.subarray(at, at + pieceBytesMax)
  }
  if (size > 0) yield Buffer.concat(gathered)
}

async function takeHead(pieces: AsyncGenerator<Buffer, undefined>): Promise<{ bytes: Buffer; isAll: boolean }> {
  const taken: Buffer[] = []
  let size = 0
  while (size < headBytes) {
    const next = await pieces.next()
    if (next.done) return { bytes: checkHead(Buffer.concat(taken)), isAll: true }
    taken.push(next.value)
    size += next.value.length
  }
  return { bytes: checkHead(Buffer.concat(taken)), isAll: false }
}

function checkHead(head: Buffer): Buffer {
  const kind = findBinaryKind(head)
  if (kind) refuseFile('not_text', `This is ${kind}, not a CSV file. Save or export it as CSV and upload that.`)
  return head
}

function readLayout(sample: string[][], options: { mapping?: CsvMapping; defaultCountry?: Country }): CsvLayout {
  if (sample.length === 0) {
    const limits = `${recordLimits.chars} characters and ${recordLimits.columns} columns`
    refuseFile(
      'empty',
      `The file has no readable line. A line holds at most ${limits}; check that it is the right file.`,
    )
  }
  return findColumns(sample, options)
}

function refuseFile(code: string, message: string): never {
  throw new InvalidInput([{ field: 'file', code, message }])
}

function sampleOf(text: string, dialect: CsvDialect): string[][] {
  const sample: string[][] = []
  for (const record of createRecordReader(dialect).read(text, true)) {
    if (!record.broken && !isBlank(record)) sample.push(record.cells)
    if (sample.length === sampleRecords) break
  }
  return sample
}

/**
 * The delimiter under which most records have the same number of cells and the first has names that are known.
 * Excel writes and reads a line `sep=;` before the header; it settles the matter.
 */
function findDialect(text: string): CsvDialect & { preamble: string } {
  const isCrOnly = findCrOnly(text)
  const said = /^"?sep=(.)"?(\r\n|\n|\r)/i.exec(text)
  if (said?.[1]) return { delimiter: said[1], isCrOnly, preamble: said[0], firstLine: 2 }
  let best = { delimiter: ',', score: 0 }
  for (const delimiter of [',', ';', '\t', '|']) {
    const score = scoreOf(sampleOf(text, { delimiter, isCrOnly }))
    if (score > best.score) best = { delimiter, score }
  }
  return { delimiter: best.delimiter, isCrOnly, preamble: '' }
}

/** Where the first line ends with a lone CR and most others do, what LFs there are belong to cells. */
function findCrOnly(text: string): boolean {
  const count = (lineEnd: RegExp) => text.match(lineEnd)?.length ?? 0
  return /^[^\r\n]*\r(?!\n)/.test(text) && count(/\r(?!\n)/g) >= count(/\n/g)
}

function scoreOf(sample: string[][]): number {
  const counts = new Map<number, number>()
  for (const { length } of sample) if (length > 1) counts.set(length, (counts.get(length) ?? 0) + 1)
  const most = Math.max(0, ...counts.values())
  const columns = [...counts].find(([, count]) => count === most)?.[0] ?? 0
  const known = (sample[0] ?? []).filter((cell) => knowHeader(cell) !== undefined).length
  const isSplit = (sample[0]?.length ?? 0) > 1
  return most / Math.max(1, sample.length) + (isSplit ? Math.min(known, 3) * 0.25 : 0) + Math.min(columns, 50) * 0.001
}

function skipHeader(hasHeader: boolean): (records: Generator<CsvRecord>) => Generator<CsvRecord> {
  let isHeaderNext = hasHeader
  return function* (records) {
    for (const record of records) {
      if (!record.broken && isBlank(record)) continue
      if (isHeaderNext && !record.broken) isHeaderNext = false
      else yield record
    }
  }
}

/** Small ones where records take long to read, so that others in the process get their turn in between. */
function* inBatches(records: Generator<CsvRecord>): Generator<CsvRecord[]> {
  let batch: CsvRecord[] = []
  let begunMs = performance.now()
  for (const record of records) {
    batch.push(record)
    if (batch.length < batchRecords && performance.now() - begunMs < batchMs) continue
    yield batch
    batch = []
    begunMs = performance.now()
  }
  if (batch.length > 0) yield batch
}

const isBlank = (record: CsvRecord) => record.cells.every((cell) => cell.trim() === '')
