import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeSimulator } from './judge-run.ts'
import { type LiveKitRecord, readRecord } from './record.ts'
import { type Ran, type Result, runCases } from './run-case.ts'
import { allCases, chapters } from './suite.ts'
import { writeTable } from './table.ts'
import { openSimulatorTarget } from './targets/simulator-target.ts'
import type { Target } from './targets/target.ts'

let target: Target
let record: LiveKitRecord
const results = new Map<string, Result>()

beforeAll(async () => {
  record = await readRecord()
  target = await openSimulatorTarget({ speed: 8 })
  const judge = (ran: Ran) => {
    const each = allCases.find(({ name }) => name === ran.name)
    return each ? judgeSimulator(each, { ran, reality: record.cases[ran.name] }).failures : []
  }
  for (const each of await runCases(allCases, { target, atOnce: 16, judge })) results.set(each.name, each)
}, 180_000)
afterAll(() => target.close())

test.each(allCases)('$name: the simulator does what the real servers did', (each) => {
  expect(results.get(each.name)?.failures).toEqual([])
})

test('every webhook is one that Outdial accepts', () => {
  expect(target.inbox.refused).toEqual([])
})

test('names are unique, and the record has no case that is gone', () => {
  const names = allCases.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(Object.keys(record.cases).filter((name) => !names.includes(name))).toEqual([])
})

test('docs/conformance.md is what --write would write', async () => {
  const page = await readFile(new URL('../../../docs/conformance.md', import.meta.url), 'utf8')
  const simulator = new Map([...results.values()].flatMap(({ name, seen }) => (seen ? [[name, seen] as const] : [])))
  expect(page).toBe(writeTable(chapters, { record, simulator }))
})
