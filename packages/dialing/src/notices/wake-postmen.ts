import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { discardUnwanted } from './address-notices.ts'
import { isAnythingDue } from './deliver-notices.ts'

const keptFor = '30 days'
const forgottenAtOnce = 500

/**
 * Looks once, for the sweep: what nobody wants goes, what is old is forgotten, and where something is due the postmen
 * are woken. Whoever writes a notice wakes nobody, since that would cost every call.
 */
export async function wakePostmen(deps: Pick<Deps, 'db' | 'queue'>, now: Date): Promise<boolean> {
  await discardUnwanted(deps, now)
  await forgetOld(deps)
  const isDue = await isAnythingDue(deps, now)
  if (isDue) await deps.queue.notify()
  return isDue
}

/** An id tells when it was made, by PostgreSQL's clock. Deliveries go with their notice. */
async function forgetOld(deps: Pick<Deps, 'db'>): Promise<void> {
  await deps.db.execute(sql`
    delete from notices where id in (
      select id from notices where id < uuidv7(-${keptFor}::interval) order by id limit ${forgottenAtOnce}
      for update skip locked)`)
}
