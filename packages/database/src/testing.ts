import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'
import { dropDatabase } from './fresh-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A server to use instead of an embedded one; '' for none. */
    ownServerUrl: string
    /** Redis for the queues; '' when they are to use PostgreSQL. */
    redisUrl: string
    /** Filled in by the global setup. */
    testServer: { url: string; template: string }
  }
}

export type TestDatabase = {
  /** Connection string of the owner. */
  url: string
  /** Closes what is still connected and deletes the database. What is not dropped goes with the end of the run. */
  drop(): Promise<void>
}

/** A database of its own with all migrations applied, for one test file. Takes some tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { url, template } = inject('testServer')
  const name = `${template}_${randomBytes(5).toString('hex')}`
  await cloneDatabase({ serverUrl: url, template, name })
  const ownUrl = new URL(url)
  ownUrl.pathname = `/${name}`
  return { url: ownUrl.href, drop: () => dropDatabase(url, name) }
}

/** Where the queues of a test live besides PostgreSQL: undefined unless the suite runs on Redis. */
export function testRedisUrl(): string | undefined {
  return inject('redisUrl') || undefined
}

async function cloneDatabase({ serverUrl, template, name }: { serverUrl: string; template: string; name: string }) {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    await sql`create database ${sql(name)} template ${sql(template)}`
  } finally {
    await sql.end({ timeout: 5 })
  }
}
