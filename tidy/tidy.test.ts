import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { findDeadReferences } from './docs.ts'
import { findEnvironmentReads, findImpurity } from './environment.ts'
import { findWrongImports } from './imports.ts'
import { findDrawers } from './names.ts'
import { findLooseExports } from './package-exports.ts'
import { findOversized } from './shape.ts'
import { readSources, root, type Source } from './source.ts'
import { findForeignWrites, findUndeclaredTables } from './writers.ts'

let sources: Source[]
beforeAll(async () => {
  sources = await readSources()
})

describe('this repository', () => {
  test('was found', () => expect(sources.length).toBeGreaterThan(20))
  test('imports run one way', () => expect(findWrongImports(sources)).toEqual([]))
  test('each table has its writers and no others', () => expect(findForeignWrites(sources)).toEqual([]))
  test('each table has a declared writer', () => expect(findUndeclaredTables(sources)).toEqual([]))
  test('the environment is read in config.ts', () => expect(findEnvironmentReads(sources)).toEqual([]))
  test('policy is pure', () => expect(findImpurity(sources)).toEqual([]))
  test('functions and files stay readable', () => expect(findOversized(sources)).toEqual([]))
  test('packages list what they export', () => expect(findLooseExports(sources)).toEqual([]))
  test('there are no drawers and no barrels', () => expect(findDrawers(sources)).toEqual([]))
  test('what the docs name exists', () => {
    const manifest = sources.find(({ path }) => path === 'package.json')
    const { scripts } = JSON.parse(manifest?.text ?? '{}') as { scripts: Record<string, string> }
    const exists = (path: string) => existsSync(join(root, path))
    expect(findDeadReferences(sources, exists, Object.keys(scripts))).toEqual([])
  })
})
