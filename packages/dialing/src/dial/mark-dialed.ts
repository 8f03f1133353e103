import { sql } from 'drizzle-orm'
import { subjectOf } from '../calls/call-data.ts'
import type { Deps } from '../deps.ts'
import { logEach } from '../event-log.ts'
import type { PermittedCall } from './permit.ts'

/**
 * The last word of the database before a call is dialed: looks whether it is still wanted (nobody paused, stopped or
 * edited its campaign, hung it up or suppressed its number since the permit, which is still this one, nobody asked for a
 * call to a campaign's number, and the sweep has not given it up), and marks it as dialed. On disk when it returns.
 * False: it must not be dialed.
 */
export async function markDialed(
  deps: Pick<Deps, 'db'>,
  input: {
    dial: Pick<PermittedCall, 'call' | 'campaign' | 'trunk'>
    now: Date
    /** When the sweep asks what became of it. */
    checkAt: Date
  },
): Promise<boolean> {
  const { call, campaign, trunk } = input.dial
  const [row] = await deps.db.execute<{ marked: boolean }>(sql`
    with marked as (
      update calls c set dialed_at = ${input.now.toISOString()}::timestamptz,
        check_at = ${input.checkAt.toISOString()}::timestamptz
      where c.id = ${call.id} and c.status = 'calling'
        and c.permitted_at = ${call.permittedAt?.toISOString() ?? null}::timestamptz and c.hangup_requested_at is null
        and (c.origin <> 'campaign' or exists (
          select from campaigns k where k.id = c.campaign_id and k.execution_status = 'running'
            and k.updated_at = ${campaign?.updatedAt.toISOString() ?? null}::timestamptz)
          and not exists (
            select from calls o where o.workspace_id = c.workspace_id and o.phone_number = c.phone_number
              and o.id <> c.id and o.permitted_at is not null and o.burned and o.status in ('calling', 'answered')))
        and not exists (
          select from suppressions s where s.workspace_id = c.workspace_id and s.phone_number = c.phone_number)
      returning c.id),
    logged as (${logEach(sql`marked`, { kind: 'dialed', at: input.now, ...subjectOf(call), trunkId: trunk.id })})
    select exists (select from marked) as marked, set_config('synchronous_commit', 'on', true)`)
  return row?.marked ?? false
}
