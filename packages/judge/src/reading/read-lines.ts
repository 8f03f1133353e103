import type { z } from 'zod'
import { EvidenceError } from '../evidence-error.ts'

/** Where records come from and what they are called, for messages. */
export type Source<T extends z.ZodType> = { name: string; what: string; schema: T }

/**
 * Records of NDJSON, one per line, as the lines come in. Empty lines are fine.
 * @throws EvidenceError with the number of the line that is no such record
 */
export async function readRecords<T extends z.ZodType>(
  lines: AsyncIterable<string>,
  source: Source<T>,
): Promise<z.output<T>[]> {
  const records: z.output<T>[] = []
  let number = 0
  for await (const line of lines) {
    number += 1
    if (line.trim() !== '') records.push(toRecord(parse(line, number, source), { ...source, where: `line ${number}` }))
  }
  return records
}

/** The same for the records of one JSON document. */
export function checkRecords<T extends z.ZodType>(values: readonly unknown[], source: Source<T>): z.output<T>[] {
  return values.map((value, index) => toRecord(value, { ...source, where: `${source.what} ${index + 1}` }))
}

function parse<T extends z.ZodType>(line: string, number: number, { name, what }: Source<T>): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new EvidenceError(
      `${name}, line ${number} is no JSON (${problem}). Give a file with one ${what} per line, or one JSON document.`,
    )
  }
}

function toRecord<T extends z.ZodType>(
  value: unknown,
  { name, what, where, schema }: Source<T> & { where: string },
): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || what}: ${message}`).slice(0, 3)
  throw new EvidenceError(`${name}, ${where} is no ${what} that can be judged: ${wrong.join('; ')}.`)
}
