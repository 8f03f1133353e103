import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the repository; `path` is relative to its root, with slashes. */
export type Source = { path: string; text: string }

export const root = fileURLToPath(new URL('..', import.meta.url))

const skippedFolders = new Set(['node_modules', '.git', '.cache', '.turbo', 'dist', 'coverage'])

/** Every file of the repository that a rule may want to look at. */
export async function readSources(): Promise<Source[]> {
  const sources: Source[] = []
  for await (const path of glob('**/*.{ts,tsx,mjs,md,json}', {
    cwd: root,
    exclude: (name) => skippedFolders.has(name),
  })) {
    sources.push({ path, text: await readFile(join(root, path), 'utf8') })
  }
  return sources.sort((one, other) => (one.path < other.path ? -1 : 1))
}

export const isCode = ({ path }: Source) => /\.(ts|tsx|mjs)$/.test(path)
/** Tests and what only they import: `testing.ts`, `testing-….ts` and what is in a folder of that name. */
export const isTest = ({ path }: Source) =>
  /\.test\.tsx?$|(^|\/)testing(-[\w-]+)?\.ts$|\/testing\//.test(path) || path.startsWith('tidy/')
export const isGenerated = ({ path }: Source) => path.includes('.generated.')

/** 1-based, for messages. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
