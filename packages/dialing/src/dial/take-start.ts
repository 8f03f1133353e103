import { type Pace, paceOf } from '@outdial/policy/pacing'
import { type SQL, sql } from 'drizzle-orm'
import { gapOf } from '../campaigns/campaign-settings.ts'
import type { Deps } from '../deps.ts'
import type { PermittedCall } from './permit.ts'

type Dial = Pick<PermittedCall, 'call' | 'campaign' | 'trunk'>

export type TakenStart = {
  kind: 'taken'
  startsAt: Date
  /** The same as it is remembered, with its fraction. */
  startMs: number
}

export type Start =
  | TakenStart
  /** The campaign's own pace allows no call before `until`; nothing was taken. */
  | { kind: 'too_early'; until: Date }
  /** The trunk's next free instant is after the latest start; nothing was taken. */
  | { kind: 'too_late' }

/**
 * Takes the next instant at which a trunk, and a campaign with a pace of its own, may dial. Whatever queues, processes
 * and timers did to the plan, no second of a trunk has more instants than its calls per second.
 * One statement that does not wait for the disk: every dial of the trunk wants this row.
 */
export async function takeStart(
  deps: Pick<Deps, 'db'>,
  input: { dial: Dial; earliest: Date; latest: Date },
): Promise<Start> {
  const { call, trunk } = input.dial
  const pace = paceOf(trunk.callsPerSecond)
  const earliestMs = sql`${input.earliest.getTime()}::double precision`
  const freeMs = sql`greatest(${earliestMs}, ${allowedBy(pace)})`
  const gapMs = ownGapOf(input.dial)
  const ownGapMs = sql`${gapMs}::double precision`
  const [row] = await deps.db.execute<{
    start_ms: number | null
    gap_ends_ms: number | null
    own_next_ms: number | null
  }>(sql`
    with own as (
      insert into campaign_paces as p (campaign_id, workspace_id, next_start_ms)
      select ${call.campaignId}::uuid, ${call.workspaceId}::uuid, ${ownGapMs} + greatest(${earliestMs},
        (select ${allowedBy(pace)} from lane_paces p where p.trunk_id = ${trunk.id})) where ${ownGapMs} > 0
      on conflict (campaign_id) do update set next_start_ms = excluded.next_start_ms
        where p.next_start_ms <= ${earliestMs}
      returning next_start_ms),
    taken as (
      insert into lane_paces as p (trunk_id, workspace_id, starts_ms)
      select ${trunk.id}::uuid, ${trunk.workspaceId}::uuid, array[${earliestMs}]
      where ${ownGapMs} = 0 or exists (select from own)
      on conflict (trunk_id) do update set
        starts_ms = p.starts_ms[greatest(cardinality(p.starts_ms) - ${pace.starts - 2}, 1):] || ${freeMs}
        where ${freeMs} <= ${input.latest.getTime()}::double precision
      returning starts_ms[cardinality(starts_ms)] as start_ms)
    select (select start_ms from taken) as start_ms, (select next_start_ms from own) as gap_ends_ms,
      (select p.next_start_ms from campaign_paces p where ${ownGapMs} > 0 and p.campaign_id = ${call.campaignId}
        and p.next_start_ms > ${earliestMs}) as own_next_ms`)
  if (row && row.start_ms !== null) {
    const nextMs = row.start_ms + gapMs
    if (row.gap_ends_ms !== null && row.gap_ends_ms < nextMs) await countFrom(deps, { call, nextMs })
    return takenAt(row.start_ms)
  }
  if (row && row.own_next_ms !== null) return { kind: 'too_early', until: new Date(Math.ceil(row.own_next_ms)) }
  return { kind: 'too_late' }
}

/**
 * Others took the instant that the statement saw, so the call starts later: its campaign's next one counts from there.
 * Nobody can have taken that meanwhile, since its time has not come.
 */
async function countFrom(
  { db }: Pick<Deps, 'db'>,
  { call, nextMs }: Pick<Dial, 'call'> & { nextMs: number },
): Promise<void> {
  await db.execute(sql`
    update campaign_paces set next_start_ms = greatest(next_start_ms, ${nextMs}::double precision)
    where campaign_id = ${call.campaignId}`)
}

/**
 * Moves an instant that was taken and missed to a later one, so that the trunk loses no call by it: a second's worth of
 * starts holds no more when one of them comes later, as long as it is still among the last. Null where it is not, or
 * where the campaign has a pace of its own, whose next call may already count from it: another is to be taken.
 */
export async function moveStart(
  deps: Pick<Deps, 'db'>,
  input: { dial: Dial; missed: TakenStart; to: Date },
): Promise<TakenStart | null> {
  const { dial, missed, to } = input
  if (ownGapOf(dial) > 0) return null
  const missedMs = sql`${missed.startMs}::double precision`
  const at = sql`array_position(p.starts_ms, ${missedMs})`
  const [row] = await deps.db.execute(sql`
    update lane_paces p set starts_ms = array(
      select ms from unnest(p.starts_ms[:${at} - 1] || p.starts_ms[${at} + 1:] || ${to.getTime()}::double precision) ms
      order by ms)
    where p.trunk_id = ${dial.trunk.id} and ${missedMs} = any(p.starts_ms) returning p.trunk_id`)
  return row ? takenAt(to.getTime()) : null
}

/** Before this instant the pace allows nothing, by what the row `p` of lane_paces remembers; null where that is nothing. */
function allowedBy({ starts, withinMs, apartMs }: Pace): SQL {
  const count = sql`cardinality(p.starts_ms)`
  return sql`greatest(p.starts_ms[${count}] + ${apartMs}::double precision,
    p.starts_ms[${count} - ${starts - 1}] + ${withinMs}::double precision)`
}

function ownGapOf({ call, campaign }: Dial): number {
  return call.origin === 'campaign' ? gapOf(campaign) : 0
}

function takenAt(startMs: number): TakenStart {
  return { kind: 'taken', startsAt: new Date(Math.ceil(startMs)), startMs }
}
