import { chmod, lstat, mkdir } from 'node:fs/promises'

/** Where root keeps what the server's user must reach, best first. */
export const privilegedFolders = ['/var/cache/outdial', '/var/tmp/outdial', '/tmp/outdial']

/**
 * True when only root can write there, so that no other user of this machine can have put anything into it.
 * Creates the folder if it is missing and may be created.
 */
export async function isPrivilegedFolder(folder: string, { create = true } = {}): Promise<boolean> {
  try {
    if (create && (await mkdir(folder, { recursive: true, mode: 0o755 }))) await chmod(folder, 0o755)
    const found = await lstat(folder)
    return found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0
  } catch {
    return false
  }
}
