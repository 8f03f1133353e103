import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** The command line of a running process; '' if there is none, or if it has ended and nobody took note. */
export async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return words.replaceAll('\0', ' ').trim()
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
      env: { PATH: '/usr/bin:/bin' },
    })
    return stdout.trim()
  } catch {
    return ''
  }
}

export async function isRunning(pid: number): Promise<boolean> {
  return (await commandOf(pid)) !== ''
}
