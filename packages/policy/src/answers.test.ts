import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { answerSorter, answerText } from './answers.ts'
import { fillPrompt } from './prompt.ts'

describe('answers find their question', () => {
  const sort = answerSorter(['Do you live in {city}?', 'How many are you?', 'Is {product} known in {{ city }} then?'])

  it.each([
    ['How many are you?', 1],
    ['how many are you', 1],
    ['HOW_MANY_ARE_YOU', 1],
    ['2', 1],
    ['q2', 1],
    ['Question 2', 1],
    ['question_2:', 1],
    ['Do you live in {city}?', 0],
    ['Do you live in New York, NY?', 0],
    ['Do you live in ?', 0],
    ['Is Acme 3 known in Rome then?', 2],
  ])('%j is answered at %i', (name, index) => {
    const { answers, others } = sort({ [name]: 'yes' })
    expect(answers.map((answer) => answer !== '')).toEqual([0, 1, 2].map((each) => each === index))
    expect(others).toEqual({})
  })

  it.each(['4', 'q0', 'budget', 'Do you like it?', '__proto__', 'Is it known then', ''])('%j is its own', (name) => {
    expect(sort(JSON.parse(`{${JSON.stringify(name)}: "yes"}`))).toMatchObject({ answers: ['', '', ''] })
    expect(Object.entries(sort(JSON.parse(`{${JSON.stringify(name)}: "yes"}`)).others)).toEqual([[name, 'yes']])
  })

  it('once: what is said again is kept beside it', () => {
    expect(sort({ q2: '21', 'How many are you?': 20, empty: '' })).toEqual({
      answers: ['', '20', ''],
      others: { q2: '21' },
    })
  })

  it('takes nothing for a question that is all placeholders, but its number', () => {
    const all = answerSorter(['{question}'])
    expect(all({ anything: 'x' })).toEqual({ answers: [''], others: { anything: 'x' } })
    expect(all({ 1: 'x' })).toEqual({ answers: ['x'], others: {} })
  })

  it('finds it however it is filled', () => {
    const word = fc.stringMatching(/^[a-z ]{0,12}$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 4 }), word, (parts, value) => {
        fc.pre(parts.some((part) => part.trim() !== ''))
        const question = parts.join(' {x} ')
        const asked = fillPrompt(question, { x: value }).text
        expect(answerSorter([question])({ [asked]: 'yes' }).answers).toEqual(['yes'])
      }),
    )
  })
})

test.each<[unknown, string]>([
  [' twenty ', 'twenty'],
  [20, '20'],
  [false, 'false'],
  [null, ''],
  [undefined, ''],
  [['a', 2, null], 'a, 2, '],
  [{ a: 1 }, '{"a":1}'],
  [[{ a: 1 }], '[{"a":1}]'],
])('the answer %j is the text %j', (value, text) => {
  expect(answerText(value)).toBe(text)
})
