import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { callMoves } from '../src/call-lifecycle.ts'
import { describeCallLifecycle, pageFile } from './call-lifecycle-page.ts'

test('docs/call-lifecycle.md is what the moves of policy make it; write it anew with: pnpm --filter @outdial/policy lifecycle', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(describeCallLifecycle())
})

test('every move is in the picture and in the table', () => {
  const page = describeCallLifecycle()
  const moves = Object.entries(callMoves).flatMap(([from, targets]) => Object.keys(targets).map((to) => ({ from, to })))
  for (const { from, to } of moves) {
    expect(page).toContain(`  ${from} --> ${to}\n`)
    expect(page).toContain(`| \`${from}\` | \`${to}\` |`)
  }
})
