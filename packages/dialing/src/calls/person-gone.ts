import { calls } from '@outdial/database/schema/calls'
import { eq, sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'

/** Real time for which a person may be away: a page that is loaded anew, a network that changes. */
const awayMs = 10_000

/**
 * Whether the person who talked from the browser has left for good, so that whoever is on the telephone must not be left
 * in silence. It takes two looks: the first one notes since when.
 */
export async function isPersonGone(
  { db, clockSpeed }: Pick<Deps, 'db' | 'clockSpeed'>,
  { call, isThere, now }: { call: typeof calls.$inferSelect; isThere: boolean; now: Date },
): Promise<boolean> {
  const since = call.options?.personGoneSince
  const graceMs = awayMs * clockSpeed
  if (!isThere && since) return now.getTime() - Date.parse(since) >= graceMs
  if (isThere && !since) return false
  const options = isThere
    ? sql`${calls.options} - 'personGoneSince'`
    : sql`${calls.options} || ${JSON.stringify({ personGoneSince: now.toISOString() })}::jsonb`
  const checkAt = new Date(now.getTime() + graceMs)
  await db
    .update(calls)
    .set({ options, ...(!isThere && { checkAt }) })
    .where(eq(calls.id, call.id))
  return false
}
