import { isCode, isTest, lineAt, type Source } from './source.ts'

const reads = /\bprocess\s*(\.|\?\.|\[\s*['"`])\s*env\b|\benv\b[^=;\n]*\}\s*=\s*process\b|['"](node:)?process['"]/g
// A library that computes may be loaded late: that reads no more than an import does.
const clocks = /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|from 'node:(?!module')/g

/** The environment is read in files called config.ts, where it is checked, and by the scripts that start everything. */
export function findEnvironmentReads(sources: Source[]): string[] {
  const mayRead = ({ path }: Source) => /(^|[/.])config\.ts$/.test(path) || /^scripts\/.*\.mjs$/.test(path)
  return sources
    .filter((source) => isCode(source) && !isTest(source) && !mayRead(source))
    .flatMap(({ path, text }) =>
      [...text.matchAll(reads)].map(
        (match) => `${path}:${lineAt(text, match.index)} reads the environment; let a config.ts do it`,
      ),
    )
}

/** Policy decides from what it is given: no clock, no chance, no I/O. */
export function findImpurity(sources: Source[]): string[] {
  return sources
    .filter((source) => source.path.startsWith('packages/policy/src/') && isCode(source) && !isTest(source))
    .flatMap(({ path, text }) =>
      [...text.matchAll(clocks)].map((match) => `${path}:${lineAt(text, match.index)} is not pure: ${match[0]}`),
    )
}
