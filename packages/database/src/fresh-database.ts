import postgres from 'postgres'

/**
 * An empty database of this name on the server of `serverUrl`; one that is there is deleted, whoever is connected.
 * Returns its connection string, with the same login. Commits do not wait for the disk: what is in it may get lost.
 */
export async function createFreshDatabase(serverUrl: string, name: string): Promise<string> {
  await onServer(serverUrl, async (sql) => {
    await sql`drop database if exists ${sql(name)} with (force)`
    await sql`create database ${sql(name)}`
    await sql`alter database ${sql(name)} set synchronous_commit = off`
  })
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Deletes the database with everything in it; none of that name is fine. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await onServer(serverUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`)
}

async function onServer(serverUrl: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
