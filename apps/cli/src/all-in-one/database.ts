import { randomBytes } from 'node:crypto'
import { connect } from '@outdial/database/client'
import { startEmbeddedPostgres } from '@outdial/database/embedded'
import { createFreshDatabase, dropDatabase } from '@outdial/database/fresh-database'

export type DatabaseChoice = {
  /** A PostgreSQL server of the user; without it an embedded one keeps its data in `directory`. */
  url?: string | undefined
  directory: string
  /** An empty database of its own on that server, whatever else is there. */
  isFresh: boolean
}

export type OpenDatabase = { url: string; description: string; close(): Promise<void> }

/** @throws an error that says what to do when the server does not start or the directory is in use */
export async function openDatabase({ url, directory, isFresh }: DatabaseChoice): Promise<OpenDatabase> {
  if (url) return isFresh ? openGuestDatabase(url) : openOwnDatabase(url)
  const server = await startEmbeddedPostgres({ directory })
  const description = `PostgreSQL 18, embedded, in ${directory}`
  try {
    const own = isFresh ? await createFreshDatabase(server.url, 'demo') : server.url
    return { url: own, description, close: server.stop }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function openOwnDatabase(url: string): Promise<OpenDatabase> {
  const database = connect({ url, role: 'owner', maxConnections: 1 })
  try {
    await database.ping()
  } catch (cause) {
    throw unusable(url, cause)
  } finally {
    await database.close()
  }
  return { url, description: hostOf(url), close: async () => {} }
}

/** On somebody's server the name is one that nobody has, and nothing stays behind. */
async function openGuestDatabase(serverUrl: string): Promise<OpenDatabase> {
  const name = `outdial_demo_${randomBytes(6).toString('hex')}`
  const url = await createFreshDatabase(serverUrl, name).catch((cause: unknown) => {
    throw unusable(serverUrl, cause)
  })
  return { url, description: `${hostOf(url)}, database ${name}`, close: () => dropDatabase(serverUrl, name) }
}

function unusable(url: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const advice = 'Start it or correct its address, or leave it out to use an embedded one.'
  return new Error(`${hostOf(url)} cannot be used: ${reason}. ${advice}`, { cause })
}

function hostOf(url: string): string {
  return `PostgreSQL at ${new URL(url).host}`
}
