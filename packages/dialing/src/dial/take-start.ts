import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'

type Trunk = { id: string; workspaceId: string; callsPerSecond: number }

/**
 * Takes the next instant at which the trunk may dial, in one statement that commits at once: whatever queues, processes
 * and timers did to the plan, no two calls of a trunk start closer together than its calls per second allow.
 * Null, and nothing is taken, when that instant is after `latestStart`.
 */
export async function takeStart(
  deps: Pick<Deps, 'db'>,
  { trunk, now, latestStart }: { trunk: Trunk; now: Date; latestStart: Date },
): Promise<Date | null> {
  const intervalMs = 1000 / trunk.callsPerSecond
  const earliest = sql`greatest(p.next_start_ms, ${now.getTime()}::double precision)`
  const [taken] = await deps.db.execute<{ start_ms: number }>(sql`
    insert into lane_paces as p (trunk_id, workspace_id, next_start_ms)
    values (${trunk.id}, ${trunk.workspaceId}, ${now.getTime()}::double precision + ${intervalMs}::double precision)
    on conflict (trunk_id) do update set next_start_ms = ${earliest} + ${intervalMs}::double precision
      where ${earliest} <= ${latestStart.getTime()}::double precision
    returning next_start_ms - ${intervalMs}::double precision as start_ms`)
  return taken ? new Date(Math.ceil(taken.start_ms)) : null
}
