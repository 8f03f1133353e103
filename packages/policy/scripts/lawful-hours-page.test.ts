import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeLawfulHours, pageFile } from './lawful-hours-page.ts'

test('docs/lawful-hours.md is what the rules of policy make it; write it anew with: pnpm --filter @outdial/policy laws', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(describeLawfulHours())
})
