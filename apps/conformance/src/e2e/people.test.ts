import { expect, test } from 'vitest'
import { choosePeople, expectedDispositions, scriptFor } from './people.ts'

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
  ['answers', ['interested'], ['completed']],
  ['answers_callback', ['callback', 'interested'], ['completed', 'completed']],
  ['answers_callback', [null], ['completed']],
  ['voicemail', ['voicemail'], ['completed']],
  ['hangs_up_mid_call', [], ['completed']],
  ['busy', [], ['busy', 'busy']],
  ['declined', [], ['no_answer', 'no_answer']],
  ['forbidden', [], ['rejected', 'rejected']],
  ['gone', [], ['invalid_number']],
  ['moved', [], ['invalid_number']],
  ['carrier_fault', [], ['trunk_error', 'trunk_error']],
  ['carrier_error_then_answers', [], ['trunk_error', 'completed']],
] as const)('%s, with the outcomes %j, is called so often', (behaviour, outcomes, dispositions) => {
  expect(expectedDispositions(behaviour, [...outcomes])).toEqual(dispositions)
})

test('the agent reports what the telephone plays, says an opt-out at once, and hangs up on nobody who hangs up', () => {
  const told = (number: string, call: number) => scriptFor(number, call).lastReport?.()
  expect(told('+12015550101', 1)).toMatchObject({ outcome: 'interested' })
  expect(scriptFor('+12015550104', 1)).toMatchObject({ reports: [{ outcome: 'do_not_call' }] })
  expect(told('+12015550103', 1)).toMatchObject({ outcome: 'callback', callbackAt: expect.any(String) })
  expect(told('+12015550103', 2)).toMatchObject({ outcome: 'interested' })
  expect(scriptFor('+12015550115', 1)).toMatchObject({ ending: 'stay' })
  expect(scriptFor('+12015550134', 1)).toMatchObject({ ending: 'stay' })
  expect(told('+12015550134', 2)).toMatchObject({ outcome: 'interested' })
})
