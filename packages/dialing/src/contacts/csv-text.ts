/**
 * One line of CSV, with its line end. Everything that people download as CSV is written here.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe in front. That includes telephone numbers in
 * E.164 form, since they begin with `+`: whoever reads the file with a program takes one leading apostrophe off.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\r\n`
}

export type CsvValue = string | number | boolean | Date | null | undefined

function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  // Numbers are ours, not a stranger's: -5 stays a number.
  if (typeof value !== 'string') return String(value)
  const text = formulaStart.test(value) ? `'${value}` : value
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

// https://owasp.org/www-community/attacks/CSV_Injection lists these first characters; the last four are full-width forms.
const formulaStart = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

// Semicolon and tab as well, because a spreadsheet of another locale splits there.
const needsQuotes = /[",;\t\r\n]|^\s|\s$/
