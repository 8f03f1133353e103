import { dirname, posix } from 'node:path'
import type { Source } from './source.ts'

const topLevel = /^(apps|packages|docs|migrations|infra|scripts|tidy|\.ci)\//

/** Paths and npm scripts that README.md, AGENTS.md and docs/ name although they do not exist. */
export function findDeadReferences(
  sources: Source[],
  exists: (path: string) => boolean,
  npmScripts: readonly string[],
): string[] {
  const pages = sources.filter(({ path }) => /^(docs\/.*|README|AGENTS|CONTRIBUTING)\.md$/.test(path))
  return pages.flatMap((page) => [
    ...[...linkedPaths(page), ...quotedPaths(page)]
      .filter((path) => !exists(path))
      .map((path) => `${page.path} names ${path}, which does not exist`),
    ...[...page.text.matchAll(/\bnpm run ([\w:-]+)/g)]
      .map((match) => match[1] ?? '')
      .filter((script) => !npmScripts.includes(script))
      .map((script) => `${page.path} names npm run ${script}, which is not a script of package.json`),
  ])
}

/** Targets of links and pictures inside the repository. */
function linkedPaths({ path, text }: Source): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^(\w+:|\/)/.test(target))
    .map((target) => posix.join(dirname(path), target))
}

/** Code spans that begin with a folder of ours; one with a placeholder or a pattern in it is not a path. */
function quotedPaths({ text }: Source): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)]
    .map((match) => (match[1] ?? '').replace(/[:#]\S*$/, ''))
    .filter((span) => topLevel.test(span) && !/[\s*<>{}$…]/.test(span))
}
