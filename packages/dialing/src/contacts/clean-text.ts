/** PostgreSQL stores no NUL and no half of a surrogate pair; JSON and file names can bring both. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
