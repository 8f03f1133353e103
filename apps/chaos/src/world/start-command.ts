import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const packageFile = z.object({ scripts: z.object({ start: z.string().startsWith('node ') }) })

export type StartOptions = {
  /** Options of Node, on top of the app's own. */
  options?: string[]
  /** Real-time priority: it runs before all that have none, and before those with a lower one. From 1 on. */
  realTime?: number | undefined
}

/** What starts this app as its `start` script does, from anywhere. */
export function startCommand(
  app: string,
  { options = [], realTime }: StartOptions,
): { command: string; args: string[] } {
  const folder = new URL(`../../../${app}/`, import.meta.url)
  const { scripts } = packageFile.parse(JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')))
  const [, ...given] = scripts.start.split(' ')
  const own = given.map((word) => (word.endsWith('.ts') ? fileURLToPath(new URL(word, folder)) : word))
  const node = [process.execPath, ...options, ...own]
  const [command = '', ...args] = realTime && mayBeRealTime() ? ['chrt', '--rr', String(realTime), ...node] : node
  return { command, args }
}

/** Only root on Linux, as a rule. Whoever may not has the machine's delays in what is measured. */
function mayBeRealTime(): boolean {
  return spawnSync('chrt', ['--rr', '1', 'true']).status === 0
}
