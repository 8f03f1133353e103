import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { behaviourNames, behaviours } from './behaviours.ts'
import { magicNumbers } from './magic-numbers.ts'

test('docs/simulator.md lists the magic numbers exactly as they are', () => {
  const page = readFileSync(new URL('../../../../docs/simulator.md', import.meta.url), 'utf8')
  const rows = page.match(/^\| `\+1500.*$/gm) ?? []
  const expected = [...magicNumbers].map(
    ([number, name]) => `| \`${number}\` | \`${name}\` | ${behaviours[name].description} |`,
  )
  expect(rows).toEqual(expected)
})

test('every behaviour has a magic number, in E.164 form', () => {
  expect(new Set(magicNumbers.values())).toEqual(new Set(behaviourNames))
  for (const number of magicNumbers.keys()) expect(number).toMatch(/^\+1500555\d{4}$/)
})
