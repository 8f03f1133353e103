import { inWorkspace } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { and, asc, eq, gt, inArray, ne, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Deps, Who } from '../deps.ts'

/** More calls than this begin and end between two looks only where nobody could follow them anyway. */
const newCallsMax = 500

/**
 * The calls of no campaign that may have moved since the last look: all open ones, those that were still moving then
 * (`watched`), and what was created after `newerThan`. An index range each, whatever the campaigns do meanwhile.
 */
export async function lookForCalls(
  deps: Pick<Deps, 'db'>,
  { workspaceId }: Omit<Who, 'now'>,
  { watched, newerThan }: { watched: string[]; newerThan: string },
) {
  const apart = and(eq(calls.workspaceId, workspaceId), ne(calls.origin, 'campaign'))
  const rows = await inWorkspace(deps.db, workspaceId, (tx) => {
    const open = tx
      .select(glimpse)
      .from(calls)
      .where(and(apart, inArray(calls.status, ['pending', 'calling', 'answered'])))
    const known = tx.select(glimpse).from(calls).where(inArray(calls.id, watched))
    const fresh = tx
      .select(glimpse)
      .from(calls)
      .where(and(apart, gt(calls.id, newerThan)))
      .orderBy(asc(calls.id))
      .limit(newCallsMax)
    return unionAll(open, known, fresh)
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** What a watcher is told of a call when it moves. */
export type WatchedCall = Awaited<ReturnType<typeof lookForCalls>>[number]

const glimpse = {
  id: calls.id,
  direction: sql<'inbound' | 'outbound'>`case ${calls.origin} when 'inbound' then 'inbound' else 'outbound' end`,
  roomName: calls.roomName,
  phoneNumber: calls.phoneNumber,
  fromNumber: calls.fromNumber,
  contactName: calls.contactName,
  assistantId: calls.assistantId,
  /** Who is to talk: an agent, or somebody from the browser. */
  answeredBy: sql<
    'agent' | 'person'
  >`case when ${calls.options}->'agentName' = 'null'::jsonb then 'person' else 'agent' end`,
  /** The person who took it, as the participant of LiveKit's room. */
  takenBy: sql<string | null>`${calls.options}->>'person'`,
  status: calls.status,
  disposition: calls.disposition,
  outcome: calls.outcome,
  createdAt: calls.createdAt,
  ringingAt: calls.ringingAt,
  answeredAt: calls.answeredAt,
  endedAt: calls.endedAt,
  /** Once it is set nothing about the call changes by itself. */
  settledAt: calls.settledAt,
}
