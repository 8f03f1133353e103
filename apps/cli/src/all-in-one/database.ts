import { randomBytes } from 'node:crypto'
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
  if (url) return isFresh ? openGuestDatabase(url) : { url, description: hostOf(url), close: async () => {} }
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

/** On somebody's server the name is one that nobody has, and nothing stays behind. */
async function openGuestDatabase(serverUrl: string): Promise<OpenDatabase> {
  const name = `outdial_demo_${randomBytes(6).toString('hex')}`
  const url = await createFreshDatabase(serverUrl, name)
  return { url, description: `${hostOf(url)}, database ${name}`, close: () => dropDatabase(serverUrl, name) }
}

function hostOf(url: string): string {
  return `PostgreSQL at ${new URL(url).host}`
}
