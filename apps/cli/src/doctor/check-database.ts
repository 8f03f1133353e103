import { connect } from '@outdial/database/client'
import { readDatabaseState } from '@outdial/database/migrate'
import { openQueue } from '@outdial/queue/queue'
import type { Tell } from './finding.ts'

const clockToleranceMs = 1_000

/** PostgreSQL answers, is new enough, is migrated, and lets the roles in. */
export async function checkDatabase(url: string, tell: Tell): Promise<void> {
  const { version, isNewEnough, hostAheadMs, pendingMigrations: pending } = await readDatabaseState(url)
  if (!isNewEnough) return tell('wrong', `PostgreSQL ${version} is too old. Outdial needs 18.`)
  tell('good', `PostgreSQL ${version} answers`)
  if (Math.abs(hostAheadMs) > clockToleranceMs) {
    tell('doubt', `This host's clock is ${Math.round(hostAheadMs)} ms ahead of PostgreSQL's. Let NTP set both.`)
  }
  if (pending > 0) return tell('wrong', `${pending} migrations are missing. Run: outdial migrate`)
  for (const role of ['api', 'engine'] as const) {
    const asRole = connect({ url, role, maxConnections: 1 })
    await asRole.ping().finally(() => asRole.close())
  }
  tell('good', 'it is migrated, and the login may act as the roles')
}

export async function checkQueue(
  { databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string | undefined },
  tell: Tell,
): Promise<void> {
  const queue = await openQueue({ databaseUrl, ...(redisUrl && { redisUrl }), onError: () => {} })
  await queue.ping().finally(() => queue.close())
  tell('good', redisUrl ? `Redis at ${new URL(redisUrl).host} answers` : 'it is in PostgreSQL, and answers')
}
