import type { World } from '../world/world.ts'

export type EventTime = { recordedAtMs: number }

/** When each call first had an event of this kind, in real ms since the epoch. Worlds that are measured run at speed 1. */
export async function readEvents(world: World, kind: string): Promise<Map<string, EventTime>> {
  const rows = await world.sql<{ callId: string; recordedAt: Date }[]>`
    select call_id as "callId", recorded_at as "recordedAt"
    from event_log where kind = ${kind} and call_id is not null order by id desc`
  return new Map(rows.map(({ callId, recordedAt }) => [callId, { recordedAtMs: recordedAt.getTime() }]))
}
