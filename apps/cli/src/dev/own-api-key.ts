import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The key of `outdial dev` on this machine: made once, readable by its user alone. */
export async function findOwnApiKey(dataDirectory: string): Promise<string> {
  const folder = join(dataDirectory, 'dev')
  const file = join(folder, 'api-key')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, `api-key-${randomBytes(6).toString('hex')}`)
  await writeFile(draft, `odk_${randomBytes(32).toString('base64url')}`, { mode: 0o600, flag: 'wx' })
  try {
    // Linked into place: of two that start at once both read the same whole key.
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}
