import type { Db, Tx } from '@outdial/database/client'
import { eventLog } from '@outdial/database/schema/event-log'
import { SQL, sql } from 'drizzle-orm'

/** What can be decided. The page about the event log in docs/ says what each means and which details it has. */
export type EventKind =
  | 'campaign_started'
  | 'campaign_resumed'
  | 'campaign_changed'
  | 'campaign_paused'
  | 'campaign_stopped'
  | 'campaign_failed'
  | 'campaign_completed'
  | 'contacts_added'
  | 'trunk_changed'
  | 'lane_slowed'
  | 'number_suppressed'
  | 'number_unsuppressed'
  | 'workspace_changed'
  | 'requested'
  | 'claimed'
  | 'deferred'
  | 'permitted'
  | 'dialed'
  | 'released'
  | 'applied'
  | 'retried'
  | 'finished'

export type EventEntry = {
  kind: EventKind
  workspaceId: string
  /** The dialer's clock. */
  at: Date
  campaignId?: string | null
  contactId?: string | null
  callId?: string | null
  trunkId?: string | null
  details?: Record<string, unknown>
}

/** Writes what was decided, in the transaction that decided it. */
export async function logEvents(tx: Tx, entries: EventEntry[]): Promise<void> {
  if (entries.length > 0) await tx.insert(eventLog).values(entries)
}

const forgetBatch = 5_000

/**
 * Removes the oldest entries, at most a batch of those older than so many days of real time (30 at least). Only the
 * database's own function may: nobody else can change or remove an entry. Returns how many went.
 */
export async function forgetEvents(db: Db, { realNow, days }: { realNow: Date; days: number }): Promise<number> {
  const before = new Date(realNow.getTime() - days * 86_400_000)
  const [row] = await db.execute<{ forgotten: number }>(sql`
    select forget_events(${before.toISOString()}::timestamptz, ${forgetBatch}) as forgotten`)
  return row?.forgotten ?? 0
}

/** An entry of which some columns come from the rows of another query. */
export type RowEntry = Pick<EventEntry, 'kind' | 'at'> & {
  workspaceId: string | SQL
  campaignId?: string | SQL | null
  contactId?: string | SQL | null
  callId?: string | SQL | null
  trunkId?: string | SQL | null
  details?: Record<string, unknown> | SQL
}

/** The same as a part of another statement, `with … as (<this>)`: one entry for each of `rows`, none where there are none. */
export function logEach(rows: SQL, entry: RowEntry): SQL {
  const { details = {} } = entry
  const id = (value: string | SQL | null | undefined) => sql`${value ?? null}::uuid`
  return sql`
    insert into event_log (kind, at, workspace_id, campaign_id, contact_id, call_id, trunk_id, details)
    select ${entry.kind}::text, ${entry.at.toISOString()}::timestamptz, ${id(entry.workspaceId)}, ${id(entry.campaignId)},
      ${id(entry.contactId)}, ${id(entry.callId)}, ${id(entry.trunkId)},
      ${isSql(details) ? details : sql`${JSON.stringify(details)}::jsonb`}
    from ${rows}`
}

function isSql(value: Record<string, unknown> | SQL): value is SQL {
  return value instanceof SQL
}

/** A moment within details that SQL builds, written as JavaScript writes it. */
export function isoText(moment: SQL): SQL {
  return sql`to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
