import { inWorkspace, type Tx } from '@outdial/database/client'
import { csvFiles } from '@outdial/database/schema/contacts'
import { and, eq, sql } from 'drizzle-orm'
import type { Clock, Deps, Who } from '../deps.ts'
import { Conflict } from '../refusals.ts'
import type { Drafted, Reject } from './contact-draft.ts'
import type { CsvRecord } from './csv-records.ts'
import { type Inserted, insertContacts, type NumberedDraft } from './insert-contacts.ts'

type NumberedReject = Reject & { line: number }

/** Rows of a file that are written together. */
export type Chunk = {
  drafts: NumberedDraft[]
  rejects: NumberedReject[]
  characters: number
  begunMs: number
}

const chunkRows = 2_500
const chunkCharacters = 1_000_000
/** What a cell adds besides its text: the name of its column, mostly. */
const cellCharacters = 20
const chunkAgeMs = 3_000

export function emptyChunk(): Chunk {
  return { drafts: [], rejects: [], characters: 0, begunMs: performance.now() }
}

export function addToChunk(chunk: Chunk, record: CsvRecord, drafted: Drafted): void {
  const { line } = record
  if (drafted.ok) chunk.drafts.push({ ...drafted.contact, line })
  else chunk.rejects.push({ ...drafted.reject, line })
  for (const cell of record.cells) chunk.characters += cell.length + cellCharacters
}

/** Also after a while, so that progress is seen and campaigns are fed while a slow upload trickles in. */
export function isFull(chunk: Chunk): boolean {
  const rows = chunk.drafts.length + chunk.rejects.length
  if (rows >= chunkRows || chunk.characters >= chunkCharacters) return true
  return rows > 0 && performance.now() - chunk.begunMs >= chunkAgeMs
}

/**
 * Writes contacts, rejects and counts in one transaction, then wakes the lanes whose campaigns got contacts.
 * @throws Conflict when the import was ended as stale in the meantime; nothing is written then
 */
export async function writeChunk(
  deps: Pick<Deps, 'db' | 'queue'> & { clock: Pick<Clock, 'now'> },
  who: Who,
  {
    file,
    chunk,
    ...read
  }: { file: { id: string; contactListId: string }; chunk: Chunk; bytes: number; encoding: string },
): Promise<void> {
  const now = deps.clock.now()
  const { workspaceId } = who
  const { contactListId } = file
  const inserted = await inWorkspace(deps.db, workspaceId, async (tx) => {
    const contacts = await insertContacts(tx, { workspaceId, contactListId, csvFileId: file.id, now }, chunk.drafts)
    const rejects = [...chunk.rejects, ...rejectsOf(chunk.drafts, contacts)]
    await writeRejects(tx, { workspaceId, csvFileId: file.id, rejects })
    const [counted] = await tx
      .update(csvFiles)
      .set({
        ...read,
        progressedAt: now,
        rows: sql`${csvFiles.rows} + ${chunk.drafts.length + chunk.rejects.length}`,
        accepted: sql`${csvFiles.accepted} + ${contacts.ids.size}`,
        duplicates: sql`${csvFiles.duplicates} + ${contacts.duplicates.size}`,
        invalid: sql`${csvFiles.invalid} + ${chunk.rejects.length}`,
      })
      .where(and(eq(csvFiles.id, file.id), eq(csvFiles.workspaceId, workspaceId), eq(csvFiles.status, 'importing')))
      .returning({ id: csvFiles.id })
    if (!counted) throw importCutOff()
    return contacts
  })
  for (const trunkId of inserted.trunkIds) await deps.queue.tick(trunkId)
}

export function importCutOff(): Conflict {
  return new Conflict('import_cut_off', 'The import stood still for too long and was ended. Upload the file again.')
}

function rejectsOf(drafts: NumberedDraft[], { duplicates }: Inserted): NumberedReject[] {
  return drafts.flatMap(({ line, phoneNumber, externalId }) => {
    const code = duplicates.get(line)
    if (!code) return []
    const [reason, value] =
      code === 'duplicate_number'
        ? ['The list has a contact with this number already.', phoneNumber]
        : ['The list has a contact with this external id already.', externalId ?? '']
    return [{ line, code, reason, value }]
  })
}

async function writeRejects(
  tx: Tx,
  { workspaceId, csvFileId, rejects }: { workspaceId: string; csvFileId: string; rejects: NumberedReject[] },
): Promise<void> {
  if (rejects.length === 0) return
  await tx.execute(sql`
    insert into csv_rejects (csv_file_id, workspace_id, line_number, code, reason, value)
    select ${csvFileId}::uuid, ${workspaceId}::uuid, line, code, reason, value
    from json_to_recordset(${JSON.stringify(rejects)}::text::json) as r(line integer, code text, reason text, value text)`)
}
