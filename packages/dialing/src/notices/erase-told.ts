import type { Tx } from '@outdial/database/client'
import { sql } from 'drizzle-orm'
import { uuids } from '../campaigns/feed-contacts.ts'

/** Takes the words of calls out of the notices about them: out of the log, and out of what is sent from now on. */
export async function eraseTold(tx: Tx, callIds: string[]): Promise<void> {
  await tx.execute(sql`
    update notices set data = jsonb_set(data, '{transcripts}', '[]')
    where call_id = any(${uuids(callIds)}) and jsonb_array_length(data -> 'transcripts') > 0`)
}
