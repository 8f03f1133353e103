/**
 * One line of CSV, with its line end. Everything that people download as CSV is written here.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe in front, so that it is shown as it is. That
 * includes telephone numbers in E.164 form, since they begin with `+`: our own imports take the apostrophe off again.
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
  const text = disarm(value)
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Also within the text: a spreadsheet that splits at semicolons or tabs does so in spite of the quotes. */
function disarm(text: string): string {
  const whole = formulaStart.test(text) ? `'${text}` : text
  return whole.replace(formulaAfterSplit, "$1'$2")
}

// https://owasp.org/www-community/attacks/CSV_Injection lists these first characters; besides them their full-width and
// small forms and the minus sign, which some spreadsheets read alike, also behind what they do not show.
const signs = String.raw`=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212`
const unseen = String.raw`\s\p{Cc}\p{Cf}`
const formulaStart = new RegExp(`^(?:[\\t\\r\\n]|[${unseen}"]*[${signs}])`, 'u')
const formulaAfterSplit = new RegExp(`([;\\t\\r\\n][${unseen}"]*)([${signs}])`, 'gu')

// Semicolon and tab as well, because a spreadsheet of another locale splits there.
const needsQuotes = /[",;\t\r\n]|^\s|\s$/
