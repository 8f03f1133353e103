import { type SQL, sql } from 'drizzle-orm'

/** How long a number that is being called by somebody else in the workspace is left alone. */
const inCallMs = 60_000

/** Calls are counted from the moment they are dialed, and that from the permit or a little later. */
const slackMinutes = 1

export type NumberBlock = { reason: string; until: Date }

export type NumberAttempts = {
  limit_calls: number | null
  limit_hours: number
  in_call: boolean | null
  /** When the attempt that has to grow old enough was made; null while fewer than allowed count. */
  nth_at: string | null
}

/** The attempts to a number that count, as a subquery over an index range of this one number. */
export function attemptsToNumber(of: { workspace: SQL; phoneNumber: SQL; now: Date }): SQL {
  const { workspace, phoneNumber } = of
  const since = sql`${of.now.toISOString()}::timestamptz - make_interval(hours => ${workspace}.attempt_limit_hours, mins => ${slackMinutes})`
  return sql`
    select bool_or(a.status in ('calling', 'answered')) as in_call,
      (array_agg(a.permitted_at order by a.permitted_at desc) filter (where a.permitted_at > ${since}))[${workspace}.attempt_limit_calls] as nth_at
    from calls a where a.workspace_id = ${workspace}.id and a.phone_number = ${phoneNumber}
      and a.permitted_at is not null and a.burned
      and (a.permitted_at > ${since} or a.status in ('calling', 'answered'))`
}

/** Why a number must not be called by any campaign of its workspace now, and until when; null where nothing speaks against it. */
export function toBlock(attempts: NumberAttempts, now: Date): NumberBlock | null {
  const { limit_calls: calls, limit_hours: hours, nth_at: nthAt } = attempts
  if (nthAt) {
    const until = new Date(new Date(nthAt).getTime() + (hours * 60 + slackMinutes) * 60_000)
    return { reason: `The number was called ${calls} times in ${hours} hours, by all campaigns together.`, until }
  }
  return attempts.in_call ? inAnotherCall(now) : null
}

export function inAnotherCall(now: Date): NumberBlock {
  return { reason: 'The number is in another call.', until: new Date(now.getTime() + inCallMs) }
}
