import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { startMs, type World } from './testing/build-world.ts'
import { type Ending, endings } from './testing/endings.ts'
import { entry, one, remove } from './testing/scenes.ts'
import { buildValidRun } from './testing/valid-run.ts'
import type { RuleName } from './verdict.ts'

describe('random runs', () => {
  const plans = fc.array(fc.constantFrom(...(Object.keys(endings) as Ending[])), { minLength: 1, maxLength: 6 })
  const runs = fc.record({
    contacts: fc.array(plans, { minLength: 1, maxLength: 12 }),
    clockSpeed: fc.constantFrom(1, 20, 200),
  })

  test('that keep every rule are acquitted', () => {
    fc.assert(
      fc.property(runs, (drawn) => {
        expect(buildValidRun(drawn).judge().violations).toEqual([])
      }),
    )
  })

  const spoils: [RuleName, (world: World, index: number) => unknown][] = [
    ['two-invites', ({ ledger }, index) => ledger.push({ ...one(ledger, index), sipCallId: 'SCL_again' })],
    ['unpermitted-invite', (world, index) => remove(world.log, entry(world, 'permitted', index))],
    [
      'wrong-disposition',
      ({ ledger }, index) =>
        Object.assign(one(ledger, index), { sipStatus: 603, answered: undefined, hungUpBy: 'carrier' }),
    ],
    ['never-ended', ({ ledger }, index) => Object.assign(one(ledger, index), { ended: undefined })],
    [
      'while-not-running',
      ({ ledger, write }, index) =>
        write({
          kind: 'campaign_stopped',
          campaignId: 'k1',
          second: (one(ledger, index).invited.realMs - startMs) / 1_000 - 1.5,
        }),
    ],
    [
      'suppressed',
      ({ ledger, write }, index) =>
        write({ kind: 'number_suppressed', second: -5, details: { phoneNumber: one(ledger, index).to } }),
    ],
    ['contact-lost', (world) => remove(world.log, entry(world, 'finished'))],
  ]
  test.each(spoils)('with a breach of %s anywhere are not', (rule, spoil) => {
    fc.assert(
      fc.property(
        fc.record({ ...{ contacts: fc.array(plans, { minLength: 1, maxLength: 6 }) }, at: fc.nat(50) }),
        ({ contacts, at }) => {
          const world = buildValidRun({ contacts, clockSpeed: 1 })
          spoil(world, at % world.ledger.length)
          expect(world.judge().violations.map((each) => each.rule)).toContain(rule)
        },
      ),
    )
  })
})
