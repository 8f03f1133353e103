import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { isTerminal } from '@outdial/policy/call-lifecycle'
import { transcriptLine } from '@outdial/policy/signal'
import { type ShownLine, shownTranscript } from '@outdial/policy/transcript'
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import { uuids } from '../campaigns/feed-contacts.ts'
import type { Deps, Who } from '../deps.ts'
import { moment } from '../fields.ts'
import { eraseTold } from '../notices/erase-told.ts'
import { Conflict, NotFound } from '../refusals.ts'

/** Lines of a conversation as its agent tells them while it goes on. */
export const agentLinesInput = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Yours, of this request; the same when you have to send it again.' }),
  at: moment.meta({ description: 'When this wording of the lines was known: a later one replaces an earlier one.' }),
  lines: z
    .array(
      transcriptLine.extend({
        id: z
          .string()
          .min(1)
          .max(200)
          .meta({ description: 'Yours, of the line: what is told again under it replaces it.' }),
        at: moment.meta({ description: 'When the line began to be said.' }),
        isFinal: z.boolean().default(true).meta({ description: 'False while it may still change.' }),
      }),
    )
    .min(1)
    .max(200),
})

/** The words of a call as they are known now, while it goes on and afterwards. */
export type Transcript = {
  callId: string
  /** The call is over, and what may still come is the agent's report. */
  isOver: boolean
  /** The agent has told the whole of it. */
  isReported: boolean
  deletedAt: Date | null
  lines: ShownLine[]
}

/** Throws NotFound. */
export async function readTranscript(deps: Pick<Deps, 'db'>, who: Who, { callId }: Id): Promise<Transcript> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [call] = await tx
      .select({
        status: calls.status,
        transcript: calls.transcript,
        liveTranscript: calls.liveTranscript,
        deletedAt: calls.transcriptDeletedAt,
      })
      .from(calls)
      .where(eq(calls.id, callId))
    if (!call) throw new NotFound('call', callId)
    const lines = (shownTranscript(call) ?? []).map((line) => ({ ...line, at: new Date(line.at) }))
    const isReported = call.transcript !== null
    return { callId, isOver: isTerminal(call.status), isReported, deletedAt: call.deletedAt, lines }
  })
}

/**
 * Erases what was said in a call wherever it is kept, for good: what is told later is not taken any more. Outcome,
 * answers and the agent's summary stay. @throws NotFound; Conflict while the call goes on
 */
export async function eraseTranscript(deps: Pick<Deps, 'db'>, who: Who, { callId }: Id): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [call] = await tx.select({ status: calls.status }).from(calls).where(eq(calls.id, callId)).for('update')
    if (!call) throw new NotFound('call', callId)
    if (!isTerminal(call.status)) {
      throw new Conflict('call_not_over', 'The call is not over. Hang it up or wait for its end, then erase its words.')
    }
    await eraseWords(tx, { callIds: [callId], now: who.now })
    await writeAudit(tx, who, { action: 'transcript.deleted', entity: 'call', entityId: callId })
  })
}

const batchSize = 200

/** Erases the words of calls that are older than their workspace keeps them. Returns how many, at most a batch each. */
export async function expireTranscripts(deps: Pick<Deps, 'db'>, now: Date): Promise<number> {
  const keeping = await deps.db.execute<{ id: string; days: number }>(sql`
    select id, transcript_retention_days as days from workspaces where transcript_retention_days is not null`)
  let count = 0
  for (const { id: workspaceId, days } of keeping) {
    const before = new Date(now.getTime() - days * 86_400_000).toISOString()
    count += await deps.db.transaction(async (tx) => {
      const old = await tx.execute<{ id: string }>(sql`
        select c.id from transcript_texts t join calls c on c.id = t.call_id
        where t.workspace_id = ${workspaceId} and t.called_at < ${before}::timestamptz and c.ended_at is not null
        order by t.called_at limit ${batchSize} for update of c skip locked`)
      if (old.length === 0) return 0
      await eraseWords(tx, { callIds: old.map((row) => row.id), now })
      const by = { workspaceId, actor: 'retention', now }
      const details = { count: old.length, days }
      await writeAudit(tx, by, { action: 'transcripts.expired', entity: 'call', entityId: null, details })
      return old.length
    })
  }
  return count
}

type Id = { callId: string }

/** In a transaction that holds the calls' rows. The trigger on `calls` takes the words out of the search. */
async function eraseWords(tx: Tx, { callIds, now }: { callIds: string[]; now: Date }): Promise<void> {
  const ids = uuids(callIds)
  await tx.execute(sql`
    update calls set transcript = null, live_transcript = null, transcript_deleted_at = ${now.toISOString()}::timestamptz
    where id = any(${ids})`)
  await tx.execute(sql`
    update signals set content = (
      select coalesce(jsonb_agg(item - 'transcript') filter (where item ->> 'kind' <> 'said'), '[]')
      from jsonb_array_elements(content) item)
    where call_id = any(${ids}) and (content @? '$[*].transcript' or content @> '[{"kind": "said"}]')`)
  await eraseTold(tx, callIds)
}
