import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, installEnvironment, packageManager, root } from './environment.mjs'
import { explainFailure } from './explain.mjs'
import { withLock } from './lock.mjs'
import { run } from './run.mjs'
import { Advice, say } from './say.mjs'

const stamp = join(root, 'node_modules/.outdial-install')

const installOptions = [
  '--frozen-lockfile',
  // The lock file was checked when it was written; here every package is compared with the hash in it.
  '--trust-lockfile',
  '--prefer-offline',
  '--reporter=append-only',
  // Without a network pnpm would try for many minutes before it says so.
  '--config.fetch-retries=2',
  '--config.fetch-retry-mintimeout=1000',
  '--config.fetch-retry-maxtimeout=5000',
]

/** What talks WebRTC brings hundreds of megabytes along, which nobody needs for a demo or a dialer. */
const withoutMedia = ['--filter=!@outdial/agent', '--filter=!@outdial/conformance']

/**
 * Installs the workspace unless exactly this was installed before; without what talks WebRTC, unless `media` asks for
 * it. Safe from several terminals at once. Throws Advice that says what to do.
 *
 * @param {{ media: boolean }} options
 */
export async function ensureInstalled({ media }) {
  const wanted = fingerprint()
  const enough = [`${wanted} with media`, ...(media ? [] : [wanted])]
  const isInstalled = () => enough.includes(installed())
  if (isInstalled()) return
  makeCacheFolder()
  const onWait = (pid) => say(`Process ${pid} is installing in this checkout; waiting for it.`)
  await withLock(join(cacheFolder, 'install-lock'), { onWait }, async () => {
    if (isInstalled()) return
    const startedAtMs = Date.now()
    rmSync(stamp, { force: true })
    for (const leftover of readdirSync(cacheFolder).filter((name) => name.startsWith('fetching-'))) {
      rmSync(join(cacheFolder, leftover), { recursive: true, force: true })
    }
    const pnpm = await findPnpm()
    say(
      `Installing what ${media ? 'agents, tests and checks need' : 'Outdial needs, Node 24 and PostgreSQL 18 included'}. This is done once …`,
    )
    await mustSucceed(pnpm, ['install', ...installOptions, ...(media ? [] : withoutMedia)], root)
    writeFileSync(stamp, media ? `${wanted} with media` : wanted)
    say(`Installed in ${Math.round((Date.now() - startedAtMs) / 1000)} s.`)
  })
}

/** The pnpm that package.json pins, from the npm registry, kept in the cache folder of this checkout. */
export async function findPnpm() {
  const { version } = packageManager()
  const folder = join(cacheFolder, `pnpm-${version}`)
  if (!programIn(folder)) {
    say(`Fetching pnpm ${version} …`)
    const workshop = mkdtempSync(join(cacheFolder, 'fetching-'))
    const wanted = ['--ignore-scripts', '--include=optional', '--no-save', '--no-audit', '--no-fund', `pnpm@${version}`]
    const { file, leading } = findNpm()
    // Makes npm install here, and not in the project above. (--prefix would hide the machine's own npm settings.)
    writeFileSync(join(workshop, 'package.json'), '{ "private": true }')
    await mustSucceed(file, [...leading, 'install', ...wanted], workshop)
    rmSync(folder, { recursive: true, force: true })
    chmodSync(workshop, 0o755)
    renameSync(workshop, folder)
  }
  const program = programIn(folder)
  if (program) return program
  throw new Advice(
    `pnpm ${version} has no program for ${process.platform} on ${process.arch}, so Outdial cannot install.`,
  )
}

/** The program itself comes in a package per platform; the wrapper around it needs an install script. */
function programIn(folder) {
  try {
    const scope = join(folder, 'node_modules/@pnpm')
    const name = readdirSync(scope).find((entry) => entry.startsWith('exe.'))
    const program = name && join(scope, name, process.platform === 'win32' ? 'pnpm.exe' : 'pnpm')
    return program && statSync(program).isFile() ? program : undefined
  } catch {
    return undefined
  }
}

/** The npm that started us, else the one in the path. */
function findNpm() {
  const script = process.env.npm_execpath
  if (script?.endsWith('npm-cli.js')) return { file: process.execPath, leading: [script] }
  return { file: process.platform === 'win32' ? 'npm.cmd' : 'npm', leading: [] }
}

async function mustSucceed(file, args, cwd) {
  let output = ''
  const onOutput = (text) => {
    output = (output + text).slice(-20_000)
    showProgress(text)
  }
  const code = await run(file, args, { env: installEnvironment(), cwd, onOutput })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (code === 0) return
  process.exitCode = code
  throw new Advice(explainFailure({ output, code, root }))
}

function showProgress(text) {
  const line = text.split('\n').findLast((candidate) => candidate.startsWith('Progress:'))
  if (line && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line.trim()}`)
}

function makeCacheFolder() {
  try {
    mkdirSync(cacheFolder, { recursive: true })
    accessSync(cacheFolder, constants.W_OK)
  } catch (error) {
    throw new Advice(explainFailure({ output: String(error), code: 1, root }))
  }
}

function installed() {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return ''
  }
}

/** Changes whenever something does that decides what ends up in node_modules. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.pnpmfile.mjs',
    ...workspaceManifests(),
  ]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function workspaceManifests() {
  return ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .sort()
      .map((name) => join(parent, name, 'package.json'))
      .filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile()),
  )
}
