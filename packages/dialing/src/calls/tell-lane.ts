import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { isoText, logEach } from '../event-log.ts'
import { type Move, newsOf, refusalOf, type Written } from './write-move.ts'

const slowStepMs = 2_000
const slowStepsMax = 5

/** What a change of a call means for its lane. */
export type LaneNews = {
  trunkId: string | null
  /** It should look again. */
  isWoken: boolean
  pace: 'none' | 'slow_down' | 'recover'
  reason: string
}

export function newsForLane(move: Move, written: Written): LaneNews {
  const { answered, ended } = newsOf(move)
  const refusal = refusalOf(move)
  const slow = refusal?.effect === 'slow_lane' && ended
  return {
    trunkId: move.before.trunkId,
    isWoken: written.wakesLane,
    pace: slow ? 'slow_down' : answered ? 'recover' : 'none',
    reason: refusal?.reason ?? '',
  }
}

/** Tells it after the commit: a lane's row may not be locked while a call's is. */
export async function tellLane(
  deps: Pick<Deps, 'db' | 'queue'>,
  { news, now }: { news: LaneNews; now: Date },
): Promise<void> {
  const { trunkId, pace, reason } = news
  if (!trunkId) return
  if (pace !== 'none') await paceLane(deps, { trunkId, pace, reason, now })
  if (news.isWoken) await deps.queue.tick(trunkId)
}

/**
 * Slows a lane down after carrier or LiveKit refused for reasons of their own (2 s, then doubling up to 64 s), or tells
 * it that a call got through. Calls already claimed come back without an attempt when their start has come.
 */
export async function paceLane(
  deps: Pick<Deps, 'db' | 'queue'>,
  news: { trunkId: string; pace: 'slow_down' | 'recover'; reason: string; now: Date },
): Promise<void> {
  const now = sql`${news.now.toISOString()}::timestamptz`
  if (news.pace === 'recover') {
    await deps.db.execute(sql`update lanes set slowed_steps = 0 where trunk_id = ${news.trunkId} and slowed_steps > 0`)
    return
  }
  await deps.db.execute(sql`
    with slowed as (
      update lanes set slowed_steps = least(slowed_steps + 1, ${slowStepsMax}), slowed_reason = ${news.reason},
        slowed_until = ${now} + ${slowStepMs} * power(2, slowed_steps) * interval '1 millisecond'
      where trunk_id = ${news.trunkId} and (slowed_until is null or slowed_until <= ${now})
      returning workspace_id, trunk_id, slowed_reason, slowed_until)
    ${logEach(sql`slowed`, {
      kind: 'lane_slowed',
      at: news.now,
      workspaceId: sql`workspace_id`,
      trunkId: sql`trunk_id`,
      details: sql`jsonb_build_object('reason', slowed_reason, 'until', ${isoText(sql`slowed_until`)})`,
    })}`)
  await deps.queue.tick(news.trunkId)
}
