import type { Source } from './source.ts'

/** Besides `./testing`, which is for tests. */
const maxExports = 15

/** One file per verb, and the apps use most of them. */
const roomier: Record<string, number> = {
  'packages/dialing/package.json': 70,
  'packages/policy/package.json': 20,
  'packages/telephony/package.json': 20,
}

/** A package says what it offers, file by file, and not too much of it. */
export function findLooseExports(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => /^(apps|packages)\/[^/]+\/package\.json$/.test(path))
    .flatMap(({ path, text }) => {
      const { exports } = JSON.parse(text) as { exports?: Record<string, string> }
      if (exports === undefined) return [`${path} has no exports; list the files that others may import`]
      const entries = Object.entries(exports).filter(([name]) => name !== './testing')
      const most = roomier[path] ?? maxExports
      const wild = entries.filter((entry) => entry.some((part) => part.includes('*')))
      return [
        ...(entries.length > most ? [`${path} exports ${entries.length} files (at most ${most})`] : []),
        ...wild.map(([name]) => `${path} exports ${name} with a wildcard; name each file`),
      ]
    })
}
