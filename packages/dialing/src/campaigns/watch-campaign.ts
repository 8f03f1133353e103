import { inWorkspace } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Deps, Who } from '../deps.ts'

/** What a watcher is told of a call when it moves. */
export type CallGlimpse = {
  id: string
  phoneNumber: string
  contactName: string | null
  attempt: number
  status: (typeof calls.$inferSelect)['status']
  disposition: (typeof calls.$inferSelect)['disposition']
  outcome: (typeof calls.$inferSelect)['outcome']
  ringingAt: Date | null
  answeredAt: Date | null
  endedAt: Date | null
  /** Once it is set nothing about the call changes by itself. */
  settledAt: Date | null
}

/** More calls than this begin and end between two looks only where nobody could follow them anyway. */
const newCallsMax = 2_000

/**
 * The calls of a campaign that may have moved since the last look: all open ones, those that were still moving then
 * (`watched`), and what was created after `newerThan`. Three index ranges, whatever the size of the campaign.
 */
export async function lookForMoves(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { campaignId, watched, newerThan }: { campaignId: string; watched: string[]; newerThan: string },
): Promise<CallGlimpse[]> {
  const ofCampaign = eq(calls.campaignId, campaignId)
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) => {
    const open = tx
      .select(glimpse)
      .from(calls)
      .where(and(ofCampaign, inArray(calls.status, ['pending', 'calling', 'answered'])))
    const known = tx.select(glimpse).from(calls).where(inArray(calls.id, watched))
    const fresh = tx
      .select(glimpse)
      .from(calls)
      .where(and(ofCampaign, gt(calls.id, newerThan)))
      .orderBy(asc(calls.id))
      .limit(newCallsMax)
    return unionAll(open, known, fresh)
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** An id as a call would get it now: ids have PostgreSQL's time in them, whatever this host's clock says. */
export async function idOfNow({ db }: Pick<Deps, 'db'>): Promise<string> {
  const [row] = await db.execute<{ id: string }>(sql`select uuidv7() as id`)
  if (!row) throw new Error('uuidv7() gave no row')
  return row.id
}

const glimpse = {
  id: calls.id,
  phoneNumber: calls.phoneNumber,
  contactName: calls.contactName,
  attempt: calls.attempt,
  status: calls.status,
  disposition: calls.disposition,
  outcome: calls.outcome,
  ringingAt: calls.ringingAt,
  answeredAt: calls.answeredAt,
  endedAt: calls.endedAt,
  settledAt: calls.settledAt,
}
