import { describe, expect, test } from 'vitest'
import { findDeadReferences } from './docs.ts'
import { findEnvironmentReads, findImpurity } from './environment.ts'
import { findWrongImports } from './imports.ts'
import { findDrawers } from './names.ts'
import { findLooseExports } from './package-exports.ts'
import { findOversized } from './shape.ts'
import { findForeignWrites, findUndeclaredTables } from './writers.ts'

/** One file, as the rules see it. */
const file = (path: string, text: string) => [{ path, text }]

describe('imports', () => {
  const wrong = (path: string, text: string) => findWrongImports(file(path, text)).length

  test.each([
    ['packages/policy/src/a.ts', `import { x } from '@outdial/database/client'`],
    ['packages/queue/src/a.ts', `import { x } from '@outdial/policy/states'`],
    ['packages/service/src/a.ts', `export { x } from '@outdial/policy/states'`],
    ['packages/database/src/a.ts', `const x = await import('@outdial/dialing/deps')`],
    ['packages/telephony/src/a.ts', `import type { X } from '@outdial/queue/queue'`],
    ['packages/dialing/src/a.ts', `import { x } from '@outdial/service/log'`],
    ['apps/simulator/src/a.ts', `import { x } from '@outdial/policy/states'`],
    ['apps/api/src/a.ts', `import { x } from '@outdial/scheduler/scheduler'`],
    ['apps/console/src/a.ts', `import { x } from '@outdial/api/api'`],
    ['packages/dialing/src/a.ts', `import { x } from '../../policy/src/states.ts'`],
    ['packages/dialing/src/a.ts', `import { RoomServiceClient } from 'livekit-server-sdk'`],
    ['apps/simulator/src/a.ts', `import { AccessToken } from 'livekit-server-sdk'`],
  ])('%s may not say %s', (path, text) => expect(wrong(path, text)).toBe(1))

  test.each([
    ['packages/dialing/src/a.ts', `import { x } from '@outdial/telephony/livekit'\nimport { y } from './deps.ts'`],
    ['packages/queue/src/a.test.ts', `import { x } from '@outdial/database/testing'`],
    ['packages/telephony/src/a.ts', `import { x } from 'livekit-server-sdk'`],
    ['apps/simulator/src/a.test.ts', `import { x } from 'livekit-server-sdk'`],
    ['apps/cli/src/a.ts', `import { x } from '@outdial/simulator/simulator'`],
    ['apps/console/src/a.ts', `import type { Api } from '@outdial/api/api'`],
    ['scripts/a.mjs', `import { x } from '../packages/policy/src/states.ts'`],
  ])('%s may say %s', (path, text) => expect(wrong(path, text)).toBe(0))
})

describe('writers', () => {
  const declared = { calls: ['calls'], campaign_contacts: ['claim', 'calls'] }
  const foreign = (path: string, text: string) => findForeignWrites(file(path, text), declared)

  test.each([
    'await tx.insert(calls).values(row)',
    'await tx.update(schema.campaignContacts).set(row)',
    'tx.delete( calls )',
    'sql`insert into calls (id) values (1)`',
    'sql`UPDATE campaign_contacts cc SET x = 1`',
    'sql`delete from $' + '{calls} where true`',
    'sql`truncate calls`',
  ])('a write outside of its folder is found: %s', (text) => {
    expect(foreign('packages/dialing/src/notices/a.ts', text)).toHaveLength(1)
    expect(foreign('apps/api/src/a.ts', text)).toHaveLength(1)
    expect(foreign('packages/dialing/src/calls/a.ts', text)).toEqual([])
    expect(foreign('packages/dialing/src/notices/a.test.ts', text)).toEqual([])
  })

  test('reading and locking is not writing', () => {
    const text =
      'sql`select * from calls for update of calls skip locked` + map.delete(key) + on conflict do update set'
    expect(foreign('packages/dialing/src/notices/a.ts', text)).toEqual([])
  })

  test('a table that nobody declared is found', () => {
    const schema = file('packages/database/src/schema/a.ts', "pgTable('calls', {})\npgTable(\n  'orphans', {})")
    expect(findUndeclaredTables(schema, declared)).toEqual([expect.stringContaining('orphans')])
  })
})

