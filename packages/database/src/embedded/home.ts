import { createHash } from 'node:crypto'
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { isPrivilegedFolder, privilegedFolders } from './privileged-folder.ts'
import { commandOf } from './processes.ts'

/** Where one server keeps its data, its password and what it needs. */
export type Home = { path: string; remove(): Promise<void> }

/**
 * For an ordinary user that is the directory itself. As root it is a folder of its own outside of the checkout, tied
 * to the directory: delete the directory, and the next start begins empty and sweeps away the orphaned data.
 */
export async function findHome(directory: string, account: Account | undefined): Promise<Home> {
  await makeDirectory(directory)
  if (!account) {
    return { path: await realpath(directory), remove: () => rm(directory, { recursive: true, force: true }) }
  }
  const parent = await findParent()
  await sweep(parent)
  const origin = await realpath(directory)
  const path = join(parent, await keyOf(origin))
  await mkdir(path, { recursive: true })
  // Whatever our umask: the server's user must get through.
  await chmod(path, 0o755)
  await writeFile(join(path, 'origin'), origin, { mode: 0o600 })
  const remove = async () => {
    await rm(path, { recursive: true, force: true })
    await rm(directory, { recursive: true, force: true })
  }
  return { path, remove }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new Error(
      `The database needs the directory ${directory}, and this user cannot write there. ` +
        'Change its owner or delete it, or set DATABASE_URL to use a PostgreSQL server of your own.',
      { cause },
    )
  }
}

async function findParent(): Promise<string> {
  for (const folder of privilegedFolders) {
    const parent = join(folder, 'data')
    if ((await isPrivilegedFolder(folder)) && (await isPrivilegedFolder(parent))) return parent
  }
  throw new Error(
    `Started as root, PostgreSQL keeps its data in one of ${privilegedFolders.join(', ')}, and none of them is a ` +
      'folder that only root can write. Free one of them, start as an ordinary user, or set DATABASE_URL.',
  )
}

async function keyOf(directory: string): Promise<string> {
  const { ino, birthtimeMs } = await stat(directory)
  return createHash('sha256').update(`${directory}\n${ino}\n${birthtimeMs}`).digest('hex').slice(0, 16)
}

async function sweep(parent: string): Promise<void> {
  for (const key of await readdir(parent)) {
    const path = join(parent, key)
    const origin = await readFile(join(path, 'origin'), 'utf8').catch(() => '')
    const current = await keyOf(origin).catch(() => '')
    if (current === key || (await isYoung(path)) || (await isServed(path))) continue
    await rm(path, { recursive: true, force: true })
  }
}

/** Another start may be about to write the origin of a folder it just made. */
async function isYoung(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.ctimeMs < 60_000
}

async function isServed(path: string): Promise<boolean> {
  const pidFile = await readFile(join(path, 'data', 'postmaster.pid'), 'utf8').catch(() => '')
  const command = pidFile ? await commandOf(Number.parseInt(pidFile, 10)) : ''
  return command.includes(path)
}
