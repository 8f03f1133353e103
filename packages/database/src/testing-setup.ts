import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { isRunning } from './embedded/processes.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { createFreshDatabase } from './fresh-database.ts'
import { migrate } from './migrate.ts'
import type {} from './testing.ts'

const cacheFolder = fileURLToPath(new URL('../../../.cache/postgres', import.meta.url))

/** Vitest's global setup: one server and one migrated template for the whole run. Returns what takes both down. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const ownServerUrl = project.getProvidedContext().ownServerUrl
  const template = `outdial_test_${process.pid}`
  const server = ownServerUrl ? { url: ownServerUrl, stop: async () => {} } : await startTestServer()
  const tearDown = async () => {
    if (ownServerUrl) await dropDatabases(ownServerUrl, template)
    await server.stop()
  }
  try {
    await migrate(await createFreshDatabase(server.url, template))
  } catch (error) {
    await tearDown()
    throw error
  }
  project.provide('testServer', { url: server.url, template })
  return tearDown
}

/** A directory per run, so that two runs in one checkout do not meet; those of killed runs are removed. */
async function startTestServer() {
  for (const name of await readdir(cacheFolder).catch(() => [])) {
    const pid = /^test-(\d+)$/.exec(name)?.[1]
    const isLeftover = pid && (Number(pid) === process.pid || !(await isRunning(Number(pid))))
    if (isLeftover) await rm(join(cacheFolder, name), { recursive: true, force: true })
  }
  return startEmbeddedPostgres({ directory: join(cacheFolder, `test-${process.pid}`), temporary: true })
}

/** The template and what was cloned from it and not dropped. */
async function dropDatabases(serverUrl: string, template: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    const found = await sql<{ name: string }[]>`
      select datname as name from pg_database where datname = ${template} or starts_with(datname, ${`${template}_`})`
    for (const { name } of found) await sql`drop database if exists ${sql(name)} with (force)`
  } finally {
    await sql.end({ timeout: 5 })
  }
}
