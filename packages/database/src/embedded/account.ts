import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The operating-system user the server runs as, when that is not the user we are. */
export type Account = { uid: number; gid: number }

/**
 * PostgreSQL refuses to run as root, and initdb wants a user that has a name. As root: `postgres` where it exists,
 * else `nobody`, so that no user has to be created on somebody's machine. Otherwise undefined: run as who we are.
 */
export async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf(name, '-u'), idOf(name, '-g')])
    if (uid && gid) return { uid, gid }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody. ' +
      'Start as an ordinary user, or set DATABASE_URL to use a PostgreSQL server of your own.',
  )
}

async function idOf(name: string, flag: '-u' | '-g'): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('id', [flag, name], { env: { PATH: '/usr/bin:/bin' } })
    return Number(stdout.trim())
  } catch {
    return undefined
  }
}
