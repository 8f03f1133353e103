import { z } from 'zod'

/** One page of a list, newest first; `nextCursor` is null on the last one. */
export type Page<Row> = { data: Row[]; nextCursor: string | null }

/** Which page of a list: `limit` rows after the row that `cursor` stands for. */
export const pageInput = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .transform((cursor, context) => {
      const id = readCursor(cursor)
      if (id) return id
      context.addIssue({
        code: 'custom',
        message: 'is not a cursor of this list: pass `nextCursor` of the page before',
      })
      return z.NEVER
    })
    .optional(),
})
export type PageInput = z.infer<typeof pageInput>

/** Cuts `rows`, read with one more than the limit, into a page. */
export function toPage<Row extends { id: string }>(rows: Row[], limit: number): Page<Row> {
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  return { data, nextCursor: rows.length > limit && last ? writeCursor(last.id) : null }
}

function writeCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
}

/** The id a cursor stands for; null for anything that this list did not hand out. */
function readCursor(cursor: string): string | null {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length !== 16 || bytes.toString('base64url') !== cursor) return null
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
