import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, link, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { removeAbandoned } from './abandoned.ts'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import type { Home } from './home.ts'

/** A data directory that is ready to be served. */
export type Cluster = {
  dataDirectory: string
  password: string
  reused: boolean
  binaries: Binaries
  account: Account | undefined
}

type Place = { home: Home; binaries: Binaries; account: Account | undefined; temporary: boolean }

/** Makes the data directory unless it is there. Safe when two processes do it at once: the first one to finish wins. */
export async function prepareCluster({ home, binaries, account, temporary }: Place): Promise<Cluster> {
  const dataDirectory = join(home.path, 'data')
  const password = await findPassword(join(home.path, 'password'))
  const reused = await exists(join(dataDirectory, 'PG_VERSION'))
  if (reused) return { dataDirectory, password, reused, binaries, account: account && (await ownerOf(dataDirectory)) }
  await createData({ dataDirectory, password, home, binaries, account, temporary })
  return { dataDirectory, password, reused, binaries, account }
}

/** Readable by us alone. Linked into place, so that nobody ever reads half of it. */
async function findPassword(file: string): Promise<string> {
  const temporary = `${file}-${randomBytes(6).toString('hex')}`
  await writeFile(temporary, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' })
  try {
    await link(temporary, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
  return readFile(file, 'utf8')
}

async function createData(options: Place & { dataDirectory: string; password: string }): Promise<void> {
  const { dataDirectory, password, home, binaries, account, temporary } = options
  await removeAbandoned(home.path, 'initdb-')
  const workshop = await mkdtemp(join(home.path, 'initdb-'))
  try {
    const passwordFile = join(workshop, 'password')
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    for (const path of account ? [passwordFile, workshop] : []) await chown(path, account?.uid ?? 0, account?.gid ?? 0)
    const made = join(workshop, 'data')
    await initialise(
      binaries.initdb,
      ['--pgdata', made, '--pwfile', passwordFile, ...(temporary ? ['--no-sync'] : [])],
      {
        cwd: workshop,
        account,
      },
    )
    await rename(made, dataDirectory)
  } catch (error) {
    if (!(await exists(join(dataDirectory, 'PG_VERSION')))) throw error
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
}

async function initialise(initdb: string, args: string[], place: { cwd: string; account: Account | undefined }) {
  const settings = [
    '--username=outdial',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]
  try {
    await promisify(execFile)(initdb, [...settings, ...args], {
      ...place.account,
      cwd: place.cwd,
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    })
  } catch (cause) {
    const detail = (cause as { stderr?: string }).stderr || String(cause)
    throw new Error(
      `PostgreSQL could not create its data directory below ${place.cwd}: ${detail.trim()}\n` +
        'Check free disk space and permissions there, or set DATABASE_URL to use a server of your own.',
      { cause },
    )
  }
}

/** The user to run as may have come or gone since the data was made; the data stays with the one who made it. */
async function ownerOf(dataDirectory: string): Promise<Account> {
  const { uid, gid } = await stat(dataDirectory)
  return { uid, gid }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
