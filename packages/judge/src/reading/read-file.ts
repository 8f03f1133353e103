import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import { EvidenceError } from '../evidence-error.ts'
import { checkRecords, readRecords, type Source } from './read-lines.ts'

const peekedBytes = 65_536

/**
 * Records of a file: NDJSON, a JSON list, or a JSON document that has them in a list of this name.
 * @throws EvidenceError with file and line
 */
export async function readRecordFile<T extends z.ZodType>(
  path: string,
  { listName, ...source }: Source<T> & { listName: string },
): Promise<z.output<T>[]> {
  try {
    if (!(await isOneDocument(path, listName))) {
      return await readRecords(createInterface({ input: createReadStream(path), crlfDelay: 60_000 }), source)
    }
    return checkRecords(listIn(JSON.parse(await readFile(path, 'utf8')), { ...source, listName }), source)
  } catch (error) {
    throw explain(error, path)
  }
}

/** NDJSON begins with a record on a line of its own. */
async function isOneDocument(path: string, listName: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(peekedBytes), 0, peekedBytes, 0)
  const start = buffer.toString('utf8', 0, bytesRead).trimStart()
  return start.startsWith('[') || /^\{\s*[\r\n]/.test(start) || new RegExp(`^\\{\\s*"${listName}"`).test(start)
}

function listIn<T extends z.ZodType>(
  document: unknown,
  { name, what, listName }: Source<T> & { listName: string },
): unknown[] {
  if (Array.isArray(document)) return document
  const list: unknown = typeof document === 'object' && document !== null && Reflect.get(document, listName)
  if (Array.isArray(list)) return list
  throw new EvidenceError(`${name} has no list of ${what}s. Give a JSON list, an object with "${listName}", or NDJSON.`)
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof SyntaxError) return new EvidenceError(`${path} is no JSON (${error.message}). Is it cut off?`)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return new EvidenceError(`There is no file ${path}. Check the path.`)
  if (code === 'EISDIR') return new EvidenceError(`${path} is a folder. Name the file itself.`)
  if (code === 'EACCES') return new EvidenceError(`${path} cannot be read. Change its permissions.`)
  return error
}
