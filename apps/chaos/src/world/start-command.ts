import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const packageFile = z.object({ scripts: z.object({ start: z.string().startsWith('node ') }) })

/**
 * What Node is given to run this app where its `start` script runs it: its options and the file, to be run from anywhere.
 * `options`: further ones of Node.
 */
export function startArguments(app: string, options: string[] = []): string[] {
  const folder = new URL(`../../../${app}/`, import.meta.url)
  const { scripts } = packageFile.parse(JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')))
  const [, ...given] = scripts.start.split(' ')
  const own = given.map((word) => (word.endsWith('.ts') ? fileURLToPath(new URL(word, folder)) : word))
  return [...options, ...own]
}
