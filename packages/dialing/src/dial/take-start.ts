import { intervalOf } from '@outdial/policy/pacing'
import { sql } from 'drizzle-orm'
import { gapOf } from '../campaigns/campaign-settings.ts'
import type { Deps } from '../deps.ts'
import type { PermittedCall } from './permit.ts'

export type Start =
  | { kind: 'taken'; startsAt: Date }
  /** The campaign's own pace allows no call before `until`; nothing was taken. */
  | { kind: 'too_early'; until: Date }
  /** The trunk's next free instant is after the latest start; nothing was taken. */
  | { kind: 'too_late' }

/**
 * Takes the next instant at which a trunk, and a campaign with a pace of its own, may dial. Whatever queues, processes
 * and timers did to the plan, no two calls of a trunk start closer together than its calls per second allow.
 * One statement that does not wait for the disk: every dial of the trunk wants this row.
 */
export async function takeStart(
  deps: Pick<Deps, 'db'>,
  input: { dial: Pick<PermittedCall, 'call' | 'campaign' | 'trunk'>; earliest: Date; latest: Date },
): Promise<Start> {
  const { call, campaign, trunk } = input.dial
  const intervalMs = sql`${intervalOf(trunk.callsPerSecond)}::double precision`
  const earliestMs = sql`${input.earliest.getTime()}::double precision`
  const free = sql`greatest(p.next_start_ms, ${earliestMs})`
  const ownGapMs = sql`${call.origin === 'campaign' ? gapOf(campaign) : 0}::double precision`
  const [row] = await deps.db.execute<{ start_ms: number | null; own_next_ms: number | null }>(sql`
    with own as (
      insert into campaign_paces as p (campaign_id, workspace_id, next_start_ms)
      select ${call.campaignId}::uuid, ${call.workspaceId}::uuid, ${ownGapMs} + greatest(${earliestMs},
        (select l.next_start_ms from lane_paces l where l.trunk_id = ${trunk.id})) where ${ownGapMs} > 0
      on conflict (campaign_id) do update set next_start_ms = excluded.next_start_ms
        where p.next_start_ms <= ${earliestMs}
      returning campaign_id),
    taken as (
      insert into lane_paces as p (trunk_id, workspace_id, next_start_ms)
      select ${trunk.id}::uuid, ${trunk.workspaceId}::uuid, ${earliestMs} + ${intervalMs}
      where ${ownGapMs} = 0 or exists (select from own)
      on conflict (trunk_id) do update set next_start_ms = ${free} + ${intervalMs}
        where ${free} <= ${input.latest.getTime()}::double precision
      returning next_start_ms - ${intervalMs} as start_ms)
    select (select start_ms from taken) as start_ms,
      (select p.next_start_ms from campaign_paces p where ${ownGapMs} > 0 and p.campaign_id = ${call.campaignId}
        and p.next_start_ms > ${earliestMs}) as own_next_ms`)
  if (row && row.start_ms !== null) return { kind: 'taken', startsAt: new Date(Math.ceil(row.start_ms)) }
  if (row && row.own_next_ms !== null) return { kind: 'too_early', until: new Date(Math.ceil(row.own_next_ms)) }
  return { kind: 'too_late' }
}
