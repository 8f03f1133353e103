import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillPrompt, placeholdersOf, promptFiller } from './prompt.ts'

describe('filling a prompt', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['Hello {name}!', { name: 'Ada' }, 'Hello Ada!'],
    ['Hello {{name}}!', { name: 'Ada' }, 'Hello Ada!'],
    ['Hello {{ name }} and { name }!', { name: 'Ada' }, 'Hello Ada and Ada!'],
    ['{{{name}}}', { name: 'Ada' }, '{Ada}'],
    ['{first_name}', { 'First Name': 'Ada' }, 'Ada'],
    ['{First Name}', { firstName: 'Ada' }, 'Ada'],
    ['{{FIRST-NAME}}', { first_name: 'Ada' }, 'Ada'],
    ['{Prénom}', { prénom: 'Zoé' }, 'Zoé'],
    ['{address2}', { address2: 'Flat 1' }, 'Flat 1'],
    ['{n} {yes}', { n: 0, yes: false }, '0 false'],
    ['{a}{b}', { a: '{b}', b: '$&' }, '{b}$&'],
    ['Answer as {"a": 1, "who": "{name}"} or {}', { name: 'Ada', a: 'no' }, 'Answer as {"a": 1, "who": "Ada"} or {}'],
    ['{1}, {a:b}, { }, {a', { 1: 'x', a: 'x' }, '{1}, {a:b}, { }, {a'],
    ['{items}', { items: ['a', 'b'] }, '["a","b"]'],
  ])('%j with %j is %j', (template, values, text) => {
    expect(fillPrompt(template, values)).toEqual({ text, missing: [] })
  })

  test('reports each name without a value once, and uses the default', () => {
    const template = '{Name}, {{company}}, {name}, {city}'
    const values = { name: ' ', city: null }
    expect(fillPrompt(template, values, { NAME: 'there', other: 'x' })).toEqual({
      text: 'there, , there, ',
      missing: ['Name', 'company', 'city'],
    })
  })

  test('does not find what objects inherit', () => {
    expect(fillPrompt('{constructor}{toString}{__proto__}', {}).text).toBe('')
  })

  test('takes the first filled column when two have the same name', () => {
    expect(fillPrompt('{email}', { Email: '', 'e-mail': 'a@example.com', EMAIL: 'b@example.com' }).text).toBe(
      'a@example.com',
    )
  })
})

test('of several sources the first counts that has something under the name, however it is spelled', () => {
  const fill = promptFiller(
    [
      { First_Name: 'Ada', city: ' ' },
      { 'first name': 'Bob', City: 'Rome' },
    ],
    { city: 'town' },
  )
  expect(fill('{firstName} of {city}')).toEqual({ text: 'Ada of Rome', missing: [] })
  expect(fill('{country}')).toEqual({ text: '', missing: ['country'] })
})

test('placeholders are listed once, as first written', () => {
  expect(placeholdersOf('{First Name} {{first_name}} {company} {"json": 1}')).toEqual(['First Name', 'company'])
  expect(placeholdersOf('nothing here')).toEqual([])
})

test('text without placeholders stays as it is, and values never bring new ones in', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (before, value) => {
      const plain = before.replaceAll('{', '(')
      expect(fillPrompt(plain, { name: value })).toEqual({ text: plain, missing: [] })
      const filled = fillPrompt(`${plain}{{name}}`, { name: value })
      expect(filled.text).toBe(`${plain}${value.trim()}`)
    }),
  )
})

test('everything that is listed is reported when there are no values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('{', '}', '{{', '}}', ' ', 'a', 'b_c', '"', ':'), fc.string()), {
        maxLength: 30,
      }),
      (parts) => {
        const template = parts.join('')
        expect(fillPrompt(template, {}).missing).toEqual(placeholdersOf(template))
      },
    ),
  )
})

test('a very long prompt full of braces is read in time', () => {
  const template = '{a '.repeat(50_000)
  expect(fillPrompt(template, {}).text).toBe(template)
})
