import type { World } from '../world/world.ts'

export type EventTime = { recordedAtMs: number; startsAtMs: number | undefined }

/** When each call first had an event of this kind, in real ms since the epoch. Worlds that are measured run at speed 1. */
export async function readEvents(world: World, kind: string): Promise<Map<string, EventTime>> {
  const rows = await world.sql<{ callId: string; recordedAt: Date; startsAt: string | null }[]>`
    select call_id as "callId", recorded_at as "recordedAt", details ->> 'startsAt' as "startsAt"
    from event_log where kind = ${kind} and call_id is not null order by id desc`
  return new Map(
    rows.map(({ callId, recordedAt, startsAt }) => [
      callId,
      { recordedAtMs: recordedAt.getTime(), startsAtMs: startsAt === null ? undefined : Date.parse(startsAt) },
    ]),
  )
}
