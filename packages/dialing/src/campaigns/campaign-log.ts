import { inWorkspace, type Tx } from '@outdial/database/client'
import { campaignRuntime } from '@outdial/database/schema/campaigns'
import { eventLog } from '@outdial/database/schema/event-log'
import { and, desc, eq, inArray, isNull, lt, ne, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import type { Deps, Who } from '../deps.ts'
import { type Page, pageInput } from '../page.ts'
import { findCampaign } from './read-campaigns.ts'

/** A decision, as it was written down. */
export type LogEntry = Omit<typeof eventLog.$inferSelect, 'id' | 'workspaceId'> & { id: string }

export const listCampaignLogInput = pageInput.extend({
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'is not a cursor of this list: pass `nextCursor` of the page before')
    .optional(),
})

/**
 * What was decided about a campaign as a whole, newest first: its settings, starts and stops, why it waited, and what
 * slowed its trunk down. Contacts have logs of their own. @throws NotFound
 */
export async function listCampaignLog(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { campaignId, limit, cursor }: z.infer<typeof listCampaignLogInput> & { campaignId: string },
): Promise<Page<LogEntry>> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await findCampaign(tx, campaignId)
    const trunkId = await trunkOf(tx, campaignId)
    const before = cursor ? lt(eventLog.id, Number(cursor)) : undefined
    const sources = [ofCampaign(campaignId), ...(trunkId ? [ofTrunk(trunkId)] : [])]
    const rows = await newest(
      tx,
      sources.map((source) => ({ where: and(source, before), limit: limit + 1 })),
    )
    const data = rows.slice(0, limit)
    return { data: data.map(toLogEntry), nextCursor: rows.length > limit ? String(data.at(-1)?.id) : null }
  })
}

/** More than this of one kind helps nobody to understand; the newest are kept. */
const ownMax = 1_000
const othersMax = 200

/**
 * What was decided about a contact, oldest first, with what happened meanwhile to its campaign, its trunk and its
 * number. After the contact is finished, the campaign's and the trunk's story matters to it no more.
 */
export async function readContactLog(
  tx: Tx,
  about: { campaignId: string; contactId: string; phoneNumber: string; workspaceId: string; isFinished: boolean },
): Promise<LogEntry[]> {
  const { campaignId, contactId } = about
  const trunkId = await trunkOf(tx, campaignId)
  const own = and(eq(eventLog.campaignId, campaignId), eq(eventLog.contactId, contactId))
  const ofNumber = and(
    eq(eventLog.workspaceId, about.workspaceId),
    sql`${eventLog.details} ->> 'phoneNumber' = ${about.phoneNumber}`,
    inArray(eventLog.kind, ['number_suppressed', 'number_unsuppressed']),
  )
  const others = [
    and(ofCampaign(campaignId), ne(eventLog.kind, 'contacts_added')),
    ofNumber,
    trunkId && ofTrunk(trunkId),
  ]
  const found = await newest(tx, [
    { where: own, limit: ownMax },
    ...others.flatMap((where) => (where ? [{ where, limit: othersMax }] : [])),
  ])
  const entries = found.toReversed()
  const first = entries.find((entry) => entry.campaignId !== null)?.id ?? 0
  const last = entries.findLast((entry) => entry.contactId !== null)?.id ?? 0
  return entries
    .filter(({ id, kind, contactId: whose }) => {
      if (whose !== null || kind.startsWith('number_')) return true
      return id >= first && (!about.isFinished || id < last)
    })
    .map(toLogEntry)
}

type Row = typeof eventLog.$inferSelect

/** Each source is a range of an index, read from its end. */
async function newest(tx: Tx, sources: { where: SQL | undefined; limit: number }[]): Promise<Row[]> {
  const [first, second, ...rest] = sources.map(({ where, limit }) =>
    tx.select().from(eventLog).where(where).orderBy(desc(eventLog.id)).limit(limit),
  )
  if (!first) return []
  const rows = await (second ? unionAll(first, second, ...rest) : first)
  return rows.toSorted((a, b) => b.id - a.id)
}

function ofCampaign(campaignId: string) {
  return and(eq(eventLog.campaignId, campaignId), isNull(eventLog.contactId), isNull(eventLog.callId))
}

function ofTrunk(trunkId: string) {
  const ofLane = and(eq(eventLog.trunkId, trunkId), isNull(eventLog.campaignId), isNull(eventLog.callId))
  return and(ofLane, inArray(eventLog.kind, ['lane_slowed', 'trunk_changed']))
}

async function trunkOf(tx: Tx, campaignId: string): Promise<string | null> {
  const [runtime] = await tx.select().from(campaignRuntime).where(eq(campaignRuntime.campaignId, campaignId))
  return runtime?.trunkId ?? null
}

function toLogEntry({ id, workspaceId: _, ...entry }: Row): LogEntry {
  return { id: String(id), ...entry }
}
