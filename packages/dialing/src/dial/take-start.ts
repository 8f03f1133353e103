import { sql } from 'drizzle-orm'
import { subjectOf } from '../calls/act-on-change.ts'
import { gapOf } from '../campaigns/campaign-settings.ts'
import type { Deps } from '../deps.ts'
import { isoText, logEach } from '../event-log.ts'
import type { PermittedCall } from './permit.ts'

export type Start =
  | { kind: 'taken'; startsAt: Date }
  /** The campaign's own pace allows no call before `until`; nothing was taken. */
  | { kind: 'too_early'; until: Date }
  /** The trunk's next free instant is after the latest start; nothing was taken. */
  | { kind: 'too_late' }
  /** Paused, stopped, edited, hung up or suppressed since the permit, or given up by the sweep. */
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
    dial: Pick<PermittedCall, 'call' | 'campaign' | 'trunk'>
    now: Date
    earliest: Date
    latest: Date
    /** When the sweep asks what became of it. */
    checkAt: Date
  },
): Promise<Start> {
  const { call, campaign, trunk } = input.dial
  const intervalMs = sql`${1000 / trunk.callsPerSecond}::double precision`
  const earliestMs = sql`${input.earliest.getTime()}::double precision`
  const free = sql`greatest(p.next_start_ms, ${earliestMs})`
  const ownGapMs = sql`${call.origin === 'campaign' ? gapOf(campaign) : 0}::double precision`
  const [row] = await deps.db.execute<{ wanted: boolean; start_ms: number | null; own_next_ms: number | null }>(sql`
    with marked as (
      update calls c set dialed_at = ${input.now.toISOString()}::timestamptz,
        check_at = ${input.checkAt.toISOString()}::timestamptz
      where c.id = ${call.id} and c.status = 'calling' and c.hangup_requested_at is null
        and not exists (select from campaign_paces p
          where ${ownGapMs} > 0 and p.campaign_id = c.campaign_id and p.next_start_ms > ${earliestMs})
        and (c.origin <> 'campaign' or exists (
          select from campaigns k where k.id = c.campaign_id and k.execution_status = 'running'
            and k.updated_at = ${campaign?.updatedAt.toISOString() ?? null}::timestamptz))
        and not exists (
          select from suppressions s where s.workspace_id = c.workspace_id and s.phone_number = c.phone_number)
      returning c.*),
    own as (
      insert into campaign_paces as p (campaign_id, workspace_id, next_start_ms)
      select campaign_id, workspace_id, ${ownGapMs} + greatest(${earliestMs},
        (select l.next_start_ms from lane_paces l where l.trunk_id = marked.trunk_id)) from marked where ${ownGapMs} > 0
      on conflict (campaign_id) do update set next_start_ms = excluded.next_start_ms
        where p.next_start_ms <= ${earliestMs}
      returning campaign_id),
    taken as (
      insert into lane_paces as p (trunk_id, workspace_id, next_start_ms)
      select trunk_id, workspace_id, ${earliestMs} + ${intervalMs} from marked
      where ${ownGapMs} = 0 or exists (select from own)
      on conflict (trunk_id) do update set next_start_ms = ${free} + ${intervalMs}
        where ${free} <= ${input.latest.getTime()}::double precision
      returning next_start_ms - ${intervalMs} as start_ms),
    logged as (${logEach(sql`marked, taken`, {
      ...{ kind: 'dialed', at: input.now, ...subjectOf(call), trunkId: trunk.id },
      details: sql`jsonb_build_object('startsAt', ${isoText(sql`to_timestamp(ceil(start_ms) / 1000)`)})`,
    })})
    select exists (select from marked) as wanted, (select start_ms from taken) as start_ms,
      (select p.next_start_ms from campaign_paces p where ${ownGapMs} > 0 and p.campaign_id = ${call.campaignId}
        and p.next_start_ms > ${earliestMs}) as own_next_ms,
      set_config('synchronous_commit', 'on', true)`)
  if (row && row.start_ms !== null) return { kind: 'taken', startsAt: new Date(Math.ceil(row.start_ms)) }
  if (row && row.own_next_ms !== null) return { kind: 'too_early', until: new Date(Math.ceil(row.own_next_ms)) }
  return row?.wanted ? { kind: 'too_late' } : { kind: 'unwanted' }
}
