import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { behaviourOf, type PhonePlan, phoneBehaviours } from './behaviours.ts'
import { writeScenario } from './scenario.ts'

const behaviours: [string, { code: string; description: string; plan: PhonePlan }][] = Object.entries(phoneBehaviours)

test('docs/testing-with-livekit.md lists the numbers exactly as they are', () => {
  const page = readFileSync(new URL('../../../../docs/testing-with-livekit.md', import.meta.url), 'utf8')
  const rows = page.match(/^\| `\d\d` \|.*$/gm) ?? []
  expect(rows).toEqual(
    behaviours.map(([name, { code, description }]) => `| \`${code}\` | \`${name}\` | ${description} |`),
  )
})

test('each code means one behaviour, and a number that has none answers', () => {
  const codes = behaviours.map(([, { code }]) => code)
  expect(new Set(codes).size).toBe(codes.length)
  for (const [name, { code }] of behaviours) expect(behaviourOf(`+121255501${code}`)).toBe(name)
  expect(behaviourOf('+12125550199')).toBe('answers')
  expect(behaviourOf('+12125550107@example.com')).toBe('busy')
})

test('a series consists of behaviours that are no series', () => {
  const kinds = new Map(behaviours.map(([name, { plan }]) => [name, plan.kind]))
  const parts = behaviours.flatMap(([, { plan }]) => (plan.kind === 'series' ? [plan.first, plan.later] : []))
  expect(parts.length).toBeGreaterThan(0)
  for (const part of parts) expect(kinds.get(part)).toMatch(/^(answer|refuse|ring)$/)
})

test('the scenario goes nowhere that is not in it', () => {
  const scenario = writeScenario({ ringMs: 1, longRingMs: 2, talkMs: 3 }, { mediaPort: 4_000 })
  const labels = new Set([...scenario.matchAll(/<label id="(\w+)"/g)].map(([, name]) => name))
  const aims = [...scenario.matchAll(/(?:next|ontimeout)="(\w+)"/g)].map(([, name]) => name)
  expect(aims.length).toBeGreaterThan(behaviours.length)
  expect(aims.filter((aim) => !labels.has(aim))).toEqual([])
})
