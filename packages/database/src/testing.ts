import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'

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
  await runOnServer(url, (sql) => sql`create database ${sql(name)} template ${sql(template)}`)
  const drop = () => runOnServer(url, (sql) => sql`drop database if exists ${sql(name)} with (force)`)
  return { url: urlOfDatabase(url, name), drop }
}

/** Where the queues of a test live besides PostgreSQL: undefined unless the suite runs on Redis. */
export function testRedisUrl(): string | undefined {
  return inject('redisUrl') || undefined
}

/** The same server and login, another database. */
export function urlOfDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

/** One short-lived connection to the server's own database. */
export async function runOnServer(serverUrl: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
