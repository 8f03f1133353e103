import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
export const cacheFolder = join(root, '.cache')

/** `npm run` hands its own settings down, and some (prefix, omit, …) would confuse an npm or pnpm below it. */
const networkSetting =
  /^npm_config_(.*registry|\/\/.*|https?[-_]proxy|proxy|noproxy|cafile|ca|cert|key|strict[-_]ssl|fetch[-_].*|cache|userconfig|globalconfig)$/i

/**
 * What the product runs in: the caller's environment without what npm added, and Node 24 first in the path.
 * @returns {NodeJS.ProcessEnv}
 */
export function productEnvironment(from = process.env) {
  const env = withoutNpm(from, () => false)
  env.PATH = [join(root, 'node_modules/.bin'), env.PATH, dirname(process.execPath)].filter(Boolean).join(delimiter)
  return env
}

/**
 * What npm and pnpm run in to install: only settings about the network and the cache are kept.
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(from = process.env) {
  const env = withoutNpm(from, (name) => networkSetting.test(name))
  // Both change what is installed, or how npm itself starts.
  delete env.NODE_ENV
  delete env.NODE_OPTIONS
  env.PATH = [env.PATH, dirname(process.execPath)].filter(Boolean).join(delimiter)
  // Without a network npm would try for more than a minute before it says so.
  env.npm_config_fetch_retry_mintimeout ??= '1000'
  env.npm_config_fetch_retry_maxtimeout ??= '5000'
  // pnpm asks nothing when it believes to be in CI.
  env.CI = 'true'
  return { ...env, ...homeSettings(env) }
}

export function packageManager() {
  const { packageManager: pinned } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [name, version] = pinned.split('@')
  return { name, version }
}

function withoutNpm(env, isKept) {
  const isNpm = (name) => /^npm_/i.test(name)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isNpm(name) || isKept(name)))
}

/** A home that cannot be written (or none) is replaced by one in the cache folder. */
function homeSettings(env) {
  const home = homedir()
  if (isWritable(home)) return { HOME: home }
  const own = join(cacheFolder, 'home')
  mkdirSync(own, { recursive: true })
  return {
    HOME: own,
    npm_config_cache: join(own, '.npm'),
    npm_config_userconfig: env.npm_config_userconfig ?? join(home, '.npmrc'),
    XDG_DATA_HOME: join(own, 'data'),
    XDG_CACHE_HOME: join(own, 'cache'),
    XDG_STATE_HOME: join(own, 'state'),
    XDG_CONFIG_HOME: join(own, 'config'),
  }
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
