import { expect, test } from 'vitest'
import { choosePeople, expectedEndings, scriptFor } from './people.ts'

test('people have numbers of their own, and everything that a telephone does is there', () => {
  const people = choosePeople(300)
  expect(new Set(people.map(({ phoneNumber }) => phoneNumber)).size).toBe(300)
  const counts = Map.groupBy(people, ({ behaviour }) => behaviour)
  expect(counts.size).toBeGreaterThan(30)
  expect(counts.get('answers')?.length).toBe(72)
  expect(counts.get('gone')?.length).toBe(3)
})

test('whoever does the same is spread over the list', () => {
  const people = choosePeople(300)
  const answering = people.slice(0, 100).filter(({ behaviour }) => behaviour === 'answers')
  expect(answering.length).toBeGreaterThanOrEqual(23)
  expect(answering.length).toBeLessThanOrEqual(25)
})

test.each([
  ['answers', ['completed interested']],
  ['answers_callback', ['completed callback', 'completed interested']],
  ['answers_do_not_call', ['completed do_not_call']],
  ['voicemail', ['completed voicemail']],
  ['hangs_up_mid_call', ['completed null']],
  ['busy', ['busy null', 'busy null']],
  ['declined', ['no_answer null', 'no_answer null']],
  ['forbidden', ['rejected null', 'rejected null']],
  ['gone', ['invalid_number null']],
  ['carrier_fault', ['trunk_error null', 'trunk_error null']],
  ['carrier_error_then_answers', ['trunk_error null', 'completed interested']],
] as const)('%s is called so often', (behaviour, endings) => {
  const found = expectedEndings(behaviour).map(({ disposition, outcome }) => `${disposition} ${outcome}`)
  expect(found).toEqual(endings)
})

test('the agent reports what the telephone plays, says an opt-out at once, and hangs up on nobody who hangs up', () => {
  expect(scriptFor('+12015550101', 1)).toMatchObject({ lastReport: { outcome: 'interested' } })
  expect(scriptFor('+12015550104', 1)).toMatchObject({ reports: [{ outcome: 'do_not_call' }] })
  expect(scriptFor('+12015550103', 1)).toMatchObject({
    lastReport: { outcome: 'callback', callbackAt: expect.any(String) },
  })
  expect(scriptFor('+12015550103', 2)).toMatchObject({ lastReport: { outcome: 'interested' } })
  expect(scriptFor('+12015550115', 1)).toMatchObject({ ending: 'stay' })
  expect(scriptFor('+12015550134', 1)).toMatchObject({ ending: 'stay' })
  expect(scriptFor('+12015550134', 2)).toMatchObject({ lastReport: { outcome: 'interested' } })
})
