import type { Tx } from '@outdial/database/client'
import { eventLog } from '@outdial/database/schema/event-log'

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