describe('environment and purity', () => {
  test.each(['process.env.PORT', "process['env']", 'const { env } = process', "import { env } from 'node:process'"])(
    '%s is found outside of config.ts',
    (text) => {
      expect(findEnvironmentReads(file('apps/api/src/main.ts', text))).toHaveLength(1)
      expect(findEnvironmentReads(file('apps/api/src/config.ts', text))).toEqual([])
      expect(findEnvironmentReads(file('scripts/start.mjs', text))).toEqual([])
    },
  )

  test.each(['Date.now()', 'new Date()', 'Math.random()', "import { x } from 'node:fs'"])(
    '%s makes policy impure',
    (text) => {
      expect(findImpurity(file('packages/policy/src/a.ts', text))).toHaveLength(1)
      expect(findImpurity(file('packages/service/src/a.ts', text))).toEqual([])
      expect(findImpurity(file('packages/policy/src/a.ts', 'new Date(now)'))).toEqual([])
      expect(findImpurity(file('packages/policy/src/a.ts', "import { createRequire } from 'node:module'"))).toEqual([])
    },
  )
})

describe('size', () => {
  const body = (lines: number) => Array.from({ length: lines }, (_, index) => `  const x${index} = ${index}`).join('\n')

  test.each([
    ['a function', `export function long() {\n${body(70)}\n}`],
    ['an arrow', `export const long = () => {\n${body(70)}\n}`],
    ['a method', `class Long {\n  long() {\n${body(70)}\n  }\n}`],
  ])('%s of more than 70 lines is found', (_, text) => {
    expect(findOversized(file('packages/policy/src/a.ts', text))).toHaveLength(1)
    expect(findOversized(file('packages/policy/src/a.test.ts', text))).toEqual([])
  })

  test('a function of 70 lines is not', () => {
    expect(findOversized(file('packages/policy/src/a.ts', `function fine() {\n${body(68)}\n}`))).toEqual([])
  })

  test('a file of more than 350 lines is found', () => {
    expect(findOversized(file('packages/policy/src/a.ts', body(351)))).toHaveLength(1)
    expect(findOversized(file('packages/policy/src/a.ts', `${body(350)}\n`))).toEqual([])
    expect(findOversized(file('packages/policy/src/a.generated.ts', body(351)))).toEqual([])
  })
})

describe('packages', () => {
  const loose = (exports: unknown) => findLooseExports(file('packages/a/package.json', JSON.stringify({ exports })))

  test('too many exports, wildcards and none at all are found', () => {
    const many = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`./${index}`, `./src/${index}.ts`]))
    expect(loose(many)).toHaveLength(1)
    expect(loose({ './*': './src/*.ts' })).toHaveLength(1)
    expect(loose(undefined)).toHaveLength(1)
    expect(loose({ './a': './src/a.ts' })).toEqual([])
  })

  test.each([
    ['packages/a/src/utils/a.ts', ''],
    ['packages/a/src/types.ts', ''],
    ['packages/a/src/index.ts', ''],
    ['packages/a/src/a.ts', "export * from './b.ts'"],
  ])('the drawer or barrel %s %s is found', (path, text) => {
    expect(findDrawers(file(path, text))).toHaveLength(1)
  })

  test('a file named for what it does is fine', () => {
    expect(findDrawers(file('packages/a/src/phone-number.ts', "export { x } from './b.ts'"))).toEqual([])
  })
})

describe('docs', () => {
  const dead = (path: string, text: string) =>
    findDeadReferences(file(path, text), (name) => name === 'docs/a.md', ['demo'])

  test.each([
    ['README.md', 'see [the page](docs/missing.md)'],
    ['docs/b.md', 'see [the page](missing.md#part)'],
    ['docs/b.md', 'lives in `packages/policy/src/missing.ts`'],
    ['AGENTS.md', 'run `npm run missing`'],
  ])('%s: %s is found', (path, text) => expect(dead(path, text)).toHaveLength(1))

  test.each([
    ['README.md', 'see [the page](docs/a.md#part), `docs/a.md:12` and [elsewhere](https://example.org/x.md)'],
    ['docs/b.md', 'see [the page](a.md), `packages/<name>/src`, `apps/*` and `/healthz`; run npm run demo'],
  ])('%s: %s is fine', (path, text) => expect(dead(path, text)).toEqual([]))
})
