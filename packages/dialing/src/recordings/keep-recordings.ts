import type { Tx } from '@outdial/database/client'
import { recordings } from '@outdial/database/schema/recordings'
import { hearRecording, isAbout, isRecordingOver } from '@outdial/policy/recording'
import type { Signal } from '@outdial/policy/signal'
import { asc, eq } from 'drizzle-orm'

type Row = typeof recordings.$inferSelect

/**
 * Puts down what was told of a call's recordings, in the caller's transaction, which holds the call's row. One that
 * nobody here started is kept as well: it is a recording of the call.
 */
export async function keepRecordings(
  tx: Tx,
  {
    call,
    told,
    now,
  }: { call: { id: string; workspaceId: string }; told: (Signal & { kind: 'recording' })[]; now: Date },
): Promise<void> {
  const known = await tx.select().from(recordings).where(eq(recordings.callId, call.id)).orderBy(asc(recordings.id))
  for (const { kind: _kind, at: _at, ...news } of told) {
    const place = known.findIndex((recording) => isAbout(recording, news))
    const before = known[place]
    const facts = hearRecording(before ?? null, news)
    if (before) known[place] = await change(tx, { ...before, ...facts })
    else known.push(await add(tx, { ...facts, workspaceId: call.workspaceId, callId: call.id, createdAt: now }))
  }
}

async function add(tx: Tx, values: typeof recordings.$inferInsert): Promise<Row> {
  const [row] = await tx.insert(recordings).values(values).returning()
  if (!row) throw new Error('the recording was not stored')
  return row
}

/** What is over needs no more looking after, unless its file is to go. */
async function change(tx: Tx, { id, ...row }: Row): Promise<Row> {
  const tryAt = isRecordingOver(row.status) && !row.deleteRequestedAt ? null : row.tryAt
  await tx
    .update(recordings)
    .set({ ...row, tryAt })
    .where(eq(recordings.id, id))
  return { id, ...row, tryAt }
}
