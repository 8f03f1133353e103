import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { isRunning } from './embedded/processes.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { migrate } from './migrate.ts'
import { runOnServer, urlOfDatabase } from './testing.ts'

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
    if (ownServerUrl) await dropDatabases(ownServerUrl, template)
    await runOnServer(server.url, (sql) => sql`create database ${sql(template)}`)
    await migrate(urlOfDatabase(server.url, template))
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

async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  await runOnServer(serverUrl, async (sql) => {
    const found = await sql<
      { datname: string }[]
    >`select datname from pg_database where starts_with(datname, ${prefix})`
    for (const { datname } of found) await sql`drop database if exists ${sql(datname)} with (force)`
  })
}
