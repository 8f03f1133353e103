import { type Country, parsePhoneNumber } from '@outdial/policy/phone-number'
import { InvalidInput } from '../refusals.ts'
import { type ContactField, contactFields, knowHeader, plainHeader } from './csv-header.ts'

/** The name of the file's column for each field; an empty text says that the file has none. */
export type CsvMapping = Partial<Record<ContactField, string>>

export type CsvLayout = {
  hasHeader: boolean
  /** The file's own names, made unique; `column 1`… where it has none. */
  columns: string[]
  /** As the user said, and what was recognised for the rest. */
  mapping: CsvMapping
  /** The same as positions, without the fields that the file does not have. */
  positions: Partial<Record<ContactField, number>>
}

/**
 * Finds out which column holds what: by the user's mapping, then by the names of the header, then by what looks like
 * telephone numbers. A first record with a telephone number in it is no header.
 * @param sample the first records of the file, blank ones left out
 * @throws InvalidInput for a mapping that names a column which the file does not have
 */
export function findColumns(
  sample: string[][],
  options: { mapping?: CsvMapping; defaultCountry?: Country },
): CsvLayout {
  const mapping = options.mapping ?? {}
  const first = (sample[0] ?? []).map((cell) => cell.trim())
  const isNumber = rememberNumbers(options.defaultCountry)
  const shares = phoneShares(sample.slice(1), isNumber)
  const hasHeader = isHeader(first, { mapping, isNumber, shares })
  const columns = hasHeader ? uniqueNames(first) : first.map((_, i) => `column ${i + 1}`)
  const positions = applyMapping(mapping, columns)
  const rows = hasHeader ? sample.slice(1) : sample

  if (hasHeader) recogniseNames(columns, { mapping, positions })
  if (mapping.phoneNumber === undefined) {
    const taken = contactFields.flatMap((field) => (mapping[field] ? [positions[field]] : []))
    const found = findPhoneColumn(columns, { shares: phoneShares(rows, isNumber), taken, hasHeader })
    if (found === undefined) delete positions.phoneNumber
    else positions.phoneNumber = found
  }
  if (mapping.externalId === undefined && !isIdentifier(rows, positions)) delete positions.externalId

  return { hasHeader, columns, positions, mapping: { ...mapping, ...nameFields(columns, positions) } }
}

function nameFields(columns: string[], positions: CsvLayout['positions']): CsvMapping {
  const named: CsvMapping = {}
  for (const field of contactFields) {
    const position = positions[field]
    if (position !== undefined) named[field] = columns[position] ?? ''
  }
  return named
}

/** The names of a file's columns, for messages: at most the first fifty. */
export function listColumns(columns: string[]): string {
  const shown = columns.slice(0, 50).map((name) => `"${name}"`)
  return shown.join(', ') + (columns.length > shown.length ? ` and ${columns.length - shown.length} more` : '')
}

function isHeader(
  first: string[],
  { mapping, isNumber, shares }: { mapping: CsvMapping; isNumber: (cell: string) => boolean; shares: number[] },
): boolean {
  const named = Object.values(mapping).filter((name) => name !== '')
  if (named.some((name) => findName(first, name) !== undefined)) return true
  if (first.some(isNumber)) return false
  if (first.some((cell) => knowHeader(cell) !== undefined)) return true
  // Nothing known, and no valid number. It is still data if something looks like a number, valid or not, or if there
  // are digits where the others have numbers.
  if (first.some((cell) => numberShape.test(cell))) return false
  const phoneColumn = indexOfMax(shares)
  return phoneColumn === undefined || (first[phoneColumn] ?? '').replaceAll(/\D/g, '').length < 5
}

/** Empty names get their position, names that occur again a number, overlong ones are cut. */
function uniqueNames(first: string[]): string[] {
  const taken = new Set<string>()
  return first.map((cell, i) => {
    const name = cell.slice(0, 200).toWellFormed() || `column ${i + 1}`
    let unique = name
    for (let n = 2; taken.has(unique); n++) unique = `${name} (${n})`
    taken.add(unique)
    return unique
  })
}

function applyMapping(mapping: CsvMapping, columns: string[]): CsvLayout['positions'] {
  const positions: CsvLayout['positions'] = {}
  const wrong = []
  for (const field of contactFields) {
    const name = mapping[field]
    if (name === undefined || name === '') continue
    const position = findName(columns, name)
    if (position !== undefined) positions[field] = position
    else {
      const message = `The file has no column "${name}". It has: ${listColumns(columns)}.`
      wrong.push({ field: `mapping.${field}`, code: 'unknown_column', message })
    }
  }
  if (wrong.length > 0) throw new InvalidInput(wrong)
  return positions
}

