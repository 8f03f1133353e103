import { constants } from 'node:os'
import { spawnGuarded } from './guarded.mjs'
import { Advice } from './say.mjs'

/** One Ctrl-C reaches us twice, from the terminal and from npm; both arrive within this time. */
const sameSignalMs = 500

/**
 * Runs a program to its end and resolves to its exit code (128 + n when signal n ended it). It has a process group of
 * its own, so every signal reaches it through us and exactly once; a second, deliberate one is passed on too.
 * With `onOutput` it gets no input, and what it writes goes there.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd: string, onOutput?: (text: string) => void }} options
 * @returns {Promise<number>}
 */
export async function run(file, args, { env, cwd, onOutput }) {
  const stdio = onOutput ? ['ignore', 'pipe', 'pipe'] : ['inherit', 'inherit', 'inherit']
  // Before the program is there: it may be ready, and be asked to stop, before we get to the next line.
  const forwarding = forwardSignals()
  const { child, ended } = spawnGuarded(file, args, { cwd, env, stdio })
  forwarding.to(child)
  if (onOutput) {
    child.stdout.setEncoding('utf8').on('data', onOutput)
    child.stderr.setEncoding('utf8').on('data', onOutput)
  }
  try {
    const { code, signal } = await ended
    return code ?? 128 + constants.signals[signal]
  } catch (error) {
    throw new Advice(`${file} could not be started: ${error.message}`)
  } finally {
    forwarding.stop()
  }
}

function forwardSignals() {
  let child
  const lastAtMs = new Map()
  const forward = (signal) => {
    const now = Date.now()
    if (now - (lastAtMs.get(signal) ?? -sameSignalMs) < sameSignalMs) return
    lastAtMs.set(signal, now)
    // A closed terminal is a reason to stop in good order.
    child?.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
  }
  const resize = () => child?.kill('SIGWINCH')
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  process.on('SIGWINCH', resize)
  const watch = watchNpm(() => forward('SIGTERM'))
  return {
    to: (program) => {
      child = program
    },
    stop: () => {
      clearInterval(watch)
      for (const signal of signals) process.off(signal, forward)
      process.off('SIGWINCH', resize)
    },
  }
}

/** npm killed by SIGKILL cannot tell us: we are handed to another parent then. */
function watchNpm(onGone) {
  const parent = process.ppid
  if (!process.env.npm_lifecycle_event) return undefined
  return setInterval(() => process.ppid !== parent && onGone(), 1_000).unref()
}
