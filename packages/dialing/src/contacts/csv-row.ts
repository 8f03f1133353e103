import { type RawContact, type Reject, shorten } from './contact-draft.ts'
import type { CsvLayout } from './csv-columns.ts'
import type { CsvRecord } from './csv-records.ts'

const cellMax = 10_000

/**
 * Reads a record by the file's layout. Cells that are missing at the end are empty; cells beyond the header are kept as
 * `column N`. Every filled cell but the telephone number is a variable as well, so that prompts can name any column.
 */
export function readRow(
  { line, cells, broken }: CsvRecord,
  layout: CsvLayout,
): { ok: true; raw: RawContact } | { ok: false; reject: Reject & { line: number } } {
  if (broken) return { ok: false, reject: { line, ...broken, value: shorten(broken.value) } }
  const { columns, positions } = layout
  const variables: [string, string][] = []
  for (let i = 0; i < cells.length; i++) {
    const value = (cells[i] ?? '').trim()
    const column = columns[i] ?? `column ${i + 1}`
    if (value.length > cellMax) {
      const reason = `The cell in "${column}" has more than ${cellMax} characters. Shorten it.`
      return { ok: false, reject: { line, code: 'cell_too_long', reason, value: shorten(value) } }
    }
    if (value !== '' && i !== positions.phoneNumber) variables.push([column, value])
  }
  const at = (position: number | undefined) => (position === undefined ? '' : (cells[position] ?? '').trim())
  return {
    ok: true,
    raw: {
      phoneNumber: at(positions.phoneNumber),
      country: at(positions.country),
      name: nameOf({ name: at(positions.name), first: at(positions.firstName), last: at(positions.lastName) }),
      externalId: at(positions.externalId),
      timezone: at(positions.timezone),
      // Also right for a column that is called __proto__.
      variables: Object.fromEntries(variables),
    },
  }
}

/** In many files "name" beside "first name" is the family name; where it is the whole name it contains the first. */
function nameOf({ name, first, last }: { name: string; first: string; last: string }): string {
  if (name !== '') return last !== '' || name.includes(first) ? name : `${first} ${name}`
  return [first, last].filter((part) => part !== '').join(' ')
}
