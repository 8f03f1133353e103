import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Far longer than the work in such a folder takes. */
const abandonedAfterMs = 10 * 60_000

/** Removes half-made folders of starts that were killed: those that begin with `prefix` and have not changed lately. */
export async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue
    const found = await lstat(join(parent, name)).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(join(parent, name), { recursive: true, force: true })
    }
  }
}