function findName(columns: string[], name: string): number | undefined {
  const exact = columns.indexOf(name.trim())
  const position = exact >= 0 ? exact : columns.findIndex((column) => plainHeader(column) === plainHeader(name))
  return position >= 0 ? position : undefined
}

function recogniseNames(
  columns: string[],
  { mapping, positions }: { mapping: CsvMapping; positions: CsvLayout['positions'] },
): void {
  const ranks: Partial<Record<ContactField, number>> = {}
  const taken = new Set(Object.values(positions))
  columns.forEach((column, position) => {
    const match = knowHeader(column)
    if (!match || mapping[match.field] !== undefined || taken.has(position)) return
    if (match.rank >= (ranks[match.field] ?? Number.POSITIVE_INFINITY)) return
    ranks[match.field] = match.rank
    positions[match.field] = position
  })
}

/** Of the columns with a known name the one with the most numbers in it; without such a name, one that is mostly numbers. */
function findPhoneColumn(
  columns: string[],
  { shares, taken, hasHeader }: { shares: number[]; taken: (number | undefined)[]; hasHeader: boolean },
): number | undefined {
  const free = columns.map((_, i) => i).filter((i) => !taken.includes(i))
  const rank = (i: number) => {
    const match = hasHeader ? knowHeader(columns[i] ?? '') : undefined
    return match?.field === 'phoneNumber' ? match.rank : Number.POSITIVE_INFINITY
  }
  const share = (i: number) => shares[i] ?? 0
  const named = free.filter((i) => rank(i) < Number.POSITIVE_INFINITY).sort((a, b) => rank(a) - rank(b))
  const mostlyNumbers = free.filter((i) => share(i) >= 0.5).sort((a, b) => share(b) - share(a))
  const namedWithNumbers = named.find((i) => share(i) >= 0.5) ?? named.find((i) => share(i) >= 0.05)
  return namedWithNumbers ?? mostlyNumbers[0] ?? named[0]
}

/** Enough to judge by; parsing a number takes some 20 µs. */
const sampleCells = 1_500

/** For each column, which share of its values are telephone numbers. */
function phoneShares(rows: string[][], isNumber: (cell: string) => boolean): number[] {
  const width = Math.max(0, ...rows.map((row) => row.length))
  const some = rows.slice(0, Math.max(3, Math.floor(sampleCells / Math.max(1, width))))
  return Array.from({ length: width }, (_, i) => {
    const values = some.map((row) => row[i]?.trim() ?? '').filter((value) => value !== '')
    return values.length === 0 ? 0 : values.filter(isNumber).length / values.length
  })
}

const numberShape = /^\s*'?(tel:\s*)?[+(\d][\d\s().\-/+\u2010-\u2015]{6,24}$/i

/** Parsing is dear, most cells cannot be numbers, and some are asked about twice. */
function rememberNumbers(defaultCountry: Country | undefined): (cell: string) => boolean {
  const known = new Map<string, boolean>()
  return (cell) => {
    if (!numberShape.test(cell)) return false
    const isNumber = known.get(cell) ?? parsePhoneNumber(cell, defaultCountry).ok
    known.set(cell, isNumber)
    return isNumber
  }
}

/** A column in which most values come again for other numbers names something else than the contact: a firm, a branch. */
function isIdentifier(rows: string[][], { externalId, phoneNumber }: CsvLayout['positions']): boolean {
  if (externalId === undefined || phoneNumber === undefined) return false
  const pairs = rows.flatMap((row) => {
    const id = row[externalId]?.trim() ?? ''
    const number = (row[phoneNumber] ?? '').replaceAll(/\D/g, '').slice(-7)
    return id === '' || number === '' ? [] : [{ id, pair: `${id} ${number}` }]
  })
  const contacts = new Set(pairs.map(({ pair }) => pair)).size
  const ids = new Set(pairs.map(({ id }) => id)).size
  return contacts < 10 || ids > contacts / 2
}

function indexOfMax(shares: number[]): number | undefined {
  const max = Math.max(0, ...shares)
  return max >= 0.5 ? shares.indexOf(max) : undefined
}
