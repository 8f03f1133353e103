import { isCode, isGenerated, type Source } from './source.ts'

const drawers = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'types', 'misc', 'shared'])

/** Drawers for what has no home, and files that only hand on what others export. */
export function findDrawers(sources: Source[]): string[] {
  return sources
    .filter((source) => isCode(source) && !isGenerated(source))
    .flatMap(({ path, text }) => {
      const parts = path.replace(/\.\w+$/, '').split('/')
      const drawer = parts.find((part) => drawers.has(part))
      return [
        ...(drawer ? [`${path} is in a drawer called ${drawer}; name it for what it does`] : []),
        ...(parts.at(-1) === 'index' ? [`${path} is an index; import the file that is meant`] : []),
        ...(/^export \*/m.test(text) ? [`${path} has an export *; import the file that is meant`] : []),
      ]
    })
}
