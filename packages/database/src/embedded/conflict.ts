import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { commandOf, isRunning } from './processes.ts'

/**
 * Called when a data directory is locked. Throws if the process that uses it is running, and names it. Otherwise the
 * lock is a leftover: ends the server that lost its owner, or removes the lock of one that is gone.
 */
export async function clearLock(dataDirectory: string, directory: string): Promise<void> {
  const lockFile = join(dataDirectory, 'postmaster.pid')
  const pid = Number.parseInt(await readFile(lockFile, 'utf8').catch(() => ''), 10)
  const command = Number.isNaN(pid) ? '' : await commandOf(pid)
  if (!command.includes(dataDirectory)) {
    await rm(lockFile, { force: true })
    return
  }
  const owner = Number(/outdial\.owner=(\d+)/.exec(command)?.[1])
  const ownerCommand = owner ? await commandOf(owner) : ''
  if (ownerCommand) {
    throw new Error(
      `The database in ${directory} is already in use by process ${owner} (${ownerCommand}). ` +
        `Stop that one first, for example with: kill ${owner}`,
    )
  }
  await end(pid)
}

/** Its own guard is usually doing the same already; the second signal makes sure. */
async function end(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', 8_000],
    ['SIGQUIT', 4_000],
    ['SIGKILL', 1_000],
  ] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const deadline = Date.now() + waitMs
    while ((await isRunning(pid)) && Date.now() < deadline) await delay(50)
  }
}
