import { appendFileSync } from 'node:fs'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@outdial/database/embedded'
import postgres from 'postgres'
import { findPorts } from './ports.ts'

/** A PostgreSQL server of its own that can be stopped, crashed and started again at the same address. */
export type Cluster = {
  url(database?: string): string
  createDatabase(name: string): Promise<string>
  /** `immediate` is a crash: nothing is finished, and the next start recovers from the log. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  /** Stops it and deletes its data. */
  close(): Promise<void>
}

/** Two of each role, three dial workers, and each with its pools for data and queue. */
const usualSettings = ['max_connections=500']

/** Data is written as in production: what was committed is there after a crash. `logFile` gets what the server says. */
export async function openCluster(options: {
  directory: string
  settings?: string[] | undefined
  /** Gets what the server says. */
  logFile?: string
}): Promise<Cluster> {
  const { directory, logFile } = options
  const log = (line: string) => logFile && appendFileSync(logFile, `${line}\n`)
  const settings = [...usualSettings, ...(options.settings ?? [])]
  const [port = 0] = await findPorts(1)
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ directory, port, settings, log })
  const urlOf = (database = 'outdial') => {
    const url = new URL(server.url)
    url.pathname = `/${database}`
    return url.href
  }
  return {
    url: urlOf,
    async createDatabase(name) {
      const sql = postgres(server.url, { max: 1, onnotice: () => {} })
      try {
        await sql`create database ${sql(name)}`
      } finally {
        await sql.end({ timeout: 5 })
      }
      return urlOf(name)
    },
    stop: (mode) => server.stop(mode),
    async start() {
      server = await startEmbeddedPostgres({ directory, port, settings, log })
    },
    close: () => server.remove(),
  }
}
