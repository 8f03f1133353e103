import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'

/** What is in hand in all workspaces together, for operators to watch. */
export type Workload = {
  callsPending: number
  callsCalling: number
  callsAnswered: number
  /** How long the oldest call that should have started has been waiting, in seconds; 0 when none is late. */
  startLatenessSeconds: number
  signalsUnapplied: number
  /** Signals that could not be applied and need a person. */
  signalsInTrouble: number
  lanesSlowed: number
  campaignsRunning: number
  noticesUndelivered: number
  noticeEndpointsFailing: number
}

/** Counts over partial indexes: the cost follows what is in hand, not what was ever done. */
export async function readWorkload(deps: Pick<Deps, 'db'>, now: Date): Promise<Workload> {
  const at = sql`${now.toISOString()}::timestamptz`
  const [row] = await deps.db.execute<Record<keyof Workload, number>>(sql`
    select
      (select count(*)::int from calls where status = 'pending') as "callsPending",
      (select count(*)::int from calls where status = 'calling' and check_at is not null) as "callsCalling",
      (select count(*)::int from calls where status = 'answered' and check_at is not null) as "callsAnswered",
      (select greatest(0, coalesce(extract(epoch from ${at} - min(starts_at)), 0))::float8
        from calls where status = 'pending' and starts_at is not null) as "startLatenessSeconds",
      (select count(*)::int from signals where applied_at is null and problem is null) as "signalsUnapplied",
      (select count(*)::int from signals where applied_at is null and problem is not null) as "signalsInTrouble",
      (select count(*)::int from lanes where slowed_until > ${at}) as "lanesSlowed",
      (select count(*)::int from campaigns where execution_status = 'running') as "campaignsRunning",
      (select count(*)::int from notice_deliveries where status = 'pending') as "noticesUndelivered",
      (select count(*)::int from notice_endpoints
        where archived_at is null and failing_since is not null and switched_off_at is null) as "noticeEndpointsFailing"`)
  if (!row) throw new Error('PostgreSQL answered no workload')
  return row
}
