import { sql } from 'drizzle-orm'
import { subjectOf } from '../calls/act-on-change.ts'
import type { Deps } from '../deps.ts'
import { isoText, logEach } from '../event-log.ts'
import type { PermittedCall } from './permit.ts'

export type Start =
  | { kind: 'taken'; startsAt: Date }
  /** The trunk's next free instant is after the latest start; nothing was taken. */
  | { kind: 'too_late' }
  /** Paused, stopped, hung up or suppressed since the permit, or given up by the sweep. */
  | { kind: 'unwanted' }

/**
 * The last word of the database before a call is dialed, in one statement that commits at once: looks whether the call
 * is still wanted, marks it as dialed, and takes the next instant at which its trunk may dial. Whatever queues,
 * processes and timers did to the plan, no two calls of a trunk start closer together than its calls per second allow.
 * The call's row is locked before the trunk's, so that nobody who holds up this call holds up its trunk.
 */
export async function takeStart(
  deps: Pick<Deps, 'db'>,
  input: {
    dial: Pick<PermittedCall, 'call' | 'trunk'>
    now: Date
    earliest: Date
    latest: Date
    /** When the sweep asks what became of it. */
    checkAt: Date
  },
): Promise<Start> {
  const { call, trunk } = input.dial
  const intervalMs = sql`${1000 / trunk.callsPerSecond}::double precision`
  const earliestMs = sql`${input.earliest.getTime()}::double precision`
  const free = sql`greatest(p.next_start_ms, ${earliestMs})`
  const [row] = await deps.db.execute<{ wanted: boolean; start_ms: number | null }>(sql`
    with marked as (
      update calls c set dialed_at = ${input.now.toISOString()}::timestamptz,
        check_at = ${input.checkAt.toISOString()}::timestamptz
      where c.id = ${call.id} and c.status = 'calling' and c.hangup_requested_at is null
        and (c.origin <> 'campaign' or exists (
          select from campaigns k where k.id = c.campaign_id and k.execution_status = 'running'))
        and not exists (
          select from suppressions s where s.workspace_id = c.workspace_id and s.phone_number = c.phone_number)
      returning c.*),
    taken as (
      insert into lane_paces as p (trunk_id, workspace_id, next_start_ms)
      select trunk_id, workspace_id, ${earliestMs} + ${intervalMs} from marked
      on conflict (trunk_id) do update set next_start_ms = ${free} + ${intervalMs}
        where ${free} <= ${input.latest.getTime()}::double precision
      returning next_start_ms - ${intervalMs} as start_ms),
    logged as (${logEach(sql`marked, taken`, {
      ...{ kind: 'dialed', at: input.now, ...subjectOf(call), trunkId: trunk.id },
      details: sql`jsonb_build_object('startsAt', ${isoText(sql`to_timestamp(ceil(start_ms) / 1000)`)})`,
    })})
    select exists (select from marked) as wanted, (select start_ms from taken) as start_ms`)
  if (!row?.wanted) return { kind: 'unwanted' }
  return row.start_ms === null ? { kind: 'too_late' } : { kind: 'taken', startsAt: new Date(Math.ceil(row.start_ms)) }
}
